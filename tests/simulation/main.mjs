/**
 * Runs the simulator over many seeds, on all cores:
 *
 *     npm run simulate -- --seeds 20000 --from 1
 *     npm run simulate -- --seed 4711 --trace 200      one seed, and the last lines of what happened
 *     npm run simulate -- --mutants                    how many seeds it takes to catch each broken engine
 *
 * With `--bias races` the schedule favours what makes stale writers, with `--bias customers` as well, and two customers
 * edit by hand; with `--mutant NAME` the engine is broken. One in eight of the worlds with several replicas has a store
 * like PostgreSQL's, which is slow; `--interleaved`: all of them.
 */
import '../../scripts/node.mjs'

// Not before an older Node.js, which cannot read it, has given way.
await import('./run.ts')
