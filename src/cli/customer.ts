import { createPasswords, SHORTEST_PASSWORD } from '#accounts/passwords.ts'
import { emailOf } from '#accounts/sign-in.ts'
import { readConfig, readDatabaseConfig } from '#config/config.ts'
import { createLog } from '#platform/log.ts'
import { createMetrics } from '#platform/metrics.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { buildCustomers } from '#server/build-customers.ts'
import { openDatabase } from '#server/database.ts'
import { realSystem } from '#server/main.ts'
import type { CustomerRow } from '#store/accounts.ts'
import type { Store } from '#store/store.ts'
import { optionsIn } from './customer-options.ts'
import { type Io, reportFaults, UsageError } from './io.ts'

const OPTIONS_IN_WORDS = `  --email E             what they sign in with
  --domain D            the name of their store
  --password-file F     a file that holds their password, ${SHORTEST_PASSWORD} characters or more; one line break at its end is dropped
  --target-ipv4 A       where the store is, instead of TARGET_IPV4, TARGET_IPV6 and TARGET_HOST; may be repeated
  --target-ipv6 A       likewise; may be repeated
  --target-host H       likewise
  --serves-www yes|no   whether www (or the name without it) is served as well; yes unless said`

const USAGES: Readonly<Record<string, string>> = {
  add: `Usage: zonewright customer add --email E --domain D --password-file F [options]

Adds a customer of the dashboard, and prints the new id.

${OPTIONS_IN_WORDS}`,
  list: `Usage: zonewright customer list

One line a customer: id, e-mail address, domain, targets of their own, and how they stand with Cloudflare.`,
  set: `Usage: zonewright customer set CUSTOMER [options]

Changes what is named, and leaves the rest. CUSTOMER is an id or an e-mail address. Targets replace all that were there;
a new password, or a new e-mail address, ends all sessions; a new domain is reviewed anew.

${OPTIONS_IN_WORDS}
  --platform-targets    the platform's targets again, and none of their own`,
  remove: `Usage: zonewright customer remove CUSTOMER

Removes a customer and all that we have of them. CUSTOMER is an id or an e-mail address. What they granted by OAuth is
revoked at Cloudflare first, if SECRET_KEY and CLOUDFLARE_OAUTH_* are set as for the dashboard. Records stay as they are.`,
}

const OVERVIEW = `Usage: zonewright customer COMMAND

  add       adds a customer, and prints the id
  list      who there is
  set       changes one
  remove    removes one, with all that is theirs

"zonewright customer COMMAND --help" tells more. Reads DATABASE_URL, beside a running server or without one.`

/** undefined: each of the commands has its own. */
export const usage = undefined

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [name = '', ...rest] = argv
  const asksForHelp = argv.includes('--help') || argv.includes('-h')
  if (asksForHelp) {
    io.stdout((Object.hasOwn(USAGES, name) ? USAGES[name] : undefined) ?? OVERVIEW)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined)
    throw new UsageError(name === '' ? 'it takes a command' : `there is no command ${JSON.stringify(name)}`)
  const work = begin(name, command, rest, io)
  const read = readDatabaseConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const system = { clock: systemClock, random: systemRandom, log: createLog('silent') }
  const { store, close } = await openDatabase(read.value, system, { serving: false })
  try {
    return await work(store)
  } finally {
    await close()
  }
}

function begin(name: string, command: Command, argv: readonly string[], io: Io): ReturnType<Command> {
  try {
    return command(argv, io)
  } catch (error) {
    if (error instanceof UsageError) error.command = name
    throw error
  }
}

