import { storeContract } from '../../../tests/contracts/store.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { openSqliteStore } from './open.ts'

storeContract(() =>
  openSqliteStore({ path: ':memory:', random: seededRandom(1), now: Date.now, bootId: undefined }),
)
