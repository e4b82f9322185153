import { expect, test } from 'vitest'
import { createReachTokens } from './reach-token.ts'

const tokens = createReachTokens(['the key'])

test('a customer has one token, which is nobody else’s and fits into a path', () => {
  expect(tokens.tokenFor('anna')).toBe(tokens.tokenFor('anna'))
  expect(tokens.tokenFor('anna')).not.toBe(tokens.tokenFor('bert'))
  expect(createReachTokens(['another']).tokenFor('anna')).not.toBe(tokens.tokenFor('anna'))
  expect(tokens.tokenFor('anna')).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('its answer is not in the address: a server that repeats what it was asked proves nothing', () => {
  const token = tokens.tokenFor('anna')
  const answer = tokens.answerTo(token)!
  expect(answer).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(token).not.toContain(answer)
  expect(answer).not.toContain(token)
})

test('what is no token of ours has no answer', () => {
  const token = tokens.tokenFor('anna')
  const last = token.endsWith('A') ? 'B' : 'A'
  const strange = [
    '',
    'x',
    token.slice(1),
    `${token}=`,
    `${token}A`,
    token.slice(0, -2) + last + token.at(-1),
    createReachTokens(['another']).tokenFor('anna'),
  ]
  expect(strange.map(tokens.answerTo)).toEqual(strange.map(() => undefined))
})

test('a token from before the key was changed is still answered, as it was then', () => {
  const token = tokens.tokenFor('anna')
  const later = createReachTokens(['the new key', 'the key'])
  expect(later.answerTo(token)).toBe(tokens.answerTo(token))
  expect(later.tokenFor('anna')).not.toBe(token)
})
