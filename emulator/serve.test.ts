import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { type DecodedPacket, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { answerIn, CHALLENGE, fieldsOf, VERIFIER } from './oauth/testing.ts'
import { type RunningEmulator, type ServeOptions, startEmulator } from './serve.ts'
import { TOKEN } from './testing.ts'

let running: RunningEmulator | undefined

afterEach(async () => {
  await running?.close()
  running = undefined
})

async function start(options: Partial<ServeOptions> = {}): Promise<RunningEmulator> {
  running = await startEmulator({
    port: 0,
    dnsPort: 0,
    zones: [{ name: 'example.com' }],
    credentials: [{ kind: 'token', token: TOKEN }],
    ...options,
  })
  return running
}

const question: Packet = {
  type: 'query',
  id: 4_711,
  questions: [{ type: 'A', name: 'www.example.com' }],
}

const withEdns: Packet = {
  ...question,
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 4_096,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
}

function overUdp(port: number, query: Packet): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.on('error', reject)
    socket.on('message', (message) => {
      socket.close()
      resolve(decode(message))
    })
    socket.send(encode(query), port, '127.0.0.1')
  })
}

function overTcp(port: number, queries: readonly Packet[]): Promise<Packet[]> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const answers: Packet[] = []
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.concat(queries.map((query) => streamEncode(query))))
    })
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0)
        answers.push(streamDecode(received.subarray(0, end)))
        received = received.subarray(end)
      }
      if (answers.length === queries.length) {
        socket.destroy()
        resolve(answers)
      }
    })
  })
}

