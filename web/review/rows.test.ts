import { describe, expect, test } from 'vitest'
import type { ApiChange } from '#faces/dashboard/api.ts'
import { carriedOver, firstTicks, footnoteOf, groupsOf, sectionsOf, summaryOf, ticked } from './rows.ts'

const apex = change('apex', 'replace', 'A', 'example.com', { group: 'apex', content: '203.0.113.5' })
const second = change('second', 'delete', 'A', 'example.com', { group: 'apex' })
const www = change('www', 'replace', 'CNAME', 'www.example.com', { content: 'example.com' })
const mail = change('mail', 'keep', 'MX', 'example.com', { locked: true })
const plan = [apex, second, www, mail]

describe('the boxes of the review', () => {
  test('of a group are ticked together', () => {
    expect(groupsOf(plan).map(({ changes }) => changes.map(({ id }) => id))).toEqual([
      ['apex', 'second'],
      ['www'],
      ['mail'],
    ])
    expect(ticked(plan, firstTicks(plan), second, false)).toEqual(new Set(['www', 'mail']))
    expect(ticked(plan, new Set(), apex, true)).toEqual(new Set(['apex', 'second']))
  })

  test('of a group stand in one section, with what is there if any of it is', () => {
    const pin = change('pin', 'add', 'A', 'blog.example.com', { group: 'blog' })
    const gone = change('gone', 'delete', 'CNAME', 'blog.example.com', { group: 'blog' })
    const fresh = change('fresh', 'add', 'AAAA', 'example.com', {})
    const { existing, added } = sectionsOf([gone, fresh, pin])
    expect([existing.map(({ id }) => id), added.map(({ id }) => id)]).toEqual([['gone', 'pin'], ['fresh']])
  })

  test('of kept records do not move', () => {
    expect(ticked(plan, firstTicks(plan), mail, false)).toEqual(firstTicks(plan))
  })

  test('stay as the reader left them in a new plan, where the row is still there', () => {
    const ticks = ticked(plan, firstTicks(plan), www, false)
    const fresh = change('new', 'add', 'AAAA', 'example.com', {})
    expect(carriedOver(plan, ticks, [...plan, fresh])).toEqual(new Set(['apex', 'second', 'mail', 'new']))
    expect(carriedOver(plan, ticks, [apex])).toEqual(new Set(['apex']))
  })
})

describe('the words of the review', () => {
  test('sum up what is ticked, and name our own addresses', () => {
    expect(summaryOf(plan, firstTicks(plan), new Set(['203.0.113.5']))).toEqual([
      { id: 'apex', text: 'A record for example.com → 203.0.113.5', isOurs: true },
      { id: 'second', text: 'A record for example.com (192.0.2.1) is removed', isOurs: false },
      { id: 'www', text: 'CNAME record for www.example.com → example.com', isOurs: false },
    ])
  })

  test('promise to preserve mail only where it is preserved', () => {
    expect(footnoteOf([apex, mail]).join(' ')).toBe(
      'Records marked REPLACE will be updated. MX and TXT records will be preserved.',
    )
    expect(footnoteOf([{ ...mail, action: 'replace' }]).join(' ')).not.toContain('preserved')
    expect(footnoteOf(plan)[0]).toContain('DELETE')
  })
})

function change(
  id: string,
  action: ApiChange['action'],
  type: string,
  name: string,
  { content, group, locked = false }: { content?: string; group?: string; locked?: boolean },
): ApiChange {
  const fields = { type, name, priority: null, proxied: false, ttl: 1, comment: null }
  return {
    id,
    action,
    type,
    name,
    ...(action !== 'add' && { current: { id, ...fields, content: '192.0.2.1' } }),
    ...(action !== 'keep' &&
      action !== 'delete' && { proposed: { ...fields, content: content ?? '2001:db8::1' } }),
    selected: true,
    locked,
    ...(group !== undefined && { group }),
    reason: '',
  }
}
