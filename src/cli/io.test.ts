import { expect, test } from 'vitest'
import { visible } from './io.ts'

test('what others wrote moves no cursor, and turns no line around', () => {
  expect(visible('www  \u001b[2Jv=spf1\u0007\r\n\u009b31m \u202egnp.exe\u2066')).toBe(
    'www  \\u{1b}[2Jv=spf1\\u{7}\\u{d}\\u{a}\\u{9b}31m \\u{202e}gnp.exe\\u{2066}',
  )
  expect(visible('grüße → 192.0.2.1 | "日本"')).toBe('grüße → 192.0.2.1 | "日本"')
})
