/** Floods a port with so many requests of a kind a second, until it is told to end; then says what was answered. */
import { type FloodKind, flood } from '../tests/floods/flood.ts'

const [port, kind, perSecond] = process.argv.slice(2)
let isOver = false
process.once('SIGTERM', () => {
  isOver = true
})
console.log('flooding')
const flooded = await flood(
  Number(port),
  { kind: kind as FloodKind, perSecond: Number(perSecond) },
  () => isOver,
)
console.log(JSON.stringify(flooded))
