import { type Parsed, parsed, refused } from './problems.ts'
import { TYPES } from './types/all.ts'
import type { TypeRules } from './types/type-rules.ts'

export type RecordType = keyof typeof TYPES

/** The types that can be declared. Everything else in a zone is left as it is. */
export const RECORD_TYPES = Object.keys(TYPES) as readonly RecordType[]

/** Types are upper case, as everyone writes them. */
export function isRecordType(text: string): text is RecordType {
  return Object.hasOwn(TYPES, text)
}

/** Problem: `type-unknown`, with the types that are supported. */
export function parseRecordType(text: string, path = 'type'): Parsed<RecordType> {
  return isRecordType(text)
    ? parsed(text)
    : refused({ code: 'type-unknown', path, type: text, supported: RECORD_TYPES })
}

/** What is particular to a type: how it is read and written, and what it may stand beside. */
export function rulesOf(type: RecordType): TypeRules {
  return TYPES[type]
}

/** Whether Cloudflare can stand in front of records of this type. */
export function canBeProxied(type: RecordType): boolean {
  return rulesOf(type).canBeProxied
}

/** Types that do not stand beside every other: what takes such a name has to leave together with what was there. */
export function isExclusive(type: RecordType): boolean {
  return !rulesOf(type).standsBesideCname
}
