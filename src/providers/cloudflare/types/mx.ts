import { mxParts } from '#dns/value.ts'
import type { DataShape } from './data-shape.ts'

/** The priority stands beside the content. */
export const mx: DataShape = {
  toWire(value) {
    const { priority, exchange } = mxParts(value)
    return { content: exchange, priority }
  },
  fromWire: ({ content, priority }) => `${priority ?? 0} ${content}`,
}
