import type { ApiVerifiedName, VerificationAnswer } from '#faces/dashboard/api.ts'

/** `later`: it is of no use to look yet. `unknown`: it cannot be seen from here. */
export type Progress = 'done' | 'now' | 'failed' | 'later' | 'unknown'

export interface Step {
  readonly step: 'saved' | 'served' | 'reachable'
  readonly progress: Progress
  /** Stands with the first step that is not done. */
  readonly hint?: ApiVerifiedName['hint']
}

/** The way of a name to its visitors, in the order in which it goes. */
export function stepsOf(name: ApiVerifiedName): readonly Step[] {
  const saved = savedProgress(name)
  const served = saved === 'done' ? servedProgress(name) : 'later'
  const reachable = isPassed(served) && saved === 'done' ? reachableProgress(name) : 'later'
  const steps: Step[] = [
    { step: 'saved', progress: saved },
    { step: 'served', progress: served },
    { step: 'reachable', progress: reachable },
  ]
  const open = steps.findIndex(({ progress }) => progress === 'now' || progress === 'failed')
  const where = open < 0 ? steps.length - 1 : open
  return steps.map((step, index) =>
    index === where && name.hint !== undefined ? { ...step, hint: name.hint } : step,
  )
}

/** `unseen`: all is right, but nobody has seen a visitor arrive as browsers do. */
export type Overall = 'live' | 'unseen' | 'waiting' | 'attention'

/** By the store's own name: a twin that leads elsewhere may do so on purpose. */
export function overallOf({ names: [own] }: Pick<VerificationAnswer, 'names'>): Overall {
  if (own?.state === 'live' && own.reachable !== 'yes') return 'unseen'
  return own?.state ?? 'waiting'
}

/** Whether nothing is left to wait for. */
export function isOver({ names: [own, ...others] }: Pick<VerificationAnswer, 'names'>): boolean {
  return own?.state === 'live' && others.every(({ state }) => state !== 'waiting')
}

/** How long to wait before looking again (ms), after so many looks: soon at first, then less and less often. */
export function lookAgainMs(looks: number): number {
  return Math.min(LATEST_MS, SOON_MS * 1.3 ** Math.max(0, looks - SOON_LOOKS))
}

const SOON_MS = 3_000
const SOON_LOOKS = 20
const LATEST_MS = 30_000

/** What the registrar has to put right: then Cloudflare's servers are not asked by anybody. */
const OF_REGISTRAR: readonly string[] = ['registrar', 'registrar-partly', 'domain-unknown', 'dnssec-broken']

function savedProgress({ saved }: ApiVerifiedName): Progress {
  if (saved === 'not_checked') return 'unknown'
  return saved === 'yes' ? 'done' : 'failed'
}

function servedProgress({ served, state, hint }: ApiVerifiedName): Progress {
  if (hint !== undefined && OF_REGISTRAR.includes(hint.code)) return 'failed'
  if (hint?.code === 'zone-pending') return 'now'
  if (served === 'yes') return 'done'
  return served === 'not_checked' && state === 'live' ? 'unknown' : 'now'
}

function reachableProgress({ reachable, state }: ApiVerifiedName): Progress {
  if (reachable === 'yes' || reachable === 'by_http') return 'done'
  if (state === 'attention') return 'failed'
  return state === 'live' ? 'unknown' : 'now'
}

function isPassed(progress: Progress): boolean {
  return progress === 'done' || progress === 'unknown'
}
