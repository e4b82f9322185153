import { parseUint } from '../fields.ts'
import { parseQuoted, printQuoted, utf8Octets, utf8Text } from '../octets.ts'
import { type Parsed, parsed, refused } from '../problems.ts'
import type { Value } from '../value.ts'
import { quotedWord, type TypeRules, WORDS } from './type-rules.ts'

export const caa: TypeRules = {
  parse: (text, _, path) => parseCaa(text, path),
  zoneText: { ...WORDS, read: (words) => [...words.slice(0, -1), quotedWord(words.at(-1) ?? '')].join(' ') },
  canBeProxied: false,
  standsBesideCname: true,
  standsBesideNs: true,
}

export interface CaaParts {
  readonly flags: number
  readonly tag: string
  /** Without quotes and escapes; printable ASCII. */
  readonly value: string
}

/**
 * `flags tag "value"` (RFC 8659 §4.1.1), the value quoted or one bare word. Any tag of letters and digits will do:
 * issue, issuewild and iodef (RFC 8659), issuemail (RFC 9495), contactemail, contactphone, and those to come.
 * Problems: `caa-form`, `caa-tag`, `caa-value`, `number-out-of-range`; every field at once.
 */
function parseCaa(text: string, path: string): Parsed<Value> {
  const [, flagsText = '', tagText = '', valueText = ''] = FORM.exec(text) ?? []
  if (valueText === '') return refused({ code: 'caa-form', path, text })

  const flags = parseUint(flagsText, 'flags', 255, path)
  const tag = TAG.test(tagText)
    ? parsed(tagText.toLowerCase())
    : refused({ code: 'caa-tag', path, tag: tagText })
  const value = parseProperty(valueText, path)
  if (flags.ok && tag.ok && value.ok) {
    return parsed(`${flags.value} ${tag.value} ${printQuoted(utf8Octets(value.value))}` as Value)
  }
  return refused(...[flags, tag, value].flatMap((field) => (field.ok ? [] : field.problems)))
}

export function caaParts(value: Value): CaaParts {
  const [, flags = '', tag = '', quoted = ''] = FORM.exec(value) ?? []
  const octets = parseQuoted(quoted)
  if (!octets) throw new TypeError('not a CAA value')
  return { flags: Number(flags), tag, value: String.fromCharCode(...octets) }
}

const FORM = /^[ \t]*([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t].*)$/s
const TAG = /^[A-Za-z0-9]{1,255}$/
const ONE_QUOTED_STRING = /^"(?:[^"\\]|\\.)*"[ \t]*$/
const BARE_WORD = /^[!-~]+[ \t]*$/
const PRINTABLE = /^[ -~]+$/

function parseProperty(text: string, path: string): Parsed<string> {
  const value = ONE_QUOTED_STRING.test(text) ? quotedText(text) : bareText(text)
  const isProperty = value !== undefined && PRINTABLE.test(value) && value.length <= LONGEST_PROPERTY
  return isProperty ? parsed(value) : refused({ code: 'caa-value', path, text })
}

function quotedText(text: string): string | undefined {
  const octets = parseQuoted(text)
  return octets && utf8Text(octets)
}

function bareText(text: string): string | undefined {
  return BARE_WORD.test(text) && !text.includes('"') ? text.trimEnd() : undefined
}

/** Far above what any tag needs; a guard, not a rule of the RFC. */
const LONGEST_PROPERTY = 1024
