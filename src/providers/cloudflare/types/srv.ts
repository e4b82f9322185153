import { srvParts } from '#dns/value.ts'
import type { DataShape } from './data-shape.ts'

export const srv: DataShape = {
  toWire: (value) => ({ data: srvParts(value) }),
  fromWire({ content, priority, data }) {
    if (!data) return `${priority ?? 0} ${content}`
    // A null target has been seen as `false` and as an empty text.
    const target = data.target === false || data.target === '' ? '.' : data.target
    return `${data.priority ?? priority ?? 0} ${data.weight} ${data.port} ${target}`
  },
}
