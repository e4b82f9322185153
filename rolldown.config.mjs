import { defineConfig } from 'rolldown'

// One file: the largest lever there is on start-up and memory (decisions/007). One letter beyond Latin-1, be it in a
// comment, and V8 keeps all of it with two octets a character.
export default defineConfig({
  input: { zonewright: 'src/cli/zonewright.ts' },
  platform: 'node',
  external: ['better-sqlite3', '@node-rs/argon2'],
  output: {
    dir: 'dist',
    format: 'esm',
    codeSplitting: false,
    comments: { legal: true, annotation: false, jsdoc: false },
    charset: 'ascii',
  },
  checks: { eval: false },
})
