import { describe, expect, test } from 'vitest'
import { canBeProxied, type Draft, draftOf, emptyDraft, inputOf, isWhole, judge, tidied } from './draft.ts'

const zone = 'example.com'
const draft = (changes: Partial<Draft>): Draft => ({ ...emptyDraft, ...changes })

describe('a form', () => {
  test('shows what will be saved, spelled out', () => {
    const judged = judge(draft({ name: ' Shop ', type: 'CNAME', content: 'Stores.Example.NET.' }), zone)
    expect(judged).toEqual({
      problems: {},
      saved: { name: 'shop.example.com', type: 'CNAME', content: 'stores.example.net' },
    })
  })

  test('means the domain itself by an empty name and by @', () => {
    for (const name of ['', '@', 'example.com']) {
      expect(judge(draft({ name, content: '192.0.2.1' }), zone).saved?.name).toBe('example.com')
    }
  })

  test('tells every field that is wrong at once', () => {
    const { problems, saved } = judge(
      draft({ type: 'MX', name: 'a..b', content: 'mail', priority: 'ten' }),
      zone,
    )
    expect(Object.keys(problems).sort()).toEqual(['name', 'priority'])
    expect(saved).toBeUndefined()
  })

  test('reads no domain behind a name that is written out', () => {
    const names = ['www', '@', 'Example.com', 'www.example.com.', 'www.example.com', 'myexample.com', '']
    expect(names.filter((name) => isWhole(name, zone))).toEqual(names.slice(1, 5))
  })

  test('refuses a name that holds the domain twice', () => {
    expect(
      judge(draft({ name: 'www.example.com.example.com', content: '192.0.2.1' }), zone).problems.name,
    ).toBeDefined()
  })
})

test('a priority that was pasted with its mail server goes to its own field', () => {
  const pasted = draft({ type: 'MX', content: ' 20 mx.example.net ', priority: '10' })
  expect(tidied(pasted)).toMatchObject({ content: 'mx.example.net', priority: '20' })
  expect(judge(pasted, zone).saved?.content).toBe('20 mx.example.net')
  const text = draft({ type: 'TXT', content: '20 mx.example.net' })
  expect(tidied(text)).toBe(text)
})

describe('what is sent', () => {
  test('has a priority for MX alone, and a proxy status where there can be one', () => {
    expect(inputOf(draft({ type: 'MX', name: '', content: 'mail.example.net', priority: '5' }))).toEqual({
      type: 'MX',
      name: '@',
      content: 'mail.example.net',
      priority: 5,
      ttl: 1,
    })
    expect(inputOf(draft({ type: 'TXT', name: 'a', content: ' b ', proxied: true, ttl: 300 }))).toEqual({
      type: 'TXT',
      name: 'a',
      content: ' b ',
      ttl: 300,
    })
  })

  test('is never a proxied private address, and the TTL of what is proxied is automatic', () => {
    expect(canBeProxied(draft({ content: '10.0.0.1' }))).toBe(false)
    expect(inputOf(draft({ content: '10.0.0.1', proxied: true, ttl: 300 }))).toMatchObject({
      proxied: false,
      ttl: 300,
    })
    expect(inputOf(draft({ content: '192.0.2.1', proxied: true, ttl: 300 }))).toMatchObject({
      proxied: true,
      ttl: 1,
    })
  })

  test('of a record that nobody touched is the record', () => {
    const record = {
      id: 'a',
      type: 'MX',
      name: 'shop.example.com',
      content: 'mail.example.net',
      priority: 0,
      proxied: false,
      proxiable: false,
      ttl: 3600,
      comment: null,
      editable: true,
    }
    expect(judge(draftOf(record, zone), zone).saved?.content).toBe('0 mail.example.net')
    expect(inputOf(draftOf(record, zone))).toEqual({
      type: 'MX',
      name: 'shop',
      content: 'mail.example.net',
      priority: 0,
      ttl: 3600,
    })
  })
})
