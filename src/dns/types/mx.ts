import { fieldsOf, parseUint } from '../fields.ts'
import { parseHost } from '../host.ts'
import { type Parsed, parsed, refused } from '../problems.ts'
import type { Value, ValueDefaults } from '../value.ts'
import { NAME_LAST, type TypeRules } from './type-rules.ts'

export const mx: TypeRules = {
  parse: parseMx,
  problemsIn: (values, _, path) =>
    values.length > 1 && values.includes(NULL_MX) ? [{ code: 'null-mx-not-alone', path }] : [],
  // Outside of files a mail server may stand alone; in them that is a priority that was forgotten.
  zoneText: { ...NAME_LAST, fewestWords: 2 },
  canBeProxied: false,
  standsBesideCname: true,
  standsBesideNs: true,
  beginsWithPriority: true,
}

export interface MxParts {
  readonly priority: number
  /** A host name, or `.` for no mail at all (RFC 7505). */
  readonly exchange: string
}

/**
 * `10 mail.example.com`, or the mail server alone, which gets the default priority.
 * Problems: `mx-form`, `number-out-of-range`, `null-mx-priority`, those of a host name.
 */
function parseMx(text: string, { mxPriority }: ValueDefaults, path: string): Parsed<Value> {
  const fields = fieldsOf(text)
  const exchangeText = fields.at(-1) ?? ''
  // A number alone has lost its mail server; it is not a mail server called 10.
  const hasForm = fields.length === 2 || (fields.length === 1 && !/^\d*$/.test(exchangeText))
  if (!hasForm) return refused({ code: 'mx-form', path, text })

  const bare = exchangeText === '.' ? 0 : mxPriority
  const priority = fields.length === 1 ? parsed(bare) : parseUint(fields[0] ?? '', 'priority', 65_535, path)
  if (!priority.ok) return priority
  if (exchangeText === '.') {
    return priority.value === 0
      ? parsed(NULL_MX)
      : refused({ code: 'null-mx-priority', path, priority: priority.value })
  }
  const exchange = parseHost(exchangeText, { underscores: false }, path)
  return exchange.ok ? parsed(`${priority.value} ${exchange.value}` as Value) : exchange
}

export function mxParts(value: Value): MxParts {
  const [priority = '', exchange = ''] = value.split(' ')
  return { priority: Number(priority), exchange }
}

/** The domain takes no mail (RFC 7505); it stands alone. */
const NULL_MX = '0 .' as Value
