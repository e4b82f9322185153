import { expect, test } from 'vitest'
import type { Store } from '#store/store.ts'
import { NOON, unwritable } from '../../support/samples.ts'

export function nonceContract(store: () => Store): void {
  test('a nonce is taken once, and never again', async () => {
    expect(await store().claimNonce('default', 'n', NOON)).toBe(true)
    expect(await store().claimNonce('default', 'n', NOON)).toBe(false)
    expect(await store().claimNonce('default', 'n', NOON + 300_000)).toBe(false)
  })

  test('of forty who ask for one nonce at once, one gets it', async () => {
    for (let round = 0; round < 25; round += 1) {
      const claims = Array.from({ length: 40 }, () => store().claimNonce('default', `n${round}`, NOON))
      const claimed = await Promise.all(claims)
      expect(claimed.filter(Boolean)).toHaveLength(1)
    }
  })

  test('forty nonces asked for at once are forty nonces', async () => {
    const claims = Array.from({ length: 40 }, (_, index) => store().claimNonce('default', `n${index}`, NOON))
    expect(await Promise.all(claims)).toEqual(Array(40).fill(true))
  })

  test('each caller has nonces of its own', async () => {
    expect(await store().claimNonce('one', 'n', NOON)).toBe(true)
    expect(await store().claimNonce('two', 'n', NOON)).toBe(true)
    expect(await store().claimNonce('one', 'n', NOON)).toBe(false)
  })

  test('a nonce is kept until it has expired, and forgotten after', async () => {
    await store().claimNonce('default', 'old', NOON - 1)
    await store().claimNonce('default', 'young', NOON)

    expect(await store().forgetNonces(NOON)).toBe(1)
    expect(await store().forgetNonces(NOON)).toBe(0)
    expect(await store().claimNonce('default', 'young', NOON)).toBe(false)
    expect(await store().claimNonce('default', 'new', NOON + 1)).toBe(true)
  })

  test('after a clock was ahead for a while, nothing passes that may have been taken before', async () => {
    await store().claimNonce('default', 'taken', NOON + 360_000)
    expect(await store().forgetNonces(NOON + 86_400_000)).toBe(1)
    expect(await store().claimNonce('default', 'taken', NOON + 360_000)).toBe(false)
    expect(await store().claimNonce('default', 'as late', NOON + 360_000)).toBe(false)
    expect(await store().claimNonce('default', 'later', NOON + 360_001)).toBe(true)
    // And does not begin to again, when less is forgotten.
    await store().claimNonce('default', 'next', NOON + 400_000)
    expect(await store().forgetNonces(NOON + 360_002)).toBe(1)
    expect(await store().claimNonce('default', 'taken', NOON + 360_000)).toBe(false)
  })

  test('nonces are forgotten some thousands at a time, so that nobody waits long', async () => {
    await Promise.all(
      Array.from({ length: 6_000 }, (_, index) => store().claimNonce('default', `n${index}`, NOON)),
    )
    const forgotten: number[] = []
    do forgotten.push(await store().forgetNonces(NOON + 1))
    while (forgotten.at(-1)! > 0)
    expect(forgotten.length).toBeGreaterThan(2)
    expect(forgotten.reduce((sum, count) => sum + count)).toBe(6_000)
  })

  test('a budget begins as nothing and is what was last decided', async () => {
    const add = (budget: { calls: number } | undefined) => {
      const calls = (budget?.calls ?? 0) + 1
      return { budget: { calls }, answer: budget }
    }
    expect(await store().changeBudget('one', add)).toBeUndefined()
    expect(await store().changeBudget('one', add)).toEqual({ calls: 1 })
    expect(await store().changeBudget('two', add)).toBeUndefined()
    expect(await store().changeBudget('one', add)).toEqual({ calls: 2 })
  })

  test('a budget is forgotten once nobody has used it for long enough', async () => {
    const use = () => store().changeBudget('one', (kept) => ({ budget: { calls: 1 }, answer: kept }))
    await use()
    await store().forgetBudgets(0, NOON)
    expect(await use()).toEqual({ calls: 1 })
    await store().forgetBudgets(Number.MAX_SAFE_INTEGER, NOON)
    expect(await use()).toBeUndefined()
  })

  test('of two hundred decisions at once none is lost', async () => {
    const takeOne = (budget: { left: number } | undefined) => {
      const { left } = budget ?? { left: 60 }
      return { budget: { left: Math.max(0, left - 1) }, answer: left > 0 }
    }
    const taken = await Promise.all(
      Array.from({ length: 200 }, () => store().changeBudget('credential', takeOne)),
    )
    expect(taken.filter(Boolean)).toHaveLength(60)
  })

  test('a decision that fails, or cannot be written down, leaves the budget as it was', async () => {
    const read = (budget: object | undefined) => ({ budget: budget ?? {}, answer: budget })
    await store().changeBudget('credential', () => ({ budget: { calls: 7 }, answer: undefined }))

    const failing = store().changeBudget('credential', () => {
      throw new Error('no decision')
    })
    await expect(failing).rejects.toThrow('no decision')
    const unkept = store().changeBudget('credential', () => ({
      budget: unwritable({ calls: 8 }),
      answer: undefined,
    }))
    await expect(unkept).rejects.toThrow()
    expect(await store().changeBudget('credential', read)).toEqual({ calls: 7 })
  })
}
