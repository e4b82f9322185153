import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../../tests/support/child-program.ts'
import { losing } from './standard-output.ts'

test('what could not be written is counted, and told with the next line that can be', () => {
  const lines: string[] = []
  let isFull = false
  const sink = losing((line) => {
    if (isFull) return undefined
    lines.push(line)
    return true
  })
  sink.write('one')
  isFull = true
  for (const line of ['two', 'three']) sink.write(line)
  isFull = false
  for (const line of ['four', 'five']) sink.write(line)
  const [, loss = ''] = lines
  expect(lines).toEqual(['one', loss, 'four', 'five'])
  expect(JSON.parse(loss)).toMatchObject({ level: 'warn', lost: 2, time: expect.any(String) })
})

describe('a process goes on', () => {
  let program: string
  beforeAll(async () => {
    program = await bundled(new URL('../../tests/support/log-program.ts', import.meta.url))
  })
  afterAll(() => rmSync(program, { force: true }))

  test.each([
    ['whose reader stands still', '| sleep 3'],
    ['whose reader is gone', '| true'],
    ['whose disk is full', '> /dev/full'],
  ])('%s', async (_what, output) => {
    const child = spawn('/bin/sh', ['-c', `"$0" "$1" ${output}`, process.execPath, program], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const closed = once(child, 'close')
    let said = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => {
      said += text
    })
    await expect.poll(() => said, { timeout: 10_000 }).toBe('still here\n')
    await closed
  })
})
