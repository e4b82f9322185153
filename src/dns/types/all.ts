import { a } from './a.ts'
import { aaaa } from './aaaa.ts'
import { caa } from './caa.ts'
import { cname } from './cname.ts'
import { mx } from './mx.ts'
import { ns } from './ns.ts'
import { srv } from './srv.ts'
import { txt } from './txt.ts'
import type { TypeRules } from './type-rules.ts'

/** The types that can be declared, in the order in which they are listed. */
export const TYPES = {
  A: a,
  AAAA: aaaa,
  CAA: caa,
  CNAME: cname,
  MX: mx,
  NS: ns,
  SRV: srv,
  TXT: txt,
} satisfies Record<string, TypeRules>
