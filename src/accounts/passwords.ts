/** Passwords as PHC strings of argon2id, one at a time: each takes 19 MiB and some 20 ms of a core. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Takes as long for what cannot be (null: there is no such account, or it has no password) as for what is wrong.
   * Undefined: too many wait already.
   */
  matches(password: string, hash: string | null): Promise<boolean | undefined>
}

/** In characters. The longest is far beyond any password manager's, and no work for argon2. */
export const SHORTEST_PASSWORD = 8
export const LONGEST_PASSWORD = 1_000

export function createPasswords(): Passwords {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  function oneByOne<T>(work: () => Promise<T>): Promise<T> {
    waiting += 1
    const mine = last.then(work).finally(() => {
      waiting -= 1
    })
    last = mine.catch(() => {})
    return mine
  }

  return {
    hash: (password) => oneByOne(async () => (await argon2()).hash(normal(password), COST)),
    async matches(password, known) {
      if (waiting >= MOST_WAITING) return undefined
      const isPossible = known !== null && password.length <= LONGEST_PASSWORD
      const given = password.length <= LONGEST_PASSWORD ? password : ''
      const { verify } = await argon2()
      const matches = await oneByOne(() => verify(isPossible ? known : NOBODYS, normal(given)))
      return matches && isPossible
    },
  }
}

/** Native code, loaded when it is needed first: whoever serves the webhook alone does without. */
const argon2 = () => import('@node-rs/argon2')

/** OWASP, "Password Storage Cheat Sheet" (2025): argon2id, the library's default, with 19 MiB, 2 rounds, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Of a password that was thrown away; with the same cost. */
const NOBODYS =
  '$argon2id$v=19$m=19456,t=2,p=1$Hn1FXqqnDbHKu2QqBRg76w$AUxYDhonZG8Un8PnmFFfVyltvR98RM26B0jc6rZPx9I'

/** Nobody waits much longer than a second for the others. */
const MOST_WAITING = 50

/** What looks the same on two keyboards is the same (NIST SP 800-63B-4, section 3.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC')
}
