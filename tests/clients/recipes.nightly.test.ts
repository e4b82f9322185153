// needs: program, curl, python3
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startEmulator } from '#emulator/serve.ts'
import { root } from '../support/imports.ts'

/** The code blocks of the page, in its order, by language. */
function blocks(language: string): string[] {
  const page = readFileSync(`${root}docs/emulator.md`, 'utf8')
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, code]) =>
    name === language ? [code!] : [],
  )
}

let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-recipes-'))
})
afterEach(() => {
  for (const { pid } of children.splice(0)) endGroup(pid!)
  rmSync(folder, { recursive: true })
})

/** The recipes start their own emulators, which a recipe that fails may leave behind. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem
  }
}

/** What the program prints, once it has ended with 0. */
function printed(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(command, [...args], {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      text += words
    })
  }
  return new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}:\n${text}`)),
    )
  })
}

describe('the recipes of docs/emulator.md do what they say:', () => {
  test('from any language', async () => {
    const [script] = blocks('sh')
    mkdirSync(join(folder, 'bin'))
    symlinkSync(`${root}bin/zonewright`, join(folder, 'bin/zonewright'))
    const words = await printed('sh', ['-e', '-c', script!], folder)
    expect(words).toContain('"name":"example.com"')
    expect(words).toContain('"records":[]')
  })

  test('in Python', async () => {
    const token = 'a-token-of-at-least-40-characters-0123456'
    const zones = [{ name: 'example.com' }]
    const running = await startEmulator({ port: 0, zones, credentials: [{ kind: 'token', token }] })
    const env = { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_BASE_URL: running.apiUrl }
    try {
      expect(await printed('python3', ['-c', blocks('python')[0]!], folder, env)).toBe(
        "['www.example.com']\n",
      )
    } finally {
      await running.close()
    }
  })

  test('from Node', async () => {
    expect(await printed(process.execPath, ['--input-type=module', '-e', blocks('js')[0]!], root)).toBe(
      'www.example.com 192.0.2.1\n',
    )
  })

  test('in process', async () => {
    const here = `${root}.zonewright/recipes`
    mkdirSync(here, { recursive: true })
    const file = `${here}/${process.pid}.ts`
    // To be imported, and once only.
    writeFileSync(file, `${blocks('ts')[0]}\nexport const done = true\n`)
    try {
      expect(await import(/* @vite-ignore */ file)).toMatchObject({ done: true })
    } finally {
      rmSync(file)
    }
  })

  test('in CI, with the seed of the page', async () => {
    const [seed, workflow] = blocks('yaml')
    writeFileSync(join(folder, 'dns.yaml'), seed!)
    symlinkSync(root, join(folder, 'zonewright'))
    const { steps } = (parse(workflow!) as { jobs: { test: { steps: { name?: string; run?: string }[] } } })
      .jobs.test
    const environment = join(folder, 'github.env')
    writeFileSync(environment, '')
    let words = ''
    for (const { run } of steps.filter(({ name }) => name !== undefined)) {
      const known = readFileSync(environment, 'utf8').split('\n').filter(Boolean)
      const env = Object.fromEntries(known.map((line) => line.split(/=(.*)/s) as [string, string]))
      words = await printed('bash', ['-e', '-c', run!], folder, { ...env, GITHUB_ENV: environment })
    }
    expect(words).toContain('This API Token is valid and active')
  })
})
