import { parseArgs } from 'node:util'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '#accounts/passwords.ts'
import { emailOf } from '#accounts/sign-in.ts'
import { parseHost } from '#dns/host.ts'
import { type Name, parseName } from '#dns/name.ts'
import { describeProblem, type Parsed } from '#dns/problems.ts'
import { parseValue, type Value } from '#dns/value.ts'
import type { CustomerRow } from '#store/accounts.ts'
import { type Io, UsageError } from './io.ts'

/** What was named, read and checked. */
export interface Given {
  readonly email?: string
  readonly domain?: Name
  readonly password?: string
  /** All of them, or none of them changes. */
  readonly targets?: Pick<CustomerRow, 'ipv4' | 'ipv6' | 'host'>
  readonly servesWww?: boolean
}

/** Throws `UsageError` for whatever is wrong with them. */
export function optionsIn(argv: readonly string[], io: Io): { given: Given; positionals: readonly string[] } {
  const { values, positionals } = parsedArgs(argv)
  const addresses = (type: 'A' | 'AAAA', texts: readonly string[] = []): Value[] =>
    texts.map((text) => orUsage(parseValue(type, text, { mxPriority: 0 })))
  const host = values['target-host']
  const hasTargets = values['target-ipv4'] ?? values['target-ipv6'] ?? host
  if (hasTargets !== undefined && values['platform-targets'])
    throw new UsageError("--platform-targets leaves no targets of one's own")
  const targets =
    hasTargets === undefined && !values['platform-targets']
      ? undefined
      : {
          ipv4: addresses('A', values['target-ipv4']),
          ipv6: addresses('AAAA', values['target-ipv6']),
          host: host === undefined ? null : orUsage(parseHost(host, { underscores: true }, 'host')),
        }
  const servesWww = values['serves-www']
  if (servesWww !== undefined && servesWww !== 'yes' && servesWww !== 'no')
    throw new UsageError('--serves-www is yes or no')
  const file = values['password-file']
  return {
    positionals,
    given: {
      ...(values.email === undefined ? {} : { email: checkedEmail(values.email) }),
      ...(values.domain === undefined ? {} : { domain: checkedDomain(values.domain) }),
      ...(file === undefined ? {} : { password: passwordIn(file, io) }),
      ...(targets === undefined ? {} : { targets }),
      ...(servesWww === undefined ? {} : { servesWww: servesWww === 'yes' }),
    },
  }
}

function parsedArgs(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        domain: { type: 'string' },
        'password-file': { type: 'string' },
        'target-ipv4': { type: 'string', multiple: true },
        'target-ipv6': { type: 'string', multiple: true },
        'target-host': { type: 'string' },
        'platform-targets': { type: 'boolean' },
        'serves-www': { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function checkedEmail(text: string): string {
  const email = emailOf(text)
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    throw new UsageError(`${JSON.stringify(text)} is no e-mail address`)
  return email
}

function checkedDomain(text: string): Name {
  const name = orUsage(parseName(text))
  if (!name.includes('.') || name.startsWith('*')) throw new UsageError(`${name} is no domain of a store`)
  return name
}

function passwordIn(file: string, io: Io): string {
  let text: string
  try {
    text = io.readFile(file)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new UsageError(`the password file ${file} cannot be read (${reason})`)
  }
  const password = text.replace(/\r?\n$/, '')
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD || password.includes('\n'))
    throw new UsageError(
      `the password in ${file} is to be one line of ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`,
    )
  return password
}

function orUsage<T>(read: Parsed<T>): T {
  if (read.ok) return read.value
  throw new UsageError(read.problems.map(describeProblem).join(' '))
}
