import { z } from 'zod'
import { parseName } from '#dns/name.ts'
import { parseRecordType, RECORD_TYPES } from '#dns/record-type.ts'
import { parseTtl } from '#dns/ttl.ts'
import { parseNameGlob } from '#engine/declared/name-glob.ts'
import { quoted } from './environment.ts'

const secretText = z.string().min(1)
const glob = z.string().transform((text, context) => {
  const parsed = parseNameGlob(text)
  if (parsed) return parsed
  context.addIssue({ code: 'custom', message: `is ${quoted(text)}` })
  return z.NEVER
})
const zone = z.string().transform((text, context) => {
  const parsed = parseName(text)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: `is ${quoted(text)}` })
  return z.NEVER
})
const type = z.string().transform((text, context) => {
  const parsed = parseRecordType(text)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: `is ${quoted(text)}` })
  return z.NEVER
})
const ttl = z.unknown().transform((value, context) => {
  const parsed = parseTtl(value)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: 'is no TTL' })
  return z.NEVER
})
/** One line of visible ASCII, as what goes into a header. */
export const headerText = z.string().regex(/^[\x21-\x7e]+$/)
const rate = z.number().positive().max(100_000)

/** The whole file; each caller is looked at by itself, so that a fault of one hides none of another. */
export const fileShape = z.strictObject({ callers: z.array(z.unknown()).min(1) })
/** One caller, with its names, types and times read; what its members mean together is not looked at here. */
export const callerShape = z.strictObject({
  id: z.string().regex(/^(?!default$)[a-z0-9-]{1,32}$/),
  secret: secretText.optional(),
  secretFile: z.string().min(1).optional(),
  previousSecret: secretText.optional(),
  previousSecretFile: z.string().min(1).optional(),
  algorithm: z.enum(['SHA256', 'SHA512']).default('SHA256'),
  credential: z
    .strictObject({
      token: headerText.optional(),
      tokenFile: z.string().min(1).optional(),
      key: headerText.optional(),
      keyFile: z.string().min(1).optional(),
      email: headerText.optional(),
      account: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .optional(),
    })
    .optional(),
  allow: z
    .strictObject({
      zones: z.array(zone).min(1).optional(),
      names: z.array(glob).min(1).optional(),
      types: z.array(type).min(1).optional(),
    })
    .default({}),
  ownership: z.enum(['adopt', 'strict']).optional(),
  ack: z.enum(['cloudflare', 'accepted']).optional(),
  defaults: z
    .strictObject({ ttl: ttl.optional(), mxPriority: z.int().min(0).max(65_535).optional() })
    .default({}),
  rules: z
    .array(z.strictObject({ name: glob, proxied: z.boolean().optional(), ttl: ttl.optional() }))
    .default([]),
  rateLimit: z
    .strictObject({
      perSecond: rate.optional(),
      perMinute: rate.optional(),
      burst: z.int().min(1).max(100_000).optional(),
    })
    .refine(({ perSecond, perMinute }) => (perSecond === undefined) !== (perMinute === undefined), {
      message: 'has to have either perSecond or perMinute',
    })
    .optional(),
  heirOf: z.array(z.string()).default([]),
})

export type CallerAsWritten = z.infer<typeof callerShape>

/** What is to be done about a member, by its name. */
export const REMEDIES: Readonly<Record<string, string>> = {
  callers: 'write a list of callers',
  id: 'set it to 1 to 32 lower-case letters, digits and hyphens, and not to default, which is the environment’s',
  secret:
    'set it to at least 32 random octets in quotes, such as from `openssl rand -hex 32`, or use secretFile',
  secretFile: 'set it to the path of a file that holds the secret',
  previousSecret: 'set it to the previous secret, in quotes, or remove it',
  previousSecretFile: 'set it to the path of a file that holds the previous secret, or remove it',
  algorithm: 'set it to SHA256 or SHA512',
  credential: 'set it to a token or tokenFile, or to a key or keyFile and its email',
  token: 'copy the API token again, in quotes, or use tokenFile',
  key: 'copy the API key again, in quotes, or use keyFile',
  email: "set it to the address of the key's owner",
  account: 'set it to the 32 hexadecimal digits of the account, in quotes, or remove it',
  zones: 'write names of zones, such as example.com, or remove it to allow every zone of the credential',
  names:
    'write whole names, with * for a label or a part of one and ** for several, such as "*.example.com", or remove it',
  name: 'write a whole name, with * for a label or a part of one and ** for several, such as "*.example.com"',
  types: `write any of ${RECORD_TYPES.join(', ')}, or remove it to allow all`,
  ownership: 'set it to adopt or strict',
  ack: 'set it to cloudflare or accepted',
  ttl: 'set it to seconds from 60 to 86400, or 1 for automatic',
  mxPriority: 'set it to a whole number from 0 to 65535',
  proxied: 'set it to true or false',
  rules: 'write a list of rules, each with a name and proxied or ttl',
  perSecond: 'set it to a number above 0',
  perMinute: 'set it to a number above 0',
  burst: 'set it to a whole number from 1',
  rateLimit: 'set perSecond or perMinute, and burst for how many may come at once',
  heirOf: 'write ids of callers that are no more',
}
