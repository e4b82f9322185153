import type { Origin } from '#store/declared.ts'

/** What the engine tells whoever counts; no record content and no secret is in any of it. */
export interface EngineEvents {
  unchanged(): void
  change(event: {
    kind: 'created' | 'updated' | 'deleted'
    origin: Origin
    outcome: 'done' | 'refused'
  }): void
  batch(event: { zone: string; operations: number }): void
  read(event: { zone: string; good: boolean }): void
  unknownOutcome(event: { zone: string }): void
  /** Changes that wait to be sent. */
  queue(event: { zone: string; waiting: number }): void
  drift(event: { zone: string; sets: number }): void
}
