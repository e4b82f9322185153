import { idsOf, ownTargets, type Situation, type Taken, takeName } from './taken.ts'
import { nameWords } from './words.ts'

/** The zone's own name as the store's: addresses first, which every resolver and every neighbour gets along with. */
export function takeApex(situation: Situation): Taken {
  return takeTheApex(situation, { selected: true })
}

/** The apex as the twin of a store at www: offered only, for the owner may have another site there. */
export function offerApex(situation: Situation): Taken {
  const taken = takeTheApex(situation, { selected: false })
  if (taken.rows.length === 0) return taken
  const message = nameWords.apexOptional(situation.zone.name, situation.store.name)
  const warning = { code: 'apex-optional', message, changes: idsOf(taken.rows) } as const
  return { ...taken, warnings: [...taken.warnings, warning] }
}

function takeTheApex(situation: Situation, options: { selected: boolean }): Taken {
  const { addresses, alias } = ownTargets(situation.store)
  return takeName(situation, situation.zone.name, [...addresses, ...alias], options)
}
