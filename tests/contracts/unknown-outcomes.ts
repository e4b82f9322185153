import { describe, expect, test } from 'vitest'
import { bothFaces, type Processes } from '../support/both-faces.ts'

/** From the first second to the last at which a late commit has been seen. */
const LATE_SECONDS = [1, 30, 60, 100]

/** What one face of a zone has sent, and nobody knows what became of it, undoes nothing of the other's. */
export function unknownOutcomeContract(open: () => Promise<Processes>): void {
  describe.each(['correct', 'report'] as const)('with DRIFT=%s', (drift) => {
    test.each(LATE_SECONDS)(
      "an upsert replaces the record that a customer's edit of unknown outcome may still reach (late by %i s)",
      async (seconds) => {
        const world = await bothFaces({ drift, open })
        world.comesLate(seconds)
        const edited = await world.clock.until(world.edit('www A 192.0.2.2'))
        expect(edited).toMatchObject({ status: 'checking' })
        world.batches()
        const answer = await world.clock.until(world.upsert('www.example.com 300 A 192.0.2.9'))
        expect(answer).toMatchObject({ outcome: 'updated' })
        expect(world.batches()).toBe(1)
        expect(world.emulator.state.records('example.com').map(({ id }) => id)).not.toContain(world.www)
        expect(await world.states()).toEqual(['www.example.com 300 A 192.0.2.9'])
        expect((await world.operation(edited.id))?.status).not.toBe('checking')
        await world.end()
      },
    )

    test.each(LATE_SECONDS)(
      'an edit is told to wait where an upsert has an unknown outcome (late by %i s)',
      async (seconds) => {
        const world = await bothFaces({ drift, open })
        world.comesLate(seconds)
        const upserted = world.upsert('www.example.com 300 A 192.0.2.9')
        await world.clock.pass(900)
        const edited = world.clock.until(world.create('www A 192.0.2.7'))
        await expect(edited).rejects.toMatchObject({ code: 'being-checked' })
        expect(await world.clock.until(upserted)).toMatchObject({ outcome: 'updated' })
        expect(await world.states()).toEqual(['www.example.com 300 A 192.0.2.9'])
        await world.end()
      },
    )
  })
}
