import { describe, expect, test } from 'vitest'
import type { ZoneSeed } from '#emulator/emulator.ts'
import { openPractice } from './testing.ts'

const practice = openPractice()

describe('zones', () => {
  const seen = async (zones: readonly ZoneSeed[], ...argv: readonly string[]) => {
    await practice.startCloudflare({ zones })
    const { code, lines } = await practice.doctor({}, ...argv)
    return { code, lines: lines.filter((line) => /^. zones:/.test(line)) }
  }

  test('that do not work are told, and are a fault where none works', async () => {
    const pending: ZoneSeed = {
      name: 'example.org',
      status: 'pending',
      nameServers: ['a.example', 'b.example'],
    }
    expect(await seen([pending])).toEqual({
      code: 1,
      lines: [
        '✗ zones: example.org is pending: nobody asks Cloudflare for it yet; name a.example and b.example at its registrar.',
      ],
    })
    const moved: ZoneSeed = { name: 'example.net', status: 'moved' }
    const secondary: ZoneSeed = { name: 'sub.example.com', type: 'secondary' }
    const paused: ZoneSeed = { name: 'paused.example.com', paused: true }
    const { code, lines } = await seen([{ name: 'example.com' }, pending, moved, secondary, paused])
    expect([code, lines]).toEqual([
      0,
      [
        '✓ zones: 1 active: example.com.',
        expect.stringMatching(/^! zones: example\.net has moved/),
        expect.stringMatching(/^! zones: example\.org is pending/),
        expect.stringMatching(/^! zones: paused\.example\.com is paused/),
        expect.stringMatching(/^! zones: sub\.example\.com is a secondary zone/),
      ],
    ])
  })
})
