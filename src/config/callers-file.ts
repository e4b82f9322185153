import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { DEFAULT_CALLER } from '#faces/operator/callers.ts'
import { type CallerAsWritten, callerShape, fileShape, headerText, REMEDIES } from './callers-shape.ts'
import { type Environment, quoted } from './environment.ts'
import type { CallerConfig, CloudflareConfig } from './operator.ts'
import { Secret } from './secret.ts'

/** What the environment says, for what a caller leaves out. */
export interface LeftOut extends Pick<CallerConfig, 'ownership' | 'ack' | 'defaults'> {
  /** undefined: it has no credential. */
  readonly cloudflare: CloudflareConfig | undefined
  readonly baseUrl: string
  /** Whether there is a caller of the environment, and what it signs with. */
  readonly hasDefault: boolean
  readonly secretsElsewhere: readonly Secret[]
}

/**
 * The callers in the YAML file at `path`, which `CONFIG_FILE` names. Every fault is told by its place in the file, and
 * never by what stands there where that may be a secret; an answer is whole only if no fault was told.
 */
export function callersInFile(env: Environment, path: string, leftOut: LeftOut): readonly CallerConfig[] {
  const text = env.fileText('CONFIG_FILE', path)
  const content = text === undefined ? undefined : contentOf(env, text)
  if (content === undefined) return []
  const list = fileShape.safeParse(content)
  if (!list.success) {
    tellIssues(env, list.error.issues, content, '')
    return []
  }
  const callers = list.data.callers.map((raw, index) => {
    const place = `callers[${index}]`
    return { place, caller: callerIn(new CallerEntry(env, place, dirname(path)), raw, leftOut) }
  })
  const whole = callers.flatMap(({ place, caller }) => (caller ? [{ place, caller }] : []))
  refuseSharing(env, whole, leftOut)
  return whole.map(({ caller }) => caller)
}

/** Where in the file something is told of, and how files that it names are read. */
class CallerEntry {
  readonly env: Environment
  readonly path: string
  readonly #folder: string

  constructor(env: Environment, path: string, folder: string) {
    this.env = env
    this.path = path
    this.#folder = folder
  }

  fault(member: string, problem: string, remedy = REMEDIES[memberOf(member)] ?? 'correct it'): void {
    this.env.fault(placed(this.path, member), problem, remedy)
  }

