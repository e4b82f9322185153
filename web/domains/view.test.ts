import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { firstView, inOrder, matching, searchOf, typesIn, type View, viewIn } from './view.ts'

const records = [
  record('TXT', 'example.com', 'v=spf1 -all'),
  record('A', 'www.example.com', '192.0.2.10'),
  record('A', 'www.example.com', '192.0.2.9'),
  record('A', 'example.com', '192.0.2.1'),
  record('CNAME', 'a.www.example.com', 'Example.net'),
  record('MX', 'mail.example.com', 'example.net'),
]

const shown = (changes: Partial<typeof firstView>) => {
  const view = { ...firstView, ...changes }
  return matching(inOrder(records, view), view).map(({ type, name, content }) => `${type} ${name} ${content}`)
}

describe('the list of records', () => {
  test('begins with the zone itself, and a name stands before what is below it', () => {
    expect(shown({})).toEqual([
      'A example.com 192.0.2.1',
      'TXT example.com v=spf1 -all',
      'MX mail.example.com example.net',
      'A www.example.com 192.0.2.9',
      'A www.example.com 192.0.2.10',
      'CNAME a.www.example.com Example.net',
    ])
  })

  test('turns round', () => {
    expect(shown({ descending: true })).toEqual(shown({}).reverse())
  })

  test('is searched in names and content, whatever the case', () => {
    expect(shown({ search: ' EXAMPLE.NET ' })).toHaveLength(2)
    expect(shown({ search: 'spf1' })).toEqual(['TXT example.com v=spf1 -all'])
    expect(shown({ search: 'nothing' })).toEqual([])
  })

  test('shows one type, and knows how many there are of each', () => {
    expect(shown({ type: 'A' })).toHaveLength(3)
    expect([...typesIn(records)]).toEqual([
      ['A', 3],
      ['CNAME', 1],
      ['MX', 1],
      ['TXT', 1],
    ])
  })

  test('has an address for every view, and reads it again', () => {
    const views = fc.record({
      search: fc.string().map((text) => text.trim()),
      type: fc.constantFrom('', 'A', 'MX', 'CAA'),
      column: fc.constantFrom<View['column']>('type', 'name', 'content', 'proxied'),
      descending: fc.boolean(),
    })
    fc.assert(
      fc.property(views, (view) => {
        expect(viewIn(searchOf(view))).toEqual(view)
      }),
    )
    expect(searchOf(firstView)).toBe('')
    expect(viewIn('?q=mail&type=MX&sort=-content')).toEqual({
      search: 'mail',
      type: 'MX',
      column: 'content',
      descending: true,
    })
    expect(viewIn('?sort=price&page=7')).toEqual(firstView)
  })

  test('never changes what it was given', () => {
    const before = records.map(({ id }) => id)
    inOrder(records, { ...firstView, column: 'content' })
    expect(records.map(({ id }) => id)).toEqual(before)
  })
})

function record(type: string, name: string, content: string): ApiRecord {
  const id = `${type} ${name} ${content}`
  const rest = { priority: null, proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return { id, type, name, content, ...rest }
}
