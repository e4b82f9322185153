import { X509Certificate } from 'node:crypto'
import {
  type Configured,
  configuredFaces,
  type DatabaseConfig,
  type Face,
  type Listen,
  readConfig,
  readDatabaseConfig,
  type TlsConfig,
  type Variables,
} from '#config/config.ts'
import type { DashboardConfig } from '#config/dashboard.ts'
import type { ReadFile } from '#config/environment.ts'
import type { OperatorConfig } from '#config/operator.ts'
import { type Finding, fault, good, warning } from './finding.ts'

/** What of the configuration can be read, whatever is wrong with the rest of it; undefined: not configured, or faulty. */
export interface Readable {
  readonly findings: readonly Finding[]
  readonly database: DatabaseConfig | undefined
  readonly operator: OperatorConfig | undefined
  readonly dashboard: DashboardConfig | undefined
  readonly metrics: Listen | undefined
}

/** Every fault and every warning of what `serve` would read, and what there is to go on with. */
export function readableConfig(variables: Variables, readFile: ReadFile, now: number): Readable {
  const faces = configuredFaces(variables)
  const read = (which: readonly Face[]) => readConfig(variables, readFile, which)
  const whole = read(faces)
  const operator = faces.includes('operator') ? valueIn(read(['operator']))?.operator : undefined
  const dashboard = faces.includes('dashboard') ? valueIn(read(['dashboard']))?.dashboard : undefined
  const tls = operator?.tls ?? dashboard?.tls
  return {
    findings: [
      ...(faces.length === 0 ? [NOTHING_CONFIGURED] : []),
      ...(whole.ok ? [] : whole.faults.map(({ name, problem, remedy }) => fault(name, problem, remedy))),
      ...(whole.ok ? whole.value.warnings.map((words) => warning('configuration', words)) : []),
      ...(whole.ok && faces.length > 0
        ? [good('configuration', `complete, for ${faces.join(' and ')}`)]
        : []),
      ...(tls === undefined ? [] : [certificateFinding(tls, now)]),
    ],
    database: valueIn(readDatabaseConfig(variables, readFile)),
    operator,
    dashboard,
    metrics: valueIn(read([]))?.metrics,
  }
}

const NOTHING_CONFIGURED = fault(
  'configuration',
  'there is nothing to serve',
  'set HMAC_SECRET, HMAC_DISABLED=true or CONFIG_FILE for the operator webhook, or SECRET_KEY for the dashboard',
)

function valueIn<T>(read: Configured<T>): T | undefined {
  return read.ok ? read.value : undefined
}

const DAY_MS = 86_400_000
const RENEW_WITHIN_DAYS = 14

function certificateFinding({ cert }: TlsConfig, now: number): Finding {
  const { validFrom, validTo } = new X509Certificate(cert)
  const daysLeft = Math.floor((Date.parse(validTo) - now) / DAY_MS)
  const [from, to] = [validFrom, validTo].map((time) => new Date(time).toISOString().slice(0, 10))
  const remedy = 'put a new one into TLS_CERT_FILE and TLS_KEY_FILE, and restart the server'
  if (daysLeft < 0) return fault('TLS', `the certificate has expired on ${to}`, remedy)
  if (Date.parse(validFrom) > now) return fault('TLS', `the certificate is not valid before ${from}`, remedy)
  if (daysLeft < RENEW_WITHIN_DAYS) return warning('TLS', `the certificate expires on ${to}`, remedy)
  return good('TLS', `the certificate is valid until ${to}`)
}
