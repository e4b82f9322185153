/**
 * What two SPF texts say, in one; undefined where that takes a decision (`redirect=`, `exp=`). Where they end differently
 * the milder end holds: nobody is refused whom one of them would not have refused (RFC 7208 §4.6.2).
 *
 *     v=spf1 mx -all    and    v=spf1 include:example.net ~all    →    v=spf1 mx include:example.net ~all
 */
export function joinedSpf(was: string, added: string): string | undefined {
  const terms = [was, added].map((text) => text.trim().split(/ +/).slice(1))
  if (terms.flat().some((term) => /^[a-z][a-z0-9._-]*=/i.test(term))) return undefined
  const senders = new Set(terms.flat().filter((term) => !ALL.test(term)))
  const ends = terms.map((each) => each.find((term) => ALL.test(term)) ?? '?all')
  const end = MILDEST_FIRST.find((sign) =>
    ends.some((each) => each.startsWith(sign) || (sign === '+' && /^a/i.test(each))),
  )
  return ['v=spf1', ...senders, `${end}all`].join(' ')
}

const ALL = /^[+?~-]?all$/i
const MILDEST_FIRST = ['+', '?', '~', '-']
