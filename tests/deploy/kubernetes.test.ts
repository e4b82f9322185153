import { readFileSync } from 'node:fs'
import type { Container, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig } from '#config/config.ts'
import type { ConfigFault } from '#config/environment.ts'
import { createWebhook, type SentRecord } from '../faults/webhook.ts'
import { type Manifest, manifestsBelow, root, yamlFilesBelow, yamlIn } from './manifests.ts'
import { typeFaultsIn } from './typed.ts'

const FOLDER = 'deploy/kubernetes'
const VARIANTS = ['postgresql', 'sqlite'] as const
const COMPONENTS = ['callers', 'tls'] as const
const all = manifestsBelow(FOLDER)
const ours = all.filter(({ file }) => !file.startsWith(`${FOLDER}/samples/`))
const samples = all.filter(({ file }) => file.startsWith(`${FOLDER}/samples/`))

test('every object of ours is what Kubernetes says that it may be', () => {
  expect(typeFaultsIn(ours)).toEqual([])
})

test('a member that there is not, or of another type, is found', () => {
  const service = ours.find(({ kind }) => kind === 'Service')!
  const faults = typeFaultsIn([
    { ...service, spek: {} },
    { ...service, spec: { ports: [{ port: '7100' }] } },
  ])
  expect(faults.filter((line) => /error TS/.test(line))).toEqual([
    expect.stringMatching(/"spek"' does not exist/),
    expect.stringMatching(/not assignable to type 'number'/),
  ])
  expect(typeFaultsIn([{ ...service, kind: 'Servant' }])).toEqual([expect.stringMatching(/nobody knows/)])
})

test('everything of ours is in the namespace dns-system', () => {
  const elsewhere = ours.filter(({ kind, metadata }) =>
    kind === 'Namespace' ? metadata.name !== 'dns-system' : metadata.namespace !== 'dns-system',
  )
  expect(elsewhere).toEqual([])
})

test('a variant lists every file of its folder, and the common ones', () => {
  const listed = (folder: string) =>
    yamlIn<{ resources: string[] }>(`${FOLDER}/${folder}/kustomization.yaml`)[0]!.resources.toSorted()
  const there = (folder: string) =>
    yamlFilesBelow(`${FOLDER}/${folder}`)
      .map((file) => file.slice(file.lastIndexOf('/') + 1))
      .filter((name) => name !== 'kustomization.yaml')
  expect(listed('common')).toEqual(there('common'))
  for (const variant of VARIANTS) expect(listed(variant)).toEqual(['../common', ...there(variant)].sort())
})

describe.each(VARIANTS)('the variant on %s', (variant) => {
  const objects = ours.filter(({ file }) => /\/common\//.test(file) || file.includes(`/${variant}/`))
  const deployment = objects.find(({ kind }) => kind === 'Deployment')!
  const { replicas, strategy, template } = deployment.spec as {
    replicas: number
    strategy: { type: string }
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec }
  }
  const pod = template.spec
  const container = pod.containers[0] as Container

  test('has as many replicas as its database bears', () => {
    expect([replicas, strategy.type]).toEqual(variant === 'sqlite' ? [1, 'Recreate'] : [2, 'RollingUpdate'])
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
    expect(budgets).toHaveLength(variant === 'sqlite' ? 0 : 1)
  })

  test('is meant by every selector', () => {
    const selectors = objects.flatMap(selectorsOf)
    expect(selectors.length).toBeGreaterThanOrEqual(3)
    for (const selector of selectors) expect(template.metadata.labels).toMatchObject(selector)
  })

  test('has every port that is named elsewhere', () => {
    const named = JSON.stringify(objects).matchAll(/"(?:targetPort|port)":"([a-z]+)"/g)
    const ports = (container.ports ?? []).map(({ name }) => name)
    expect(ports).toEqual(expect.arrayContaining([...named].map(([, name]) => name)))
  })

  test('runs as nobody in particular, in a file system that it may only read', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const mounted = (container.volumeMounts ?? []).map(({ name }) => name)
    expect(mounted).toEqual((pod.volumes ?? []).map(({ name }) => name))
  })

  test('is asked whether it lives and is ready, and has the time to drain', () => {
    const paths = [container.startupProbe, container.livenessProbe, container.readinessProbe]
    expect(paths.map((probe) => probe?.httpGet?.path)).toEqual(['/livez', '/livez', '/readyz'])
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30)
  })

  test('asks for 96 MiB, and has no limit of CPU', () => {
    expect(container.resources).toEqual({
      requests: { cpu: '50m', memory: '96Mi' },
      limits: { memory: '192Mi' },
    })
  })

  test('starts with a token, and with the key, address and account of the guide', () => {
    const secret = { 'hmac-secret': 'a-secret-of-thirty-two-octets-!!' }
    const token = { 'api-token': 'token' }
    const guides = { 'api-key': 'key', email: 'admin@example.com', 'account-id': '0a'.repeat(16) }
    for (const credentials of [token, guides]) {
      expect(faultsWith(container, secret, credentials)).toEqual([])
    }
    const rotating = { ...secret, 'hmac-secret-previous': 'the-previous-one-of-32-octets-!!' }
    expect(faultsWith(container, rotating, token)).toEqual([])
  })

  test('does not start with the secrets as they are in the example', () => {
    const faults = faultsWith(container, {}, {}).map(({ name }) => name)
    expect(faults).toEqual(expect.arrayContaining(['HMAC_SECRET', 'CLOUDFLARE_API_TOKEN']))
  })
})

