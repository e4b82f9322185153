import { readFileSync } from 'node:fs'

/** `left => right` for each line of a file of this folder that is not a comment. */
export function vectorLines(file: string): [left: string, right: string][] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.lastIndexOf(' => ')
      return [line.slice(0, at), line.slice(at + ' => '.length)]
    })
}
