import { expect, test } from 'vitest'
import { conflictsAt, warningsAt } from './neighbours.ts'
import { RECORD_TYPES, type RecordType } from './record-type.ts'
import { aName } from './testing.ts'

const zone = aName('example.com')
const www = aName('www.example.com')

// Every pair of types once, below the zone's own name and at it. `.` goes together, `!` does not, `~` is warned about.
const below = `
        A AAAA CAA CNAME MX NS SRV TXT
  A     .  .   .    !    .  !  .   .
  AAAA  .  .   .    !    .  !  .   .
  CAA   .  .   .    ~    .  .  .   .
  CNAME !  !   ~    .    ~  !  ~   ~
  MX    .  .   .    ~    .  .  .   .
  NS    !  !   .    !    .  .  .   .
  SRV   .  .   .    ~    .  .  .   .
  TXT   .  .   .    ~    .  .  .   .`

test.each(RECORD_TYPES)('%s below the name of the zone goes with what the table says', (type) => {
  for (const other of RECORD_TYPES)
    expect(`${other} ${verdict(www, type, other)}`).toBe(`${other} ${cell(type, other)}`)
})

test.each(RECORD_TYPES)(
  '%s at the name of the zone may stand beside its name servers, unless it is a CNAME',
  (type) => {
    for (const other of RECORD_TYPES) {
      const withNs = type === 'NS' || other === 'NS'
      const withCname = type === 'CNAME' || other === 'CNAME'
      expect(verdict(zone, type, other)).toBe(withNs && !withCname ? '.' : cell(type, other))
    }
  },
)

test('each set in the way is named once', () => {
  const atName = ['A', 'A', 'AAAA', 'TXT', 'CNAME', 'HTTPS'].map((type) => ({ type }))
  expect(conflictsAt({ name: www, type: 'CNAME' }, atName, zone)).toEqual([
    { code: 'set-in-the-way', path: 'type', name: www, type: 'CNAME', with: 'A' },
    { code: 'set-in-the-way', path: 'type', name: www, type: 'CNAME', with: 'AAAA' },
  ])
  expect(warningsAt({ name: www, type: 'CNAME' }, atName)).toEqual([
    { code: 'cname-beside', path: 'type', name: www, type: 'CNAME', with: 'TXT' },
  ])
})

test('an empty name has room for everything', () => {
  expect(conflictsAt({ name: www, type: 'CNAME' }, [], zone)).toEqual([])
  expect(warningsAt({ name: www, type: 'CNAME' }, [])).toEqual([])
})

function verdict(name: typeof www, type: RecordType, other: RecordType): string {
  if (conflictsAt({ name, type }, [{ type: other }], zone).length > 0) return '!'
  return warningsAt({ name, type }, [{ type: other }]).length > 0 ? '~' : '.'
}

function cell(row: RecordType, column: RecordType): string {
  const [head = [], ...rows] = below
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/))
  return rows.find(([type]) => type === row)?.[head.indexOf(column) + 1] ?? '?'
}