describe('the samples', () => {
  const crds = JSON.parse(readFileSync(`${root}tests/deploy/operator-crds.json`, 'utf8'))
  const faultsIn = ({ file: _, ...object }: Manifest) =>
    z.fromJSONSchema(crds[object.kind]).safeParse(object).error?.issues ?? []
  const records = samples.filter(({ kind }) => kind === 'DNSRecord')
  const specOf = (sample: Manifest) => sample.spec as SentRecord & { dnsClassRef: { name: string } }

  test('are what the operator lets into the cluster', () => {
    expect(samples.flatMap(faultsIn)).toEqual([])
    expect(faultsIn({ ...records[0]!, spec: { ...specOf(records[0]!), ttl: 0 } })).toHaveLength(1)
    expect(faultsIn({ ...records[0]!, spec: { ...specOf(records[0]!), tll: 60 } })).toHaveLength(1)
  })

  test('have one record of every type there is', () => {
    const types = crds.DNSRecord.properties.spec.properties.type.enum
    expect(records.map((sample) => specOf(sample).type).sort()).toEqual(types.toSorted())
  })

  test('name the Service, the Secret and the class that are there', () => {
    const dnsClass = samples.find(({ kind }) => kind === 'DNSClass')!
    const { server, hmacAuth } = dnsClass.spec as {
      server: string
      hmacAuth: { secretRef: { name: string; namespace: string; key: string } }
    }
    const service = ours.find(({ kind }) => kind === 'Service')!
    expect(server).toBe(`http://${service.metadata.name}.${service.metadata.namespace}.svc:7100`)
    const { name, key } = hmacAuth.secretRef
    const secret = ours.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)
    expect(Object.keys(secret?.stringData as object)).toEqual([key])
    for (const sample of records) expect(specOf(sample).dnsClassRef.name).toBe(dnsClass.metadata.name)
  })

  test('are made at Cloudflare, every one', async () => {
    const webhook = await createWebhook()
    const answers = await webhook.answers(records.map((sample) => webhook.upsert(asSent(specOf(sample)))))
    expect(answers.map(({ status, json }) => [status, json.error?.message])).toEqual(
      records.map(() => [200, undefined]),
    )
    await webhook.end()
  })

  /** What the operator sends of a spec: neither metadata nor description. */
  function asSent({ type, domain, subdomain, values, ttl }: SentRecord): SentRecord {
    return { type, subdomain, values, ...(domain && { domain }), ...(ttl && { ttl }) }
  }
})

