import fc from 'fast-check'

/**
 * What everything that is drawn begins with: 1 where a change is judged, so that nothing but the change decides; another
 * one every night (scripts/test.mjs prints it). `SEED=4711 npm test -- PATH` draws the same again.
 */
export const SEED = Number(process.env.SEED ?? 1)

fc.configureGlobal({ seed: SEED })
