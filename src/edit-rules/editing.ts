import { addressKind } from '#dns/ip.ts'
import type { Problem } from '#dns/problems.ts'
import { canBeProxied, isRecordType } from '#dns/record-type.ts'
import type { Value } from '#dns/value.ts'

/** The types that people change by hand; every other type is shown, and stays as it is. */
export const EDITABLE_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'TXT'] as const

export type EditableType = (typeof EDITABLE_TYPES)[number]

/** Of records in one change: Cloudflare takes so many in a batch on every plan (docs, "Batch record changes", 2026). */
export const MOST_AT_ONCE = 200

export function isEditableType(type: string): type is EditableType {
  return (EDITABLE_TYPES as readonly string[]).includes(type)
}

/**
 * Why a record cannot be changed by hand, in a sentence for its owner; undefined: it can. `keptBy`: whoever declared its
 * set, and would have it put back.
 */
export function whyLocked(
  record: { readonly type: string; readonly readOnly?: boolean },
  keptBy?: string,
): string | undefined {
  if (record.readOnly) {
    return 'This record belongs to another Cloudflare product, such as Email Routing; change it there.'
  }
  if (keptBy !== undefined) {
    return `This record is kept by ${keptBy}, which would put it back; change it there.`
  }
  return isEditableType(record.type)
    ? undefined
    : `${record.type} records can be seen here, but only changed at Cloudflare.`
}

/** Whether Cloudflare can stand in front of this record: of addresses only those that it can reach. */
export function isProxiable(type: string, content: string): boolean {
  if (!isRecordType(type) || !canBeProxied(type)) return false
  return addressKind(type, content as Value) === 'public'
}

/** What is wrong with a comment that somebody wrote beside a record. */
export function commentProblems(comment: string | null | undefined, path: string): Problem[] {
  if (!comment) return []
  return [
    ...([...comment].length > LONGEST ? [{ code: 'comment-too-long', path, most: LONGEST } as const] : []),
    ...(NOT_PLAIN.test(comment) ? [{ code: 'comment-not-plain', path } as const] : []),
  ]
}

/** Cloudflare docs, "Record attributes", 2026: 100 on Free, 500 otherwise. What the plan refuses Cloudflare refuses. */
const LONGEST = 500
/** Control characters, and halves of surrogate pairs: Cloudflare refuses some of them, and PostgreSQL others. */
const NOT_PLAIN = /[\p{Cc}\p{Cs}]/u
