import { caaParts } from '#dns/value.ts'
import type { DataShape } from './data-shape.ts'

export const caa: DataShape = {
  toWire: (value) => ({ data: caaParts(value) }),
  fromWire: ({ content, data }) =>
    data ? `${data.flags} ${data.tag} ${JSON.stringify(data.value)}` : content,
}
