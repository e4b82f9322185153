import type { Value } from '#dns/value.ts'

/**
 * How Cloudflare writes the data of a record type whose `content` alone does not say it
 * (Cloudflare API, "Create DNS Record", 2026). Every other type is its `content`.
 */
export interface DataShape {
  toWire(value: Value): Readonly<Record<string, unknown>>
  /** As `parseValue` reads it. */
  fromWire(record: WireData): string
}

export interface WireData {
  readonly content: string
  readonly priority?: number | null | undefined
  readonly data?: Readonly<Record<string, unknown>> | null | undefined
}
