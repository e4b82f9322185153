import { fieldsOf, parseUint } from '../fields.ts'
import { parseHost } from '../host.ts'
import { type Parsed, parsed, refused } from '../problems.ts'
import type { Value } from '../value.ts'
import { NAME_LAST, type TypeRules } from './type-rules.ts'

export const srv: TypeRules = {
  parse: (text, _, path) => parseSrv(text, path),
  zoneText: NAME_LAST,
  canBeProxied: false,
  standsBesideCname: true,
  standsBesideNs: true,
  beginsWithPriority: true,
}

export interface SrvParts {
  readonly priority: number
  readonly weight: number
  readonly port: number
  /** A host name, or `.` where the service is not available (RFC 2782). */
  readonly target: string
}

/**
 * `priority weight port target` (RFC 2782). Problems: `srv-form`, `number-out-of-range`, those of a host name;
 * every field at once.
 */
function parseSrv(text: string, path: string): Parsed<Value> {
  const fields = fieldsOf(text)
  if (fields.length !== 4) return refused({ code: 'srv-form', path, text })
  const [priorityText = '', weightText = '', portText = '', targetText = ''] = fields

  const priority = parseUint(priorityText, 'priority', 65_535, path)
  const weight = parseUint(weightText, 'weight', 65_535, path)
  const port = parseUint(portText, 'port', 65_535, path)
  const target = targetText === '.' ? parsed('.') : parseHost(targetText, { underscores: true }, path)
  if (priority.ok && weight.ok && port.ok && target.ok) {
    return parsed(`${priority.value} ${weight.value} ${port.value} ${target.value}` as Value)
  }
  return refused(...[priority, weight, port, target].flatMap((field) => (field.ok ? [] : field.problems)))
}

export function srvParts(value: Value): SrvParts {
  const [priority, weight, port, target = ''] = value.split(' ')
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target }
}
