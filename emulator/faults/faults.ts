/** Which fault happens to which request: by script, by chance with a seed, or none. Off unless asked for. */
import type { Exchange } from '../exchange.ts'
import { randomStream } from '../random.ts'
import { ROUTE_NAMES, type RouteName } from '../routes.ts'
import { SITE_ROUTE_NAMES, type SiteRouteName } from '../site/routes.ts'
import type { WireReply } from '../wire.ts'
import { ANSWER_FAULTS } from './answers.ts'
import { BODY_FAULTS } from './bodies.ts'
import { COMMIT_FAULTS } from './commits.ts'
import { CONNECTION_FAULTS } from './connections.ts'
import { type Fault, type FaultSettings, oneOf, type Phase } from './fault.ts'
import { HAND_FAULTS } from './hands.ts'
import { OAUTH_FAULTS } from './oauth.ts'
import { createOutage } from './outage.ts'
import { READ_FAULTS } from './reads.ts'

export interface FaultRule extends FaultSettings {
  /** `F1` … `F37`, as `catalogue()` lists them. */
  readonly fault: string
  /** The fault's first when absent. */
  readonly phase?: Phase
  /** A route, or the API's that `read` or `write`; any when absent. */
  readonly route?: RouteName | SiteRouteName | 'read' | 'write'
  /** The name of a zone; any when absent. */
  readonly zone?: string
  /** Id, token, key or e-mail of a credential; anybody when absent. */
  readonly credential?: string
  /** How often it happens; 1 when absent, Infinity for always. */
  readonly times?: number
  /** How many requests that fit are let through first. */
  readonly after?: number
}

export interface RandomFaults {
  /** 0 … 1: the share of requests that a fault happens to. */
  readonly rate: number
  /** All that are not lasting when absent. */
  readonly only?: readonly string[]
  /** The emulator's own when absent. */
  readonly seed?: number
}

export interface FaultHit {
  readonly fault: string
  readonly phase: Phase
  readonly count: number
}

export interface CatalogueEntry {
  readonly fault: string
  readonly title: string
  readonly phases: readonly Phase[]
  readonly forms: readonly string[]
  readonly lasting: boolean
}

export interface Faults {
  /** Adds rules; the first that fits a request happens. Throws for a fault, phase, form or route that is not known. */
  script(rules: readonly FaultRule[]): void
  /** Turns chance on, or off when nothing is given. Throws for a fault that is not known or a rate out of 0 … 1. */
  random(settings?: RandomFaults): void
  /** Ends scripts, chance and an outage. What lasting faults have done stays. */
  clear(): void
  /** Ends the rules of one fault, and undoes what it has done that lasts. Throws for a fault that is not known. */
  end(fault: string): void
  hits(): readonly FaultHit[]
  /** The rules that have not happened as often as they were to, with the times that are left. */
  pending(): readonly FaultRule[]
  catalogue(): readonly CatalogueEntry[]
}

export interface FaultChooser {
  choose(exchange: Exchange): ChosenFault | undefined
}

export interface ChosenFault {
  readonly fault: string
  readonly phase: Phase
  inject(): WireReply
}