describe('behind real ports', () => {
  test('a record created over HTTP is answered over UDP and over TCP', async () => {
    const { apiUrl, dnsPort, emulator } = await start()
    const zoneId = emulator.state.zones()[0]?.id
    const response = await fetch(`${apiUrl}/zones/${zoneId}/dns_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'A', name: 'www', content: '192.0.2.1', ttl: 120 }),
    })
    expect(response.status).toBe(200)

    const udp = await overUdp(dnsPort!, question)
    expect(udp).toMatchObject({ id: 4_711, flag_aa: true, rcode: 'NOERROR' })
    expect(udp.answers).toMatchObject([{ type: 'A', name: 'www.example.com', ttl: 120, data: '192.0.2.1' }])

    const [first, second] = await overTcp(dnsPort!, [question, { ...question, id: 4_712 }])
    expect(first?.answers).toMatchObject([{ data: '192.0.2.1' }])
    expect(second?.id).toBe(4_712)
  })

  test('an answer too large for UDP comes truncated, and whole over TCP or with EDNS', async () => {
    const contents = Array.from({ length: 30 }, (_, index) => `192.0.2.${index + 1}`)
    const records = contents.map((content) => ({ type: 'A', name: 'www', content }))
    const { dnsPort } = await start({ zones: [{ name: 'example.com', records }] })
    expect(await overUdp(dnsPort!, question)).toMatchObject({ flag_tc: true, answers: [] })
    const [whole] = await overTcp(dnsPort!, [question])
    expect(whole?.answers).toHaveLength(30)
    const edns = await overUdp(dnsPort!, withEdns)
    expect(edns).toMatchObject({ flag_tc: false })
    expect(edns.answers).toHaveLength(30)
    expect(edns.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1_232 }])
    for (let host = 31; host <= 40; host += 1) {
      running!.emulator.state.addRecord('example.com', { type: 'A', name: 'www', content: `192.0.2.${host}` })
    }
    expect(await overUdp(dnsPort!, withEdns)).toMatchObject({ flag_tc: true, answers: [] })
  })

  test('latency is waited for before the answer, not before the commit', async () => {
    const { apiUrl, emulator } = await start({ latencyMs: 200 })
    const zoneId = emulator.state.zones()[0]?.id
    const begun = performance.now()
    const answer = fetch(`${apiUrl}/zones/${zoneId}/dns_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'A', name: 'www', content: '192.0.2.1' }),
    })
    await expect.poll(() => emulator.state.records('example.com').length, { interval: 5 }).toBe(1)
    await answer
    expect(performance.now() - begun).toBeGreaterThanOrEqual(195)
  })

  test('a client gets its tokens over HTTP, by way of the page', async () => {
    const redirect = 'http://localhost:3000/callback'
    const { siteUrl, apiUrl } = await start({
      oauthClients: [{ id: 'tool', name: 'Tool', redirectUris: [redirect], public: true }],
    })
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'tool',
      redirect_uri: redirect,
      scope: 'zone.read dns.read offline_access',
      state: 'state-0123456789',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    })
    const page = await fetch(`${siteUrl}/oauth2/auth?${query}`)
    const fields = fieldsOf(await page.text())
    fields.append('decision', 'accept')
    const decided = await fetch(`${siteUrl}/oauth2/consent`, {
      method: 'POST',
      headers: { cookie: page.headers.get('set-cookie')!.split(';')[0]! },
      body: fields,
      redirect: 'manual',
    })
    expect(decided.status).toBe(303)
    const { code = '', state } = answerIn(decided.headers.get('location') ?? '')
    expect(state).toBe('state-0123456789')
    const ask = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: 'tool', ...form })
      const answer = await fetch(`${siteUrl}/oauth2/token`, { method: 'POST', body })
      return { status: answer.status, json: (await answer.json()) as Record<string, string> }
    }
    const first = await ask({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
      code_verifier: VERIFIER,
    })
    const second = await ask({ grant_type: 'refresh_token', refresh_token: first.json.refresh_token! })
    const zones = await fetch(`${apiUrl}/zones`, {
      headers: { authorization: `Bearer ${second.json.access_token}` },
    })
    expect([first.status, second.status, zones.status]).toEqual([200, 200, 200])
    const document = await fetch(`${siteUrl}/.well-known/openid-configuration`)
    expect(await document.json()).toMatchObject({ issuer: siteUrl })
  })

  test('a hanging, resetting or dripping answer does so on the wire', async () => {
    const { apiUrl, emulator } = await start()
    const list = (signal?: AbortSignal) =>
      fetch(`${apiUrl}/zones`, { headers: { authorization: `Bearer ${TOKEN}` }, ...(signal && { signal }) })

    emulator.faults.script([
      { fault: 'F6' },
      { fault: 'F10', form: 'headers' },
      { fault: 'F10', form: 'body-part' },
    ])
    await expect(list()).rejects.toThrow()
    for (const _form of ['headers', 'body-part']) {
      const broken = await list()
      expect(broken.status).toBe(200)
      await expect(broken.text()).rejects.toThrow()
    }

    emulator.faults.script([{ fault: 'F7' }])
    const giveUp = new AbortController()
    const hanging = list(giveUp.signal)
    await expect.poll(() => emulator.faults.hits().some(({ fault }) => fault === 'F7')).toBe(true)
    giveUp.abort()
    await expect(hanging).rejects.toThrow('abort')

    emulator.faults.script([{ fault: 'F11' }])
    const dripping = await list()
    const reader = dripping.body!.getReader()
    expect((await reader.read()).value).toHaveLength(1)
    await reader.cancel()
  })

  test('a request that is cut off in the middle changes nothing and harms nobody', async () => {
    const { port, apiUrl, emulator } = await start()
    const head = 'POST /client/v4/zones HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(head, () => socket.destroy()))
      socket.on('close', () => resolve())
    })
    const answer = await fetch(`${apiUrl}/zones`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect(answer.status).toBe(200)
    expect(emulator.state.calls().map(({ route }) => route)).toEqual(['zones'])
  })

  test('a taken port is an error that says so, and leaves nothing open', async () => {
    const { port } = await start()
    await expect(startEmulator({ port: 0, controlPort: port })).rejects.toThrow('EADDRINUSE')
  })
})
