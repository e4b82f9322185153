import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('a line is JSON, with time, level, facts and words', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  log.debug({ unsaid: true }, 'below the level')
  log.warn({ zone: 'example.com', err: new TypeError('broken') }, 'in words')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    zone: 'example.com',
    err: { type: 'TypeError', message: 'broken', stack: expect.any(String) },
    msg: 'in words',
  })
})

test('headers that are secret do not get out', () => {
  const lines: string[] = []
  const headers = {
    authorization: 'Bearer abc',
    'x-dns-signature': 'abc',
    'x-auth-key': 'abc',
    accept: '*/*',
  }
  createLog('info', { write: (line) => void lines.push(line) }).info({ headers }, 'sent')
  expect(lines.join()).not.toContain('abc')
  expect(lines.join()).toContain('*/*')
})
