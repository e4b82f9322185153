import { describe } from 'vitest'
import { aName } from '#dns/testing.ts'
import { systemClock } from '#platform/system.ts'
import { providerContract } from '../../tests/contracts/provider.ts'
import { createMemoryProvider } from '../../tests/support/memory-provider.ts'

describe('a provider in memory:', () => {
  const client = createMemoryProvider({ clock: systemClock, name: aName('example.com'), latencyMs: 0 })
  providerContract(async () => ({ client, zone: client.zone }))
})
