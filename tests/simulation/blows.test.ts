import { expect, test } from 'vitest'
import { type Blow, FATES, STORE_PORTS } from './life.ts'
import type { Lasting, Scenario } from './scenario.ts'
import { runSeed } from './simulate.ts'

/**
 * Every port of the store that the engine uses while anything goes wrong. Left out are those that only commands use
 * (`knownZones`, `historyEntry`, `setsOf`), those that only the webhook and retention use (`claimNonce`, `forgetNonces`, `forgetEnds`), and those that are used when
 * a process begins or ends in peace (`freeAllLeases`, `releaseLeases`, `ping`, `close`): tests/contracts/store breaks
 * all of them.
 */
const PORTS = [...STORE_PORTS, 'wantRead', 'history', 'markFull', 'markRefusalTold']

/** Some ports are used only at a start: somebody has to die first. */
const DEATHS: readonly Blow[] = [
  { port: 'dispatch', kind: 'die', phase: 'after' },
  { port: 'waitingIntents', kind: 'die', phase: 'before' },
]

const FULL: Lasting = {
  fault: 'F17',
  zone: 'example.com',
  name: 'n0.example.com',
  form: 'paused',
  room: 0,
  operations: 200,
  afterChanges: 5,
  lastsMs: 120_000,
}

/** What a port needs that is seldom used otherwise. */
const WORLDS: Readonly<Record<string, Partial<Scenario>>> = {
  addCorrection: { humanEdits: 60, faultRate: 0.02, refreshMs: 30_000, changeEveryMs: 4_000, names: 4 },
  requeue: { faults: ['F1', 'F2', 'F6', 'F21'], faultRate: 0.3 },
  history: { faults: ['F3', 'F4'], names: 3, faultRate: 0.15, parallelCallers: 3, changeEveryMs: 500 },
  wantRead: { outages: 1, refreshMs: 30_000, deletes: 0.8, parallelCallers: 3, faults: ['F19', 'F20', 'F5'] },
  markFull: { lasting: [FULL] },
  markRefusalTold: { ack: 'accepted', lasting: [{ ...FULL, fault: 'F14' }] },
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)

test.each(PORTS)(
  'a call of %s may take long, fail, or be the last one, before it takes effect and after',
  async (port) => {
    const open = new Set(FATES.map(({ kind, phase }) => `${port} ${kind} ${phase}`))
    for (const seed of SEEDS) {
      const blows = FATES.map((fate) => ({ port, ...fate })).filter(({ kind, phase }) =>
        open.has(`${port} ${kind} ${phase}`),
      )
      const { hits, violations } = await runSeed(seed, {
        blows: [...DEATHS, ...blows],
        scenario: {
          replicas: 3,
          // Many times as fast; what this is about is on our side of the store.
          interleaved: false,
          changes: 120,
          changeEveryMs: 2_000,
          humanEdits: 8,
          faultRate: 0.2,
          ...WORLDS[port],
        },
      })
      expect(violations, `seed ${seed}`).toEqual([])
      for (const cell of open) if (hits[cell]) open.delete(cell)
      if (open.size === 0) return
    }
    expect([...open]).toEqual([])
  },
  300_000,
)