export function createFaults(emulatorSeed: number): Faults & FaultChooser {
  let rules: OpenRule[] = []
  let chance: { settings: RandomFaults; faults: readonly Fault[] } | undefined
  let stream = randomStream(emulatorSeed, 'faults')
  const outage = createOutage()
  let lasting: { readonly fault: Fault; readonly undo: () => void }[] = []
  const counts = new Map<string, FaultHit>()

  const all: readonly Fault[] = [
    ...ANSWER_FAULTS,
    ...CONNECTION_FAULTS,
    ...BODY_FAULTS,
    ...COMMIT_FAULTS,
    ...READ_FAULTS,
    ...HAND_FAULTS,
    ...OAUTH_FAULTS,
    outage.fault,
  ].sort((left, right) => Number(left.id.slice(1)) - Number(right.id.slice(1)))

  function named(id: string): Fault {
    const fault = all.find((each) => each.id === id)
    if (fault === undefined)
      throw new Error(`there is no fault ${id}; there are ${all.map((each) => each.id).join(', ')}`)
    return fault
  }

  function chosen(fault: Fault, phase: Phase, exchange: Exchange, settings: FaultSettings): ChosenFault {
    const key = `${fault.id} ${phase}`
    counts.set(key, { fault: fault.id, phase, count: (counts.get(key)?.count ?? 0) + 1 })
    return {
      fault: fault.id,
      phase,
      inject: () => {
        const undoneBy = (undo: () => void) => void lasting.push({ fault, undo })
        return fault.inject(exchange, { ...settings, phase, random: stream, undoneBy })
      },
    }
  }

  function scripted(exchange: Exchange): ChosenFault | undefined {
    for (const open of rules) {
      if (open.left <= 0 || !fits(open.rule, exchange)) continue
      if (open.fault.applies?.(exchange, open.rule) === false) continue
      if (open.passing > 0) {
        open.passing -= 1
        continue
      }
      open.left -= 1
      return chosen(open.fault, open.rule.phase ?? open.fault.phases[0]!, exchange, open.rule)
    }
    return undefined
  }

  function byChance(exchange: Exchange): ChosenFault | undefined {
    if (chance === undefined || exchange.isPage || !(stream.fraction() < chance.settings.rate))
      return undefined
    const possible = chance.faults.filter((fault) => fault.applies?.(exchange, {}) ?? true)
    if (possible.length === 0) return undefined
    const fault = oneOf(possible, stream)
    return chosen(fault, oneOf(fault.phases, stream), exchange, {})
  }

  return {
    script(more) {
      rules = [...rules, ...more.map((rule) => openRule(rule, named(rule.fault)))]
    },
    random(settings) {
      if (settings === undefined) {
        chance = undefined
        return
      }
      if (!(settings.rate >= 0 && settings.rate <= 1))
        throw new Error('the rate of faults is between 0 and 1')
      const faults = settings.only?.map(named) ?? all.filter((fault) => !fault.lasting)
      stream = randomStream(settings.seed ?? emulatorSeed, 'faults')
      chance = { settings, faults }
    },
    clear() {
      rules = []
      chance = undefined
      outage.end()
    },
    end(id) {
      const fault = named(id)
      rules = rules.filter((open) => open.fault !== fault)
      // What happened twice is undone twice, the last time first.
      for (const { undo } of lasting.filter((one) => one.fault === fault).reverse()) undo()
      lasting = lasting.filter((one) => one.fault !== fault)
    },
    hits: () => [...counts.values()],
    pending: () => rules.filter(({ left }) => left > 0).map(({ rule, left }) => ({ ...rule, times: left })),
    catalogue: () =>
      all.map(({ id, title, phases, forms = [], lasting = false }) => ({
        fault: id,
        title,
        phases,
        forms,
        lasting,
      })),
    choose(exchange) {
      if (outage.isOn(exchange.nowMs)) return chosen(outage.fault, 'before-auth', exchange, {})
      return scripted(exchange) ?? byChance(exchange)
    },
  }
}

interface OpenRule {
  readonly rule: FaultRule
  readonly fault: Fault
  left: number
  passing: number
}

function openRule(rule: FaultRule, fault: Fault): OpenRule {
  if (rule.phase !== undefined && !fault.phases.includes(rule.phase)) {
    throw new Error(`${fault.id} happens ${fault.phases.join(' or ')}, not ${rule.phase}`)
  }
  if (rule.form !== undefined && !fault.forms?.includes(rule.form)) {
    throw new Error(`${fault.id} has ${fault.forms?.join(', ') ?? 'no forms'}, and no form "${rule.form}"`)
  }
  const routes: readonly string[] = ['read', 'write', ...ROUTE_NAMES, ...SITE_ROUTE_NAMES]
  if (rule.route !== undefined && !routes.includes(rule.route)) {
    throw new Error(`there is no route "${rule.route}"; there are ${routes.join(', ')}`)
  }
  return { rule, fault, left: rule.times ?? 1, passing: rule.after ?? 0 }
}

function fits(rule: FaultRule, exchange: Exchange): boolean {
  const { matched, routeName, zone, credential } = exchange
  if (rule.route !== undefined && rule.route !== routeName) {
    const kind = matched?.route.writes ? 'write' : 'read'
    if (matched === undefined || rule.route !== kind) return false
  }
  if (rule.zone !== undefined && rule.zone !== zone?.name) return false
  if (rule.credential === undefined) return true
  return [credential?.id, credential?.secret, credential?.email].includes(rule.credential)
}