  /** A secret as it stands there, or from the file that is named beside it, without one line break at its end. */
  secret(text: string | undefined, file: string | undefined, member: string): Secret | undefined {
    if (text !== undefined && file !== undefined) {
      this.fault(member, `is set, and ${memberOf(member)}File too`, 'keep one of them')
    }
    const name = placed(this.path, `${member}File`)
    const told = text ?? (file && this.env.fileText(name, resolve(this.#folder, file)))?.replace(/\r?\n$/, '')
    if (told === '')
      this.fault(text === undefined ? `${member}File` : member, 'is empty', REMEDIES[memberOf(member)])
    return told ? new Secret(told) : undefined
  }
}

function contentOf(env: Environment, text: string): unknown {
  const document = parseDocument(text)
  for (const { code, linePos } of document.errors) {
    // Its own words show the line, which may hold a secret.
    const where = linePos === undefined ? '' : `, line ${linePos[0].line}`
    env.fault(
      `CONFIG_FILE${where}`,
      `is not YAML (${code})`,
      'correct the line, its indentation and its quotes',
    )
  }
  if (document.errors.length > 0) return undefined
  try {
    return document.toJS() ?? {}
  } catch {
    env.fault('CONFIG_FILE', 'refers to itself too often', 'write it without aliases')
    return undefined
  }
}

function callerIn(place: CallerEntry, raw: unknown, leftOut: LeftOut): CallerConfig | undefined {
  const { env } = place
  const before = env.faults.length
  const read = callerShape.safeParse(raw)
  if (!read.success) tellIssues(env, read.error.issues, raw, place.path)
  const asWritten = isObject(raw) ? raw : {}
  const text = (member: string) => {
    const value = asWritten[member]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const current = place.secret(text('secret'), text('secretFile'), 'secret')
  const previous = place.secret(text('previousSecret'), text('previousSecretFile'), 'previousSecret')
  const hasSecret = asWritten.secret !== undefined || asWritten.secretFile !== undefined
  if (!hasSecret) place.fault('secret', 'is missing')
  for (const [member, secret] of [
    ['secret', current],
    ['previousSecret', previous],
  ] as const) {
    if (secret && Buffer.byteLength(secret.reveal()) < 32) {
      const where = placed(place.path, member)
      env.warnings.push(`${where} has fewer than 32 octets; a longer one is harder to guess`)
    }
  }
  const cloudflare = read.success ? cloudflareOf(place, read.data.credential, leftOut) : undefined
  if (!read.success || !current || !cloudflare || env.faults.length > before) return undefined

  const { id, algorithm, allow, ownership, ack, defaults, rules, rateLimit, heirOf } = read.data
  const { zones, names, types } = allow
  const perSecond = rateLimit?.perSecond ?? (rateLimit?.perMinute ?? 0) / 60
  const burst = rateLimit?.burst ?? Math.max(1, Math.ceil(rateLimit?.perSecond ?? rateLimit?.perMinute ?? 1))
  return {
    id,
    cloudflare,
    signing: { algorithm, secrets: previous ? [current, previous] : [current] },
    ownership: ownership ?? leftOut.ownership,
    ack: ack ?? leftOut.ack,
    defaults: {
      ttl: defaults.ttl ?? leftOut.defaults.ttl,
      mxPriority: defaults.mxPriority ?? leftOut.defaults.mxPriority,
    },
    allowed: { ...(zones && { zones }), ...(names && { names }), ...(types && { types }) },
    rules: rules.map(({ name, proxied, ttl }) => ({
      names: name,
      ...(proxied !== undefined && { proxied }),
      ...(ttl !== undefined && { ttl }),
    })),
    ...(rateLimit && { limit: { perSecond, burst } }),
    ...(heirOf.length > 0 && { heirOf }),
  }
}

function cloudflareOf(
  place: CallerEntry,
  credential: CallerAsWritten['credential'],
  { cloudflare, baseUrl }: LeftOut,
): CloudflareConfig | undefined {
  if (credential === undefined) {
    if (cloudflare === undefined && !place.env.isFaulty('CLOUDFLARE_API_TOKEN')) {
      place.fault(
        'credential',
        'is missing, and CLOUDFLARE_API_TOKEN too',
        'give it, or set CLOUDFLARE_API_TOKEN',
      )
    }
    return cloudflare
  }
  const token = place.secret(credential.token, credential.tokenFile, 'credential.token')
  const key = place.secret(credential.key, credential.keyFile, 'credential.key')
  const { account: accountId, email } = credential
  for (const [member, secret] of [
    ['credential.tokenFile', token],
    ['credential.keyFile', key],
  ] as const) {
    if (secret && !headerText.safeParse(secret.reveal()).success) {
      place.fault(
        member,
        'holds a blank, a line break or another character that no credential has',
        'copy it again',
      )
    }
  }
  const known = { baseUrl, ...(accountId && { accountId }) }
  if (token && !key) return { ...known, credential: { kind: 'token', token } }
  if (key && email && !token) {
    const where = placed(place.path, 'credential.key')
    place.env.warnings.push(
      `${where} may do everything its owner may; a token with Zone:Read and DNS:Edit is enough`,
    )
    return { ...known, credential: { kind: 'key', key, email } }
  }
  if (!place.env.isFaulty(placed(place.path, 'credential.token'))) {
    place.fault('credential', 'has to be one token, or one key with its email')
  }
  return undefined
}

interface Placed {
  readonly place: string
  readonly caller: CallerConfig
}

/** What two callers must not have in common. */
function refuseSharing(
  env: Environment,
  all: readonly Placed[],
  { hasDefault, secretsElsewhere }: LeftOut,
): void {
  const ids = new Set(all.map(({ caller }) => caller.id))
  for (const [index, { place, caller }] of all.entries()) {
    const earlier = all.slice(0, index)
    const namesake = earlier.find((one) => one.caller.id === caller.id)
    if (namesake) {
      const problem = `is ${quoted(caller.id)}, and that of ${namesake.place} too`
      env.fault(`CONFIG_FILE ${place}.id`, problem, 'give each caller an id of its own')
    }
    // The address is not signed: what is signed for one of them could be sent to the other.
    const others = [...earlier.flatMap(secretsOf), ...secretsElsewhere].map((secret) => secret.reveal())
    if (secretsOf({ caller }).some((secret) => others.includes(secret.reveal()))) {
      const problem = 'is that of another caller too'
      env.fault(`CONFIG_FILE ${place}.secret`, problem, 'give each caller a secret of its own')
    }
    const sharing = earlier.find(
      (one) =>
        credentialText(one.caller) === credentialText(caller) &&
        one.caller.cloudflare.accountId !== caller.cloudflare.accountId,
    )
    if (sharing) {
      const problem = `is that of ${sharing.place}, with another account`
      env.fault(`CONFIG_FILE ${place}.credential`, problem, 'give each account a credential of its own')
    }
    for (const [nth, heir] of (caller.heirOf ?? []).entries()) {
      const where = `CONFIG_FILE ${place}.heirOf[${nth}]`
      if (ids.has(heir) || (heir === DEFAULT_CALLER && hasDefault)) {
        env.fault(where, `is ${quoted(heir)}, which is still there`, 'remove one of the two')
      }
      if (earlier.some((one) => one.caller.heirOf?.includes(heir))) {
        env.fault(where, `is ${quoted(heir)}, which has another heir`, 'remove one of the two')
      }
    }
  }
}

function secretsOf({ caller }: Pick<Placed, 'caller'>): readonly Secret[] {
  return caller.signing?.secrets ?? []
}

function credentialText({ cloudflare: { credential } }: CallerConfig): string {
  return credential.kind === 'token' ? credential.token.reveal() : credential.key.reveal()
}

/** Says what is wrong where, in words that hold nothing of a secret. */
function tellIssues(env: Environment, issues: readonly z.core.$ZodIssue[], raw: unknown, base: string): void {
  for (const issue of issues) {
    const path = pathOf(issue.path)
    const name = placed(base, path)
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) env.fault(placed(base, joined(path, told(key))), 'is not known', UNKNOWN)
      continue
    }
    const isMissing = issue.path.reduce<unknown>(memberIn, raw) === undefined
    const problem =
      issue.code === 'custom'
        ? issue.message
        : isMissing
          ? 'is missing'
          : `is not ${EXPECTED[issue.code] ?? 'valid'}`
    env.fault(name, problem, REMEDIES[memberOf(path)] ?? 'write it as docs/operator.md shows')
  }
}

const UNKNOWN = 'correct its name, or remove it; docs/configuration.md lists what there is'
const EXPECTED: Readonly<Record<string, string>> = {
  invalid_type: 'of the kind that belongs here',
  invalid_value: 'one of its values',
  invalid_format: 'of the form that belongs here',
  too_small: 'long or large enough',
  too_big: 'small enough',
}

/** A key that is misspelt is shown; what may be a line gone wrong, with all that is in it, is not. */
function told(key: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]{0,30}$/.test(key) ? key : '(a key)'
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : joined(text, String(step))),
    '',
  )
}

function joined(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`
}

function placed(base: string, path: string): string {
  return `CONFIG_FILE ${path === '' ? base : joined(base, path)}`.trim()
}

/** The last name in a path, without the places in lists. */
function memberOf(path: string): string {
  return (path.split('.').at(-1) ?? '').replace(/\[\d+\]/g, '')
}

function memberIn(value: unknown, step: PropertyKey): unknown {
  return isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[step] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
