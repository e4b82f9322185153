import { X509Certificate } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Listen, TlsConfig } from '#config/config.ts'
import type { DashboardConfig } from '#config/dashboard.ts'
import type { CallerConfig, OperatorConfig } from '#config/operator.ts'
import { DEFAULT_CALLER } from '#faces/operator/callers.ts'
import { signatureHeaders } from '../request.ts'
import { type Finding, fault, good, warning } from './finding.ts'

/**
 * Asks a server on this machine, if there is one, whether it is ready, and each face whether it answers. The webhook is
 * asked for `GET /health`, signed: it makes no call to Cloudflare, and only a good signature gets past 401.
 */
export async function visitServer({
  metrics,
  operator,
  dashboard,
}: {
  metrics: Listen
  operator: OperatorConfig | undefined
  dashboard: DashboardConfig | undefined
}): Promise<readonly Finding[]> {
  const alive = await asked(metrics, '/livez')
  if (alive === undefined) {
    const words = `none answers at ${placeOf(metrics)} (METRICS_PORT)`
    return [warning('server', words, 'start one, or run this where it runs')]
  }
  if (alive.body.trim() !== 'alive') {
    const words = `another program answers at ${placeOf(metrics)}`
    return [fault('server', words, 'stop that one, or set METRICS_PORT to another number')]
  }
  const ready = await asked(metrics, '/readyz')
  return [
    ready?.status === 200
      ? good('server', 'runs and is ready')
      : fault(
          'server',
          'runs and is not ready',
          'see its log: its database does not answer, or it is about to end',
        ),
    ...(operator === undefined ? [] : await operatorFindings(operator)),
    ...(dashboard === undefined ? [] : await dashboardFindings(dashboard)),
  ]
}

async function operatorFindings({ listen, callers, tls }: OperatorConfig): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const caller of callers) {
    // With the current secret alone: a use of the previous one would look like a caller that has not changed yet.
    const headers = signatureHeaders({ method: 'GET', path: '/health' }, Buffer.alloc(0), caller.signing)
    const address = caller.id === DEFAULT_CALLER ? '/health' : `/c/${caller.id}/health`
    const reply = await asked(listen, address, { headers, tls })
    if (reply === undefined) return [...findings, silent('webhook', listen, 'PORT')]
    if (findings.length === 0) findings.push(...oldCertificate(reply, tls))
    findings.push(healthFinding(reply, caller))
  }
  return findings
}

function healthFinding({ status, body }: LocalReply, { id, signing }: CallerConfig): Finding {
  const { code, message } = readHealth(body)
  const secret = id === DEFAULT_CALLER ? 'HMAC_SECRET' : `the secret of the caller ${id}`
  const accepted = signing === undefined ? 'takes unsigned requests' : `takes what is signed with ${secret}`
  if (status === 200) return good('webhook', accepted)
  if (status === 503 && code === undefined) {
    const words = `${accepted}, and is unhealthy: ${message ?? 'it gives no reason'}`
    return fault('webhook', words, 'see what is told of network and credential here, and its log')
  }
  if (code === 'TIMESTAMP_STALE') {
    return fault('webhook', `refuses our time: ${message}`, 'keep NTP on this machine and on its database')
  }
  if (status === 401) {
    const words = `refuses what is signed with ${secret}: it runs with another secret or algorithm`
    return fault(
      'webhook',
      words,
      "send it SIGHUP or restart it, or give this command the server's environment",
    )
  }
  const words = `answers with status ${status}${code === undefined ? '' : ` (${code})`}`
  return fault('webhook', words, 'see its log, and whether another program has PORT')
}

async function dashboardFindings({ listen, tls }: DashboardConfig): Promise<readonly Finding[]> {
  const reply = await asked(listen, '/dashboard/login', { tls })
  if (reply === undefined) return [silent('dashboard', listen, 'DASHBOARD_PORT')]
  return [
    ...oldCertificate(reply, tls),
    reply.status === 200
      ? good('dashboard', 'answers with its pages')
      : fault('dashboard', `answers with status ${reply.status}`, 'build its pages: npm run build'),
  ]
}

function silent(check: string, listen: Listen, variable: string): Finding {
  const remedy = 'restart the server with this configuration, or give this command its own'
  return fault(check, `does not answer at ${placeOf(listen)} (${variable})`, remedy)
}

function oldCertificate({ fingerprint }: LocalReply, tls: TlsConfig | undefined): readonly Finding[] {
  if (tls === undefined || fingerprint === new X509Certificate(tls.cert).fingerprint256) return []
  const words = 'the server has another certificate than TLS_CERT_FILE'
  return [warning('TLS', words, 'restart it: files are read when it starts')]
}

function readHealth(body: string): { code: string | undefined; message: string | undefined } {
  try {
    const { error, message } = JSON.parse(body) as {
      error?: { code: string; message: string }
      message?: string
    }
    return { code: error?.code, message: error?.message ?? message }
  } catch {
    return { code: undefined, message: undefined }
  }
}

interface LocalReply {
  readonly status: number
  readonly body: string
  /** SHA-256 of its certificate. */
  readonly fingerprint: string | undefined
}

const ANSWER_WITHIN_MS = 5_000
const MOST_OCTETS = 65_536

/** undefined: nobody answers. */
function asked(
  listen: Listen,
  path: string,
  { headers = {}, tls }: { headers?: Record<string, string>; tls?: TlsConfig | undefined } = {},
): Promise<LocalReply | undefined> {
  const about = {
    host: hostOf(listen),
    port: listen.port,
    path,
    headers,
    timeout: ANSWER_WITHIN_MS,
    agent: false,
  }
  return new Promise((resolve) => {
    // Its certificate names the public name; which one it is, is compared instead.
    const outgoing =
      tls === undefined ? httpRequest(about) : httpsRequest({ ...about, rejectUnauthorized: false })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(undefined))
    outgoing.on('close', () => resolve(undefined))
    outgoing.on('response', (reply) => {
      const fingerprint =
        tls === undefined ? undefined : (reply.socket as TLSSocket).getPeerCertificate().fingerprint256
      const chunks: Buffer[] = []
      let octets = 0
      reply.on('data', (chunk: Buffer) => {
        octets += chunk.length
        if (octets > MOST_OCTETS) outgoing.destroy()
        else chunks.push(chunk)
      })
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString(), fingerprint }),
      )
    })
    outgoing.end()
  })
}

function placeOf(listen: Listen): string {
  const host = hostOf(listen)
  return `${host.includes(':') ? `[${host}]` : host}:${listen.port}`
}

/** Whoever listens everywhere listens here too. */
function hostOf({ host }: Listen): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
