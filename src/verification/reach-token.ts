import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * The address that is fetched over a store's name, to learn whether visitors of it arrive at the host platform, which
 * hands this path on to us; and what is answered there. Neither can be guessed, and nothing is kept: both follow from
 * the key.
 */
export interface ReachTokens {
  /** The same for a customer as long as the key is: 43 characters. */
  tokenFor(customerId: string): string
  /** The answer at a token's address; undefined: it is none of ours. */
  answerTo(token: string): string | undefined
}

export const REACH_PATH = '/.well-known/zonewright/'

/** `keys`: the current one, then those of before it, whose tokens are still answered. */
export function createReachTokens(keys: readonly [string, ...string[]]): ReachTokens {
  const tokenUnder = (key: string, customerId: string) => {
    const who = digest(key, `customer ${customerId}`).subarray(0, WHO_OCTETS)
    return Buffer.concat([who, sealOf(key, who)]).toString('base64url')
  }
  return {
    tokenFor: (customerId) => tokenUnder(keys[0], customerId),
    answerTo(token) {
      const octets = Buffer.from(token, 'base64url')
      // The one spelling of it: what decodes to the same is another address.
      if (octets.length !== WHO_OCTETS + SEAL_OCTETS || octets.toString('base64url') !== token)
        return undefined
      const who = octets.subarray(0, WHO_OCTETS)
      const key = keys.find((each) => timingSafeEqual(sealOf(each, who), octets.subarray(WHO_OCTETS)))
      return key && digest(key, `answer ${token}`).toString('base64url')
    },
  }
}

const WHO_OCTETS = 16
const SEAL_OCTETS = 16

/** So that an address of ours is known without a look into the database. */
function sealOf(key: string, who: Buffer): Buffer {
  return digest(key, `token ${who.toString('hex')}`).subarray(0, SEAL_OCTETS)
}

function digest(key: string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