describe('the components', () => {
  test.each(VARIANTS)('add to the container of the variant on %s what it has not', (variant) => {
    const deployment = ours.find(({ kind, file }) => kind === 'Deployment' && file.includes(`/${variant}/`))!
    const { template } = deployment.spec as { template: { spec: PodSpec } }
    const container = template.spec.containers[0]!
    const added = COMPONENTS.map(addedBy)
    for (const { target, container: one } of added) {
      expect(target).toEqual({ kind: 'Deployment', name: deployment.metadata.name })
      expect(one.name).toBe(container.name)
    }
    const env = [container, ...added.map((each) => each.container)].flatMap((each) => each.env ?? [])
    const volumeMounts = [container, ...added.map((each) => each.container)].flatMap(
      (each) => each.volumeMounts ?? [],
    )
    const volumes = [template.spec, ...added.map((each) => each.spec)].flatMap((each) => each.volumes ?? [])
    for (const named of [env, volumes]) {
      expect(new Set(named.map(({ name }) => name)).size).toBe(named.length)
    }
    const podSpec = { ...template.spec, volumes, containers: [{ ...container, env, volumeMounts }] }
    const patched = {
      ...deployment,
      spec: { ...(deployment.spec as object), template: { ...template, spec: podSpec } },
    }
    expect(typeFaultsIn([patched])).toEqual([])
  })

  test('for several callers reads the example where it is mounted', () => {
    const { container: added } = addedBy('callers')
    const path = added.env!.find(({ name }) => name === 'CONFIG_FILE')!.value!
    const files: Record<string, string> = {
      'callers.yaml': readFileSync(`${root}examples/callers.yaml`, 'utf8'),
      'shops-secret': 'a-secret-of-the-shops-of-32-octets\n',
      'shops-token': 'token-of-the-shops\n',
      'office-secret': 'a-secret-of-the-office-of-32-octets',
      'office-token': 'token-of-the-office',
    }
    const [{ mountPath } = { mountPath: '' }] = added.volumeMounts!
    const read = readConfig({ CONFIG_FILE: path }, (file) => files[file.slice(mountPath.length + 1)]!)
    expect(read).toMatchObject({
      ok: true,
      value: { operator: { callers: [{ id: 'shops' }, { id: 'office' }] }, warnings: [] },
    })
  })

  test('for HTTPS reads a Secret of the type kubernetes.io/tls where it is mounted', () => {
    const { container: added } = addedBy('tls')
    const env = Object.fromEntries(added.env!.map(({ name, value = '' }) => [name, value]))
    const held: Record<string, string> = {
      'tls.crt': readFileSync(`${root}tests/support/loopback-cert.pem`, 'utf8'),
      'tls.key': readFileSync(`${root}tests/support/loopback-key.pem`, 'utf8'),
    }
    const [{ mountPath } = { mountPath: '' }] = added.volumeMounts!
    const variables = { ...env, HMAC_SECRET: 's'.repeat(32), CLOUDFLARE_API_TOKEN: 'token' }
    const read = readConfig(variables, (file) => held[file.slice(mountPath.length + 1)]!)
    expect(read).toMatchObject({ ok: true, value: { operator: { tls: { cert: held['tls.crt'] } } } })
  })
})

