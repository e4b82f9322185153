import type { Name } from '#dns/name.ts'
import { isWithin, parseName } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { parseValue, presentValue, type Value } from '#dns/value.ts'
import { isSpf } from '#onboarding/spf.ts'
import type { ZoneView } from '#onboarding/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { type Sets, setsOf, setWith } from './sets.ts'
import { diagnosticWords } from './words.ts'

/**
 * SPF (RFC 7208): more than one record at a name (§4.5), and more than ten terms that need a look-up (§4.6.4). An
 * `include` of another zone counts as one, whatever it includes itself, so such a count is "at least".
 */
export function spfFindings(view: ZoneView, sets: Sets): Finding[] {
  const lookUpsAt = createLookUps(view)
  return sets
    .map((set) => set.filter(isSpf))
    .filter((records) => records.length > 0)
    .flatMap((records) => [...twice(view, lookUpsAt, records), ...tooManyLookUps(lookUpsAt, records)])
}

/** RFC 7208 §4.6.4. */
const MOST_LOOK_UPS = 10

function twice(view: ZoneView, lookUpsAt: LookUpsAt, records: readonly ZoneRecord[]): Finding[] {
  const [{ name }] = records as readonly [ZoneRecord]
  if (records.length < 2) return []
  const merged = records.some(({ readOnly }) => readOnly) ? undefined : mergedSpf(view, lookUpsAt, records)
  const [first] = records
  return [
    findingOf('spf-twice', 'broken', {
      name,
      ...diagnosticWords.spfTwice(name, records.length),
      records,
      ...(merged !== undefined && {
        fix: () => [
          setWith(setsOf(view, records).flat(), diagnosticWords.fixes.oneSpf, (record) =>
            record === first ? { value: merged } : records.includes(record) ? null : {},
          ),
        ],
      }),
    }),
  ]
}

function tooManyLookUps(lookUpsAt: LookUpsAt, records: readonly ZoneRecord[]): Finding[] {
  const [record, ...more] = records as readonly [ZoneRecord, ...ZoneRecord[]]
  // Of two records none counts; that is told already.
  if (more.length > 0) return []
  const { name } = record
  const { count, isLeast } = lookUpsOf(name, lookUpsAt(name), lookUpsAt)
  if (count <= MOST_LOOK_UPS) return []
  return [
    findingOf('spf-lookups', 'broken', {
      name,
      ...diagnosticWords.spfLookUps(name, count, isLeast),
      records: [record],
    }),
  ]
}

interface LookUps {
  readonly count: number
  /** Another zone is included, or nobody counted to the end: there may be more. */
  readonly isLeast: boolean
}

/** What a look-up goes on with: the SPF of a name of this zone, of another zone, or nothing. */
type LookUp = Name | 'elsewhere' | 'nothing'

type LookUpsAt = (name: Name) => readonly LookUp[]

/** More than anybody asks for, and enough to tell. */
const MOST_COUNTED = 100

/** Of this SPF and of what it includes; what includes itself is not gone on with. */
function lookUpsOf(name: Name, own: readonly LookUp[], lookUpsAt: LookUpsAt): LookUps {
  let count = 0
  let isLeast = false
  const follow = (lookUps: readonly LookUp[], passed: readonly Name[]) => {
    for (const next of lookUps) {
      if (count === MOST_COUNTED) {
        isLeast = true
        return
      }
      count += 1
      if (next === 'elsewhere') isLeast = true
      else if (next !== 'nothing' && !passed.includes(next)) follow(lookUpsAt(next), [...passed, next])
    }
  }
  follow(own, [name])
  return { count, isLeast }
}

/** What needs a look-up in the first SPF record of a name. Each is read once, for a thousand others may include it. */
function createLookUps(view: ZoneView): LookUpsAt {
  const read = new Map<Name, readonly LookUp[]>()
  return (name) => {
    const known = read.get(name)
    if (known) return known
    const spf = view.at(name).find(isSpf)
    const lookUps = spf === undefined ? [] : termsOf(spf).flatMap((term) => lookUpFor(term, view))
    read.set(name, lookUps)
    return lookUps
  }
}

const LOOKS_UP = /^[+?~-]?(?:(?:a|mx|ptr)(?:[:/].*)?|exists:.*)$/i
const FOLLOWS = /^(?:[+?~-]?include:|redirect=)(.+)$/i

function lookUpFor(term: string, { zone }: ZoneView): LookUp | [] {
  if (LOOKS_UP.test(term)) return 'nothing'
  const target = FOLLOWS.exec(term)?.[1]
  if (target === undefined) return []
  const followed = parseName(target)
  return followed.ok && isWithin(followed.value, zone) ? followed.value : 'elsewhere'
}

function termsOf({ value }: ZoneRecord): string[] {
  return presentValue('TXT', value)
    .split(/ +/)
    .slice(1)
    .filter((term) => term !== '')
}

/** What is left of more than these is for a person to look through. */
const MOST_JOINED = 10

const ALL = /^[+?~-]?all$/i
/** From what lets most through to what lets least. */
const STRICTNESS = ['+', '?', '~', '-']

/**
 * All that any of the records lets through, in one; undefined where they cannot be joined without a decision. Where they
 * end differently the milder end holds: nobody is refused whom one of them would not have refused.
 */
function mergedSpf(view: ZoneView, lookUpsAt: LookUpsAt, records: readonly ZoneRecord[]): Value | undefined {
  if (records.length > MOST_JOINED) return undefined
  const terms = records.map(termsOf)
  const isPlain = terms.flat().every((term) => !/^[a-z][a-z0-9._-]*=/i.test(term))
  const senders = [...new Set(terms.flat().filter((term) => !ALL.test(term)))]
  const ends = terms.map((each) => each.find((term) => ALL.test(term)) ?? '?all')
  const [end = '?all'] = ends.sort((a, b) => strictnessOf(a) - strictnessOf(b))
  const [{ name }] = records as readonly [ZoneRecord]
  const lookUps = senders.flatMap((term) => lookUpFor(term, view))
  const { count } = lookUpsOf(name, lookUps, lookUpsAt)
  const value = parseValue('TXT', ['v=spf1', ...senders, end].join(' '), { mxPriority: 0 })
  return isPlain && count <= MOST_LOOK_UPS && value.ok ? value.value : undefined
}

function strictnessOf(end: string): number {
  return STRICTNESS.indexOf(/^[a]/i.test(end) ? '+' : end[0]!)
}
