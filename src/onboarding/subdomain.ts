import { ownTargets, type Situation, type Taken, takeName } from './taken.ts'

/** A store below the apex, www among them: exactly its name. A host that has a name of its own is followed by it. */
export function takeSubdomain(situation: Situation): Taken {
  const { addresses, alias } = ownTargets(situation.store)
  return takeName(situation, situation.store.name, [...alias, ...addresses])
}
