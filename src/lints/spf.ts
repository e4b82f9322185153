import type { Name } from '#dns/name.ts'
import { isWithin, parseName } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { parseValue, presentValue, type Value } from '#dns/value.ts'
import { isSpf } from '#takeover/spf.ts'
import type { ZoneView } from '#takeover/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { setsIn, setWith } from './sets.ts'
import { lintWords } from './words.ts'

/**
 * SPF (RFC 7208): more than one record at a name (§4.5), and more than ten terms that need a look-up (§4.6.4). An
 * `include` of another zone counts as one, whatever it includes itself, so such a count is "at least".
 */
export function spfFindings(view: ZoneView): Finding[] {
  return setsIn(view)
    .map((set) => set.filter(isSpf))
    .filter((records) => records.length > 0)
    .flatMap((records) => [...twice(view, records), ...tooManyLookUps(view, records)])
}

/** RFC 7208 §4.6.4. */
const MOST_LOOK_UPS = 10

function twice(view: ZoneView, records: readonly ZoneRecord[]): Finding[] {
  const [{ name }] = records as readonly [ZoneRecord]
  if (records.length < 2) return []
  const merged = records.some(({ readOnly }) => readOnly) ? undefined : mergedSpf(view, records)
  const [first] = records
  const all = view.at(name).filter(({ type }) => type === 'TXT')
  return [
    findingOf('spf-twice', 'broken', {
      name,
      ...lintWords.spfTwice(name, records.length),
      records,
      ...(merged !== undefined && {
        wanted: [
          setWith(all, lintWords.mends.oneSpf, (record) =>
            record === first ? { value: merged } : records.includes(record) ? null : {},
          ),
        ],
      }),
    }),
  ]
}

function tooManyLookUps(view: ZoneView, records: readonly ZoneRecord[]): Finding[] {
  const [record, ...more] = records as readonly [ZoneRecord, ...ZoneRecord[]]
  // Of two records none counts; that is told already.
  if (more.length > 0) return []
  const { name } = record
  const { count, isLeast } = lookUpsOf(view, name, termsOf(record), new Set([name]))
  if (count <= MOST_LOOK_UPS) return []
  return [
    findingOf('spf-lookups', 'broken', {
      name,
      ...lintWords.spfLookUps(name, count, isLeast),
      records: [record],
    }),
  ]
}

interface LookUps {
  readonly count: number
  /** Another zone is included, which may need more. */
  readonly isLeast: boolean
}

const LOOKS_UP = /^[+?~-]?(?:(?:a|mx|ptr)(?:[:/].*)?|exists:.*)$/i
const FOLLOWS = /^(?:[+?~-]?include:|redirect=)(.+)$/i

function lookUpsOf(view: ZoneView, name: Name, terms: readonly string[], passed: ReadonlySet<Name>): LookUps {
  let count = 0
  let isLeast = false
  for (const term of terms) {
    const [, target] = FOLLOWS.exec(term) ?? []
    if (LOOKS_UP.test(term)) count += 1
    if (target === undefined) continue
    count += 1
    const followed = parseName(target)
    const isOurs = followed.ok && isWithin(followed.value, view.zone)
    if (!isOurs) isLeast = true
    else if (!passed.has(followed.value)) {
      const [inner] = view.at(followed.value).filter(isSpf)
      const more = inner && lookUpsOf(view, name, termsOf(inner), new Set([...passed, followed.value]))
      count += more?.count ?? 0
      isLeast ||= more?.isLeast ?? false
    }
  }
  return { count, isLeast }
}

function termsOf({ value }: ZoneRecord): string[] {
  return presentValue('TXT', value)
    .split(/ +/)
    .slice(1)
    .filter((term) => term !== '')
}

const ALL = /^[+?~-]?all$/i
/** From what lets most through to what lets least. */
const STRICTNESS = ['+', '?', '~', '-']

/**
 * All that any of the records lets through, in one; undefined where they cannot be joined without a decision. Where they
 * end differently the milder end holds: nobody is refused whom one of them would not have refused.
 */
function mergedSpf(view: ZoneView, records: readonly ZoneRecord[]): Value | undefined {
  const terms = records.map(termsOf)
  const isPlain = terms.flat().every((term) => !/^[a-z][a-z0-9._-]*=/i.test(term))
  const senders = [...new Set(terms.flat().filter((term) => !ALL.test(term)))]
  const ends = terms.map((each) => each.find((term) => ALL.test(term)) ?? '?all')
  const [end = '?all'] = ends.sort((a, b) => strictnessOf(a) - strictnessOf(b))
  const [{ name }] = records as readonly [ZoneRecord]
  const { count } = lookUpsOf(view, name, senders, new Set([name]))
  const value = parseValue('TXT', ['v=spf1', ...senders, end].join(' '), { mxPriority: 0 })
  return isPlain && count <= MOST_LOOK_UPS && value.ok ? value.value : undefined
}

function strictnessOf(end: string): number {
  return STRICTNESS.indexOf(/^[a]/i.test(end) ? '+' : end[0]!)
}
