import type { RecordType } from '#dns/record-type.ts'
import { caa } from './caa.ts'
import type { DataShape } from './data-shape.ts'
import { mx } from './mx.ts'
import { srv } from './srv.ts'

export const DATA_SHAPES: Partial<Record<RecordType, DataShape>> = { CAA: caa, MX: mx, SRV: srv }
