import { describe, expect, test } from 'vitest'
import { advised, chosen } from './chosen.ts'
import { planOnboarding } from './plan.ts'
import { isAnythingProposed } from './review.ts'
import { aZone, onboardingOf } from './testing.ts'

const zone = `
  @ 300 A 198.51.100.1
  @ 300 A 198.51.100.2
  www 300 CNAME oldhost.example.net.
  @ 300 MX 10 mail.example.net.
  @ HTTPS 1 shop.example.net.`
const plan = planOnboarding(onboardingOf(zone))
const [patched, removed, hints, www, mx] = plan.changes.map(({ id }) => id) as [
  string,
  string,
  string,
  string,
  string,
]

describe('a choice', () => {
  test('choosing the advised rows gives deletes, patches and posts, and deletes of records that a change cannot hold', () => {
    const choice = chosen(plan, advised(plan))
    expect(choice).toMatchObject({
      ok: true,
      changes: [
        { kind: 'delete', record: { value: '198.51.100.2' } },
        { kind: 'patch', record: { value: '198.51.100.1' }, to: { value: '203.0.113.7', ttl: 300 } },
        { kind: 'patch', record: { value: 'oldhost.example.net' }, to: { value: 'example.com' } },
      ],
      deletedOthers: [{ type: 'HTTPS' }],
    })
  })

  test('choosing nothing, or kept rows only, changes nothing', () => {
    for (const ids of [[], [mx]]) {
      expect(chosen(plan, ids)).toEqual({ ok: true, changes: [], deletedOthers: [] })
    }
  })

  test('a choice may leave www where it is', () => {
    const choice = chosen(plan, [patched, removed, hints])
    expect(choice.ok && choice.changes.length).toBe(2)
  })

  test('choosing half a group is refused, naming what is missing', () => {
    expect(chosen(plan, [patched])).toEqual({
      ok: false,
      problems: [
        {
          code: 'group-incomplete',
          message:
            'The changes of example.com belong together, because a part of them would break it; select all of them or none.',
          changes: [removed, hints],
        },
      ],
    })
  })

  test('choosing www that would follow an apex left behind is refused', () => {
    expect(chosen(plan, [www])).toEqual({
      ok: false,
      problems: [
        {
          code: 'target-left-behind',
          message:
            'www.example.com is to follow example.com, which would stay on the old server; select example.com too, or neither.',
          changes: [patched, removed],
        },
      ],
    })
  })

  test('choosing rows that the plan does not have is refused', () => {
    expect(chosen(plan, ['stranger'])).toMatchObject({
      ok: false,
      problems: [{ code: 'change-unknown', changes: ['stranger'] }],
    })
  })

  test('choosing from a blocked plan is refused with the reason', () => {
    const blocked = planOnboarding(onboardingOf(zone, { zone: aZone({ status: 'moved' }) }))
    expect(chosen(blocked, [])).toMatchObject({ ok: false, problems: [{ code: 'plan-blocked' }] })
  })

  test('a choice that exceeds the quota is refused, though the advice would fit', () => {
    const full = planOnboarding(
      onboardingOf(
        `
        @ 300 A 198.51.100.1
        @ 300 A 198.51.100.2
        www 300 CNAME @
        ftp 300 CNAME @`,
        { zone: aZone({ recordQuota: 4 }) },
      ),
    )
    expect(chosen(full, advised(full)).ok).toBe(true)
    const pinned = full.changes.filter(({ group }) => group === 'pin ftp.example.com').map(({ id }) => id)
    expect(chosen(full, pinned)).toMatchObject({ ok: false, problems: [{ code: 'quota-exceeded' }] })
    expect(chosen(full, [...advised(full), ...pinned]).ok).toBe(true)
  })
})

describe('a plan', () => {
  test('a plan says whether there is anything to review', () => {
    expect(isAnythingProposed(plan)).toBe(true)
    expect(isAnythingProposed(planOnboarding(onboardingOf('@ A 203.0.113.7\nwww CNAME @')))).toBe(false)
    expect(isAnythingProposed(planOnboarding(onboardingOf('')))).toBe(true)
  })
})
