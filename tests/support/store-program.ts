import { parseName } from '#dns/name.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { StoreError } from '#store/store.ts'

/**
 * `hold PATH`: opens the file as `serve` does, says `open`, and keeps it until its input ends.
 * `write PATH`: takes nonces and adds intents without end, and says each pair that was answered, until the store fails.
 */
const [mode, path] = process.argv.slice(2)
const name = parseName('www.example.com')
if (!name.ok) throw new Error('a name of ours is wrong')

try {
  const store = await openSqliteStore({
    path: path!,
    exclusive: true,
    random: systemRandom,
    now: systemClock.now,
  })
  console.log('open')
  if (mode === 'hold') {
    for await (const _ of process.stdin);
    await store.close()
  }
  for (let number = 0; mode === 'write'; number += 1) {
    const nonce = `${process.pid}-${number}`
    const [isClaimed, { generation }] = await Promise.all([
      store.claimNonce('default', nonce, systemClock.now() + 600_000),
      store.addIntent({
        zone: '0a'.repeat(16),
        key: { name: name.value, type: 'A' },
        wanted: null,
        caller: 'default',
        origin: 'caller',
        requestId: 'x'.repeat(500),
        at: systemClock.now(),
        waitsUntil: null,
        adopts: true,
      }),
    ])
    if (isClaimed) process.stdout.write(`${nonce} ${generation}\n`)
  }
} catch (error) {
  console.log(error instanceof StoreError ? `StoreError: ${error.message}` : `other: ${error}`)
  process.exit(0)
}
