import type { ApiRecord, SessionCustomer } from '#faces/dashboard/api.ts'

/** Where the records of a name send its visitors: to the store, some of them elsewhere, or all. */
export type Leading = 'store' | 'partly' | 'elsewhere'

/**
 * By the records alone, as they were read last; aliases are followed inside the zone. Where nothing can be known
 * (no targets, or a wildcard that answers) it is the store, since nothing is to be said.
 */
export function leadingOf(
  name: string,
  targets: SessionCustomer['targets'],
  records: readonly ApiRecord[],
): Leading {
  const { ipv4, ipv6, host } = targets
  const ours = [...ipv4, ...ipv6, ...(host === undefined ? [] : [host])]
  const found = endsOf(name, records, LONGEST_CHAIN)
  if (ours.length === 0 || (found.length === 0 && records.some(answersFor(name)))) return 'store'
  const right = found.filter((end) => ours.includes(end))
  if (right.length === 0) return 'elsewhere'
  return right.length < found.length ? 'partly' : 'store'
}

/** Longer ones are cut by resolvers too. */
const LONGEST_CHAIN = 8

/** The addresses of a name, and the names outside the zone that it follows. */
function endsOf(name: string, records: readonly ApiRecord[], hops: number): readonly string[] {
  const pointing = records.filter(
    (record) => record.name === name && ['A', 'AAAA', 'CNAME'].includes(record.type),
  )
  return pointing.flatMap(({ type, content }) => {
    if (type !== 'CNAME' || hops === 0) return [content]
    const further = endsOf(content, records, hops - 1)
    return further.length > 0 ? further : [content]
  })
}

function answersFor(name: string): (record: ApiRecord) => boolean {
  return (record) => record.name.startsWith('*.') && name.endsWith(record.name.slice(1))
}
