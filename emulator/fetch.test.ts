import { describe, expect, test } from 'vitest'
import { createEmulator } from './emulator.ts'
import { emulatorFetch } from './fetch.ts'
import { TOKEN } from './testing.ts'

function started() {
  const emulator = createEmulator({
    zones: [{ name: 'example.com' }],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  const fetch = emulatorFetch(emulator)
  const zones = (init: RequestInit = {}) =>
    fetch('https://api.cloudflare.com/client/v4/zones?name=example.com', {
      headers: { authorization: `Bearer ${TOKEN}` },
      ...init,
    })
  return { emulator, fetch, zones }
}

describe('the emulator as a fetch', () => {
  test('answers whatever host is asked', async () => {
    const { zones } = started()
    const response = await zones()
    expect([response.status, response.headers.get('server')]).toEqual([200, 'cloudflare'])
    expect(await response.json()).toMatchObject({ success: true, result: [{ name: 'example.com' }] })
  })

  test('takes forms with files', async () => {
    const { emulator, fetch } = started()
    const form = new FormData()
    form.set('proxied', 'true')
    form.set('file', new Blob(['www 1 A 192.0.2.1\ntext 300 TXT one ; cf_tags=cf-proxied:false\n']))
    const response = await fetch(
      `https://cloudflare.example/client/v4/zones/${emulator.state.zones()[0]!.id}/dns_records/import`,
      { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: form },
    )
    expect(await response.json()).toMatchObject({ result: { recs_added: 2, total_records_parsed: 2 } })
    expect(emulator.state.records('example.com')).toMatchObject([
      { name: 'www.example.com', proxied: true },
      { name: 'text.example.com', proxied: false, content: '"one"' },
    ])
  })

  test('fails as a connection does', async () => {
    const { emulator, zones } = started()
    emulator.faults.script([{ fault: 'F6', route: 'zones' }])
    await expect(zones()).rejects.toThrow('fetch failed')
  })

  test('hangs until its caller has had enough', async () => {
    const { emulator, zones } = started()
    emulator.faults.script([{ fault: 'F7', route: 'zones' }])
    const enough = new AbortController()
    const waiting = zones({ signal: enough.signal })
    setImmediate(() => enough.abort(new Error('enough')))
    await expect(waiting).rejects.toThrow()
  })
})
