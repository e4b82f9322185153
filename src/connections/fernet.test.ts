import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../tests/vectors/fernet.json' with { type: 'json' }
import { fernetDecrypt, fernetEncrypt } from './fernet.ts'

const KEY = Buffer.from(vectors.secret, 'base64url')
const ttlMs = vectors.ttlSeconds * 1000
const { token, madeAt, now, iv, text } = vectors.valid

test('the published token is made', () => {
  expect(fernetEncrypt(KEY, text, Date.parse(madeAt), Buffer.from(iv, 'hex'))).toBe(token)
})

test('the published token is read, while it is fresh and, where nobody asks for that, ever after', () => {
  expect(fernetDecrypt(KEY, token, { ttlMs, nowMs: Date.parse(now) })).toBe(text)
  expect(fernetDecrypt(KEY, token)).toBe(text)
})

test.each(vectors.invalid)('$desc is refused', ({ token, now }) => {
  expect(fernetDecrypt(KEY, token, { ttlMs, nowMs: Date.parse(now) })).toBeUndefined()
})

test('the two that are wrong in their time only can be read without a question about it', () => {
  const readable = vectors.invalid.filter(({ token }) => fernetDecrypt(KEY, token) !== undefined)
  expect(readable.map(({ desc }) => desc)).toEqual(['far-future TS (unacceptable clock skew)', 'expired TTL'])
})

test('whatever is encrypted is read again, by the same key alone', () => {
  const other = Buffer.alloc(32, 1)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (secret) => {
      const sealed = fernetEncrypt(KEY, secret, 0)
      expect(fernetDecrypt(KEY, sealed)).toBe(secret)
      expect(fernetDecrypt(other, sealed)).toBeUndefined()
    }),
  )
})

test('no letter of a token can be another one', () => {
  const sealed = fernetEncrypt(KEY, 'a token', Date.parse(now))
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'AZaz09-_=+/ '), (index, letter) => {
      const changed = `${sealed.slice(0, index)}${letter}${sealed.slice(index + 1)}`
      if (changed !== sealed) expect(fernetDecrypt(KEY, changed)).toBeUndefined()
    }),
  )
})

test('a token without its padding, or with something after it, is refused', () => {
  for (const wrong of ['', token.replace(/=+$/, ''), `${token}=`, `${token}\n`, `${token}AAAA`])
    expect(fernetDecrypt(KEY, wrong)).toBeUndefined()
})