test('the move to PostgreSQL reads the volume of the one variant and writes to the database of the other', () => {
  const job = ours.find(({ kind }) => kind === 'Job')!
  const deployments = ours.filter(({ kind }) => kind === 'Deployment')
  const [move, onPostgres, onSqlite] = [job, ...deployments].map(
    ({ spec }) => (spec as { template: { metadata: { labels: object }; spec: PodSpec } }).template,
  )
  const container = move!.spec.containers[0]!
  const variable = (template: typeof move) =>
    template!.spec.containers[0]!.env!.find(({ name }) => name === 'DATABASE_URL')!
  expect(move!.spec.volumes).toEqual(onSqlite!.spec.volumes)
  expect(move!.spec.securityContext).toEqual(onSqlite!.spec.securityContext)
  expect(container.volumeMounts).toEqual(onSqlite!.spec.containers[0]!.volumeMounts)
  expect(container.args).toEqual(['migrate', '--from', variable(onSqlite).value, '--to', 'DATABASE_URL'])
  expect(variable(move)).toEqual(variable(onPostgres))
  expect(container.securityContext).toEqual(onPostgres!.spec.containers[0]!.securityContext)
  const services = ours.filter(({ kind }) => kind === 'Service').flatMap(selectorsOf)
  for (const selector of services) expect(move!.metadata.labels).not.toMatchObject(selector)
})

test('the service of the compose file starts with the files that it names', () => {
  const [compose] = yamlIn<{
    services: { zonewright: { environment: Record<string, string>; secrets: string[] } }
  }>('examples/compose.yaml')
  const { environment, secrets } = compose!.services.zonewright
  const files: Record<string, string> = {
    'database-url': 'postgres://zonewright:password@database:5432/zonewright',
    'hmac-secret': 'a-secret-of-thirty-two-octets-!!\n',
    'cloudflare-token': 'token\n',
  }
  expect(secrets.toSorted()).toEqual(Object.keys(files).sort())
  const read = readConfig(environment, (path) => files[path.replace(/^\/run\/secrets\//, '')]!)
  expect(read).toMatchObject({ ok: true, value: { database: { kind: 'postgres' } } })
})

/** What a component adds to a Deployment. */
function addedBy(component: (typeof COMPONENTS)[number]) {
  const [read] = yamlIn<{ patches: { target: object; patch: string }[] }>(
    `${FOLDER}/${component}/kustomization.yaml`,
  )
  const [{ target, patch } = { target: {}, patch: '' }] = read!.patches
  const { spec } = (parse(patch) as { spec: { template: { spec: PodSpec } } }).spec.template
  return { target, spec, container: spec.containers[0]! }
}

function selectorsOf({ kind, spec }: Manifest): Record<string, string>[] {
  const { selector, podSelector } = (spec ?? {}) as Record<string, { matchLabels?: Record<string, string> }>
  if (kind === 'Service') return [selector as Record<string, string>]
  return [selector?.matchLabels, podSelector?.matchLabels].filter((labels) => labels !== undefined)
}

/** What a container would say of its environment, if the Secrets held this. */
function faultsWith(
  container: Container,
  hmac: Record<string, string>,
  credentials: Record<string, string>,
): readonly ConfigFault[] {
  const held: Record<string, Record<string, string>> = {
    ...heldByTheExample(),
    ...(Object.keys(hmac).length > 0 && {
      'cloudflare-dns-secret': hmac,
      'cloudflare-credentials': credentials,
      'zonewright-database': { url: 'postgres://user:password@database:5432/zonewright' },
    }),
  }
  const variables: Record<string, string> = {}
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { name: secret = '', key = '', optional = false } = valueFrom?.secretKeyRef ?? {}
    const text = value ?? held[secret]?.[key]
    if (text !== undefined) variables[name] = text
    else if (!optional) throw new Error(`${name} waits for ${key} of ${secret}, which is not there`)
  }
  const read = readConfig(variables, () => '', ['operator'])
  return read.ok ? [] : read.faults
}

function heldByTheExample(): Record<string, Record<string, string>> {
  const secrets = ours.filter(({ kind }) => kind === 'Secret')
  return Object.fromEntries(secrets.map(({ metadata, stringData }) => [metadata.name, stringData as never]))
}
