import { createLog } from '#platform/log.ts'

/** Logs more than any pipe holds, in several turns of the loop, and says on standard error that it is still there. */
const log = createLog('info')
const words = 'x'.repeat(1_000)
for (let turn = 0; turn < 10; turn += 1) {
  for (let line = 0; line < 500; line += 1) log.info({ turn, line }, words)
  await new Promise((resolve) => setImmediate(resolve))
}
console.error('still here')
