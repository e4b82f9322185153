import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Name } from '#dns/name.ts'
import type { Change } from '#dns/plan.ts'
import type { NewRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import { aName, aValue } from '#dns/testing.ts'
import { type BatchDone, type Provider, ProviderError } from '#providers/provider.ts'

/** A zone in which the tests may write below names of their own; what else is in it is left alone. */
export interface TestZone {
  readonly client: Provider
  readonly zone: { readonly id: string; readonly name: Name }
}

/**
 * What we rely on in a provider: held against Cloudflare's client over the emulator, against a real zone by whoever has
 * a token for one, and against a provider in memory. Every name is below one that is drawn for each test, and is removed
 * after it.
 */
export function providerContract(connect: () => Promise<TestZone>): void {
  let client: Provider
  let zone: TestZone['zone']
  let below: string

  beforeEach(async () => {
    ;({ client, zone } = await connect())
    below = `zonewright-${randomBytes(5).toString('hex')}`
  })
  afterEach(async () => {
    const left = await ours()
    if (left.length > 0) await batch(left.map((record) => ({ kind: 'delete', record })))
  })

  const batch = async (changes: readonly Change[]): Promise<BatchDone> =>
    client.batch(zone.id, changes, await client.permit('machines', 60_000))
  const ours = async () =>
    (await client.listRecords(zone.id, 'machines')).records.filter(({ name }) =>
      name.endsWith(`.${below}.${zone.name}`),
    )
  const nameOf = (label: string) => aName(`${label}.${below}.${zone.name}`)

  /** `fresh('www A 192.0.2.1')` */
  function fresh(text: string, more: Partial<NewRecord> = {}): NewRecord {
    const [label, type, ...value] = text.split(' ')
    const name = nameOf(label!)
    return {
      name,
      type: type as RecordType,
      value: aValue(type as RecordType, value.join(' ')),
      ttl: 300,
      proxied: false,
      comment: null,
      ...more,
    }
  }
  const post = (to: NewRecord): Change => ({ kind: 'post', to })
  const created = async (...records: readonly NewRecord[]) => (await batch(records.map(post))).created
  const refusalOf = async (...changes: readonly Change[]): Promise<ProviderError> => {
    const outcome = await batch(changes).catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(ProviderError)
    return outcome as ProviderError
  }
  const missing = () => ({ ...fresh('gone A 192.0.2.1'), id: '0f'.repeat(16) as RecordId, readOnly: false })

  /** A list may lag behind what was answered. */
  const expectHeld = (records: readonly ZoneRecord[]) =>
    expect
      .poll(async () => sorted(await ours()), { timeout: 30_000, interval: 1_000 })
      .toEqual(sorted(records))

  test('the zone is among those that the credential sees', async () => {
    const listed = await client.listZones('machines')
    expect(listed.find(({ id }) => id === zone.id)).toMatchObject({
      name: zone.name,
      status: 'active',
      type: 'full',
    })
  })

  describe('a record comes back as it was written:', () => {
    const values: readonly string[] = [
      'a A 192.0.2.1',
      'aaaa AAAA 2001:db8::1',
      'mapped AAAA 2001:db8:0:1:1:1:1:1',
      'caa CAA 0 issue "letsencrypt.org"',
      'caa CAA 0 issuewild ";"',
      'caa CAA 128 iodef "mailto:security@example.com"',
      'cname CNAME host.example.net',
      'dkim CNAME k1._domainkey.example.net',
      'mx MX 10 mail.example.net',
      'nullmx MX 0 .',
      'ns NS ns1.example.net',
      '_sip._tcp SRV 10 5 443 host.example.net',
      '_none._tcp SRV 0 0 0 .',
      'spf TXT v=spf1 include:_spf.example.net -all',
      'quoted TXT say "hello" \\ to C:\\temp',
      'accents TXT grüße, 你好',
      'semi TXT v=DMARC1; p=none; rua=mailto:d@example.com',
      'blank TXT  two  blanks ',
      `long TXT ${'0123456789'.repeat(60)}`,
      'edge TXT "\\000\\255"',
      '* A 192.0.2.2',
      'xn--bcher-kva A 192.0.2.3',
      '_dmarc TXT v=DMARC1',
    ]
    for (const text of values) {
      test(text.slice(0, 60), async () => {
        const record = fresh(text, { ttl: 3_600, comment: 'zonewright:test' })
        const [answered] = await created(record)
        expect(answered).toEqual({ ...record, id: answered?.id, readOnly: false })
        expect(answered?.id).toMatch(/^[0-9a-f]{32}$/)
        await expectHeld([answered!])
      })
    }
  })

  test('what was created is told in the order in which it was asked for', async () => {
    const asked = ['c A 192.0.2.3', 'a A 192.0.2.1', 'b TXT one', 'a A 192.0.2.2', 'b MX 10 mail.example.net']
    const records = asked.map((text) => fresh(text))
    expect((await created(...records)).map(({ name, type, value }) => ({ name, type, value }))).toEqual(
      records.map(({ name, type, value }) => ({ name, type, value })),
    )
  })

  test('a TTL is kept, and automatic is 1', async () => {
    const answered = await created(
      ...[1, 60, 86_400].map((ttl, index) => fresh(`n${index} A 192.0.2.1`, { ttl })),
    )
    expect(answered.map(({ ttl }) => ttl)).toEqual([1, 60, 86_400])
  })

  test('a proxied record says that it is, and that its TTL is automatic', async () => {
    const [answered] = await created(fresh('www A 192.0.2.1', { proxied: true, ttl: 1 }))
    expect(answered).toMatchObject({ proxied: true, ttl: 1 })
    await expectHeld([answered!])
  })

  test('a patch changes the record in place: its id and its comment stay', async () => {
    const [before] = await created(fresh('www A 192.0.2.1', { comment: 'by hand' }))
    const { comment: _, ...to } = fresh('www A 192.0.2.7', { ttl: 600 })
    const { patched } = await batch([{ kind: 'patch', record: before!, to }])
    const after = { ...before!, value: to.value, ttl: 600 }
    expect(patched).toEqual([after])
    await expectHeld([after])
  })

  test('a patch keeps what every type says: MX, SRV and CAA', async () => {
    const texts = [
      ['mx MX 10 mail.example.net', 'mx MX 20 backup.example.net'],
      ['_sip._tcp SRV 10 5 443 host.example.net', '_sip._tcp SRV 0 0 8443 other.example.net'],
      ['caa CAA 0 issue "letsencrypt.org"', 'caa CAA 0 issue "ca.example.net"'],
      ['txt TXT one', 'txt TXT two'],
    ] as const
    const before = await created(...texts.map(([text]) => fresh(text)))
    const { patched } = await batch(
      texts.map(([, text], index) => {
        const { comment: _, ...to } = fresh(text)
        return { kind: 'patch', record: before[index]!, to }
      }),
    )
    expect(patched.map(({ value }) => value)).toEqual(texts.map(([, text]) => fresh(text).value))
    await expectHeld(patched)
  })

  test('a replaced record has a new id, and the old one is gone', async () => {
    const [before] = await created(fresh('www A 192.0.2.1'))
    const done = await batch([{ kind: 'replace', record: before!, to: fresh('www A 192.0.2.1') }])
    expect(done.deleted).toEqual([before!.id])
    expect(done.created[0]!.id).not.toBe(before!.id)
    await expectHeld(done.created)
  })

  test('an address moves in as the CNAME leaves its name, in one batch', async () => {
    const [cname] = await created(fresh('www CNAME host.example.net'))
    const done = await batch([post(fresh('www A 192.0.2.1')), { kind: 'delete', record: cname! }])
    await expectHeld(done.created)
  })

  describe('all of a batch is done, or none of it:', () => {
    test('one that is refused undoes the others', async () => {
      const [kept] = await created(fresh('kept A 192.0.2.1'))
      const fault = await refusalOf(
        post(fresh('new A 192.0.2.2')),
        { kind: 'delete', record: kept! },
        post(fresh('kept A 192.0.2.9', { ttl: 30 })),
      )
      expect(fault).toMatchObject({ kind: 'refused', outcome: 'not-executed' })
      expect(fault.message).not.toBe('')
      await expectHeld([kept!])
    })

    test('a delete of an id that is gone: the fence of record ids', async () => {
      const fault = await refusalOf({ kind: 'delete', record: missing() }, post(fresh('www A 192.0.2.2')))
      expect(fault).toMatchObject({ kind: 'stale-view', outcome: 'not-executed' })
      await expectHeld([])
    })

    test('a patch of an id that is gone', async () => {
      const { comment: _, ...to } = fresh('gone A 192.0.2.7')
      const fault = await refusalOf({ kind: 'patch', record: missing(), to }, post(fresh('www A 192.0.2.2')))
      expect(fault).toMatchObject({ kind: 'stale-view', outcome: 'not-executed' })
      await expectHeld([])
    })

    test('a replacement whose id was replaced before', async () => {
      const [before] = await created(fresh('www A 192.0.2.1'))
      const replace: Change = { kind: 'replace', record: before!, to: fresh('www A 192.0.2.1') }
      const done = await batch([replace])
      expect((await refusalOf(replace)).outcome).toBe('not-executed')
      await expectHeld(done.created)
    })
  })

  describe('what does not fit the picture we have of the zone is told by its code:', () => {
    const conflicts: readonly [string, ...string[]][] = [
      ['an identical record', 'www A 192.0.2.1', 'www A 192.0.2.1'],
      ['a CNAME beside an address', 'www A 192.0.2.1', 'www CNAME host.example.net'],
      ['an address beside a CNAME', 'www CNAME host.example.net', 'www A 192.0.2.1'],
      ['a second CNAME', 'www CNAME host.example.net', 'www CNAME other.example.net'],
    ]
    for (const [title, there, coming] of conflicts) {
      test(title, async () => {
        const held = await created(fresh(there!))
        const fault = await refusalOf(post(fresh(coming!)))
        expect(fault).toMatchObject({ kind: 'stale-view', outcome: 'not-executed' })
        await expectHeld(held)
      })
    }
  })

  test('a CNAME stands beside MX and TXT', async () => {
    const held = await created(fresh('www MX 10 mail.example.net'), fresh('www TXT one'))
    const added = await created(fresh('www CNAME host.example.net'))
    await expectHeld([...held, ...added])
  })

  test('a zone that the credential does not see is neither read nor written', async () => {
    const elsewhere = '0e'.repeat(16)
    await expect(client.listRecords(elsewhere, 'machines')).rejects.toMatchObject({ outcome: 'not-executed' })
    const permit = await client.permit('machines', 60_000)
    const writing = client.batch(elsewhere, [post(fresh('www A 192.0.2.1'))], permit)
    await expect(writing).rejects.toMatchObject({ outcome: 'not-executed' })
  })
}

function sorted(records: readonly ZoneRecord[]): readonly ZoneRecord[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1))
}
