/**
 * Chance with a seed: the same seed gives the same ids, in every run and on every machine.
 * Each use has a stream of its own, so that one more header does not change the next record's id.
 */
import { createHash } from 'node:crypto'

export interface RandomStream {
  /** Uniform in [0, 1). */
  fraction(): number
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number
  /** Lower-case hexadecimal, two digits a byte. */
  hex(bytes: number): string
}

/** A stream named by `purpose` under `seed` (sfc32, Chris Doty-Humphrey's small fast counter generator). */
export function randomStream(seed: number, purpose: string): RandomStream {
  const start = createHash('sha256').update(`${seed}/${purpose}`).digest()
  let a = start.readInt32LE(0)
  let b = start.readInt32LE(4)
  let c = start.readInt32LE(8)
  let counter = start.readInt32LE(12)

  function next(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }

  return {
    fraction: () => next() / 4_294_967_296,
    below: (limit) => Math.floor((next() / 4_294_967_296) * limit),
    hex(bytes) {
      let digits = ''
      while (digits.length < bytes * 2) digits += next().toString(16).padStart(8, '0')
      return digits.slice(0, bytes * 2)
    },
  }
}

/** Letters and digits. Of the seed, so that a run can be repeated; no secret from anybody who knows it. */
export function letters(random: RandomStream, count: number): string {
  return Array.from({ length: count }, () => ALPHABET[random.below(ALPHABET.length)]).join('')
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** An id of 32 digits that depends on the name alone: a zone keeps its id when another zone is added. */
export function idFor(seed: number, kind: string, name: string): string {
  return createHash('sha256').update(`${seed}/${kind}/${name}`).digest('hex').slice(0, 32)
}
