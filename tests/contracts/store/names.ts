import { expect, test } from 'vitest'
import { NameTaken, type NewIntent } from '#store/declared.ts'
import type { Store } from '#store/store.ts'
import { keyIn, NOON, newIntent, OTHER_ZONE, record, ZONE } from '../../support/samples.ts'

/** Two callers never share a name: whoever asks first has it, until nothing of theirs is left there. */
export function nameContract(store: () => Store): void {
  const shop = (text: string, more: Partial<NewIntent> = {}) => newIntent(text, { caller: 'shop', ...more })
  const blog = (text: string, more: Partial<NewIntent> = {}) => newIntent(text, { caller: 'blog', ...more })

  test('a name that another caller asked for first is refused, with its owner', async () => {
    await store().addIntent(shop('www A 192.0.2.1'))
    const refusal = await store()
      .addIntent(blog('www A 192.0.2.2'))
      .catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(NameTaken)
    expect(refusal).toMatchObject({ owner: 'shop' })
    expect(await store().waitingIntents(ZONE)).toHaveLength(1)
  })

  test('a name is one for every type and in every zone, and the names beside it are free', async () => {
    await kept(shop('www A 192.0.2.1'))
    await expect(store().addIntent(blog('www TXT "hello"'))).rejects.toThrow(NameTaken)
    await expect(store().addIntent(blog('www A 192.0.2.2', { zone: OTHER_ZONE }))).rejects.toThrow(NameTaken)
    await store().addIntent(blog('sub.www A 192.0.2.2'))
    await store().addIntent(blog('@ A 192.0.2.2'))
  })

  const delegation = { delegates: true } as const

  test('a name with names of others below it is not delegated, be they kept or asked for', async () => {
    await kept(shop('a.kept A 192.0.2.1'))
    await store().addIntent(shop('a.asked A 192.0.2.1'))
    for (const name of ['kept', 'asked']) {
      const refusal = store().addIntent(blog(`${name} NS ns1.example.net`, delegation))
      await expect(refusal).rejects.toMatchObject({ name: 'NameTaken', owner: 'shop' })
    }
    const both = [shop('a.now A 192.0.2.1'), blog('now NS ns1.example.net', delegation)]
    const answers = await Promise.allSettled(both.map((one) => store().addIntent(one)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('names beside it, in other zones, and of one’s own hinder no delegation', async () => {
    await kept(shop('a.bxc A 192.0.2.1'))
    await kept(shop('ab_c A 192.0.2.1'))
    await kept(shop('o.b_c A 192.0.2.1', { zone: OTHER_ZONE }))
    await kept(blog('a.b_c A 192.0.2.1'))
    await store().addIntent(blog('b_c NS ns1.example.net', delegation))
  })

  test('a delegation goes on, and can be taken back, with names of others below it', async () => {
    await kept(blog('sub NS ns1.example.net', delegation))
    await kept(shop('a.sub A 192.0.2.1'))
    await kept(blog('sub NS ns2.example.net', delegation))
    await kept(blog('sub NS -', delegation))
    await expect(store().addIntent(blog('sub NS ns1.example.net', delegation))).rejects.toThrow(NameTaken)
    await store().addIntent(blog('sub NS -', delegation))
  })

  test('what others keep at a name is not deleted, even where the set itself is nobody’s', async () => {
    await kept(shop('www A 192.0.2.1'))
    await expect(store().addIntent(blog('www A -'))).rejects.toThrow(NameTaken)
    await expect(store().addIntent(blog('www TXT -'))).rejects.toThrow(NameTaken)
  })

  test('its owner goes on as before', async () => {
    await kept(shop('www A 192.0.2.1'))
    await store().addIntent(shop('www A 192.0.2.2'))
    await store().addIntent(shop('www TXT "hello"'))
  })

  test('a name is free once the last set there is gone, and not before', async () => {
    await kept(shop('www A 192.0.2.1'))
    await kept(shop('www TXT "hello"'))
    await kept(shop('www A -'))
    await expect(store().addIntent(blog('www A 192.0.2.2'))).rejects.toThrow(NameTaken)
    await kept(shop('www TXT -'))
    await store().addIntent(blog('www A 192.0.2.2'))
    await expect(store().addIntent(shop('www A 192.0.2.1'))).rejects.toThrow(NameTaken)
  })

  test('what was asked for and taken back, or refused, holds no name', async () => {
    const { generation } = await store().addIntent(shop('www A 192.0.2.1'))
    await store().withdrawIntent(generation)
    const lease = await leaseOf(ZONE)
    const intent = await store().addIntent(blog('www A 192.0.2.2'))
    const outcome = { code: 'refused', message: 'no', details: {} } as const
    await store().endIntents(lease, [{ intent, outcome }], NOON)
    await store().addIntent(shop('www A 192.0.2.1'))
  })

  test('an heir takes a name over as it asks for it, and its former owner has it no more', async () => {
    await kept(newIntent('www A 192.0.2.1'))
    await kept(shop('www A 192.0.2.1', { heirOf: ['default'] }))
    expect((await store().setState(ZONE, keyIn('www A'))).managed?.caller).toBe('shop')
    await expect(store().addIntent(newIntent('www TXT "hello"'))).rejects.toThrow(NameTaken)
  })

  test('what an undo brought back belongs to nobody, and to whoever asks', async () => {
    await kept(newIntent('www A 192.0.2.1', { caller: 'undo', origin: 'undo' }))
    await store().addIntent(blog('www A 192.0.2.2'))
  })

  test('who keeps a set goes on with it, even beside one of others', async () => {
    await kept(shop('www A 192.0.2.1'))
    // As a program of before would have it, which asked nobody.
    const intent = await store().addIntent(shop('www TXT "hello"'))
    await ended({ ...intent, caller: 'blog' })
    await store().addIntent(blog('www TXT "hi"'))
    await store().addIntent(shop('www A 192.0.2.2'))
  })

  test('of many callers that ask for one name at once, one gets it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const asking = Array.from({ length: 12 }, (_, index) =>
        store().addIntent(newIntent(`n${round} A 192.0.2.${index}`, { caller: `c${index}` })),
      )
      const answers = await Promise.allSettled(asking)
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  async function kept(wanted: NewIntent): Promise<void> {
    await ended(await store().addIntent(wanted))
  }

  async function ended(intent: Awaited<ReturnType<Store['addIntent']>>): Promise<void> {
    const { name, type } = intent.key
    const text = intent.wanted?.values[0]
    const records =
      text === undefined
        ? []
        : [record(`${'1'.repeat(32)} ${name.replace('.example.com', '')} ${type} ${text}`)]
    const lease = await leaseOf(intent.zone)
    expect(await store().endIntents(lease, [{ intent, outcome: 'already-so', records }], NOON)).toBe(true)
  }

  async function leaseOf(zone: string) {
    return (await store().holdLease(zone, 'me', NOON, NOON + 25_000))!
  }
}