/** Reads its arguments at once, so that bad usage is told before anything is opened. */
type Command = (argv: readonly string[], io: Io) => (store: Store) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = {
  add(argv, io) {
    const { given, positionals } = optionsIn(argv, io)
    const { email, domain, password } = given
    if (positionals.length > 0) throw new UsageError('add takes options alone')
    if (email === undefined || domain === undefined || password === undefined)
      throw new UsageError('add takes --email, --domain and --password-file')
    return async ({ accounts: customers }) => {
      const customer: CustomerRow = {
        id: systemRandom.hex(16),
        email,
        passwordHash: await createPasswords().hash(password),
        domain,
        ...(given.targets ?? NO_TARGETS),
        servesWww: given.servesWww ?? null,
        createdAt: systemClock.now(),
      }
      if (!(await customers.addCustomer(customer))) return taken(email, io)
      io.stdout(customer.id)
      await tellShared(customer, customers, io)
      return 0
    }
  },

  list(argv, io) {
    const { given, positionals } = optionsIn(argv, io)
    if (positionals.length > 0 || Object.keys(given).length > 0) throw new UsageError('list takes nothing')
    return async ({ accounts: customers }) => {
      const all = await customers.customers()
      if (all.length === 0) io.stdout('There are no customers yet.')
      for (const customer of all) {
        const connection = await customers.connectionOf(customer.id)
        const standing = connection === undefined ? 'not connected' : connection.status.replace('_', ' ')
        io.stdout([customer.id, customer.email, customer.domain, targetsIn(customer), standing].join('  '))
      }
      return 0
    }
  },

  set(argv, io) {
    const { given, positionals } = optionsIn(argv, io)
    const who = onlyOne(positionals, 'set')
    if (Object.keys(given).length === 0) throw new UsageError('set takes what is to be changed')
    return async ({ accounts: customers }) => {
      const before = (await customers.customer(who)) ?? (await customers.customerByEmail(emailOf(who)))
      if (before === undefined) return unknown(who, io)
      const { email = before.email, domain = before.domain, password, targets = before } = given
      const { ipv4, ipv6, host } = targets
      const after: CustomerRow = {
        ...before,
        email,
        domain,
        ipv4,
        ipv6,
        host,
        servesWww: given.servesWww ?? before.servesWww,
        passwordHash: password === undefined ? before.passwordHash : await createPasswords().hash(password),
      }
      if (!(await customers.changeCustomer(after))) return taken(email, io)
      if (email !== before.email || password !== undefined)
        await customers.endSessionsOf(before.id, systemClock.now())
      if (domain !== before.domain) await tellShared(after, customers, io)
      return 0
    }
  },

  remove(argv, io) {
    const { given, positionals } = optionsIn(argv, io)
    const who = onlyOne(positionals, 'remove')
    if (Object.keys(given).length > 0) throw new UsageError('remove takes a customer alone')
    return async (store) => {
      const { accounts: customers } = store
      const customer = (await customers.customer(who)) ?? (await customers.customerByEmail(emailOf(who)))
      if (customer === undefined) return unknown(who, io)
      const isRevoked = await revoked(customer, store, io)
      await customers.removeCustomer(customer.id)
      if (!isRevoked)
        io.stderr(
          `What ${customer.email} granted at Cloudflare is deleted here, and not revoked there; they can do so in their Cloudflare profile.`,
        )
      return 0
    }
  },
}

const NO_TARGETS = { ipv4: [], ipv6: [], host: null } as const

function onlyOne(positionals: readonly string[], command: string): string {
  const [who, ...more] = positionals
  if (who === undefined || more.length > 0) throw new UsageError(`${command} takes one customer`)
  return who
}

/** False: there is a grant at Cloudflare that we could not take back. */
async function revoked({ id }: CustomerRow, store: Store, io: Io): Promise<boolean> {
  const connection = await store.accounts.connectionOf(id)
  if (connection === undefined || connection.kind === 'token') return true
  const read = readConfig(io.env, io.readFile, ['dashboard'])
  if (!read.ok || read.value.dashboard === undefined) return false
  const system = realSystem({ ...read.value, logLevel: 'silent' })
  try {
    const customers = buildCustomers(store, read.value.dashboard, system, createMetrics())
    const customer = await customers.find(id)
    return customer !== undefined && (await customers.disconnect(customer)).revoked === 'yes'
  } finally {
    system.transport.close()
  }
}

/** It is allowed: a shop may have two owners. But whoever typed a wrong name should hear of it. */
async function tellShared({ id, domain }: CustomerRow, customers: Store['accounts'], io: Io): Promise<void> {
  const others = (await customers.customers()).filter((one) => one.domain === domain && one.id !== id)
  if (others.length === 0) return
  const emails = others.map(({ email }) => email).join(', ')
  io.stderr(
    `${domain} is the domain of ${emails}, too: whoever of them connects Cloudflare can change its records, and sees what the others change as changes from outside.`,
  )
}

function targetsIn({ ipv4, ipv6, host }: CustomerRow): string {
  return [...ipv4, ...ipv6, ...(host === null ? [] : [host])].join(' ') || "the platform's targets"
}

function taken(email: string, io: Io): number {
  io.stderr(`There is a customer with the e-mail address ${email} already.`)
  return 1
}

function unknown(who: string, io: Io): number {
  io.stderr(`There is no customer ${JSON.stringify(who)}; "zonewright customer list" lists them.`)
  return 1
}
