import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Manifest, root } from './manifests.ts'

/** Where `kubernetes-types` has the type of each kind that we use; a kind that is not here is a fault. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'apps/v1': ['Deployment'],
  'batch/v1': ['Job'],
  'core/v1': ['Namespace', 'PersistentVolumeClaim', 'Secret', 'Service'],
  'networking/v1': ['NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
}

/**
 * What the compiler has against these objects, as literals of Kubernetes' own types: members that there are not count
 * as well, as they do for `kubectl apply --validate=strict`. Empty: nothing.
 */
export function typeFaultsIn(manifests: readonly Manifest[]): string[] {
  const unknown = manifests.filter(({ apiVersion, kind }) => !GROUPS[folderOf(apiVersion)]?.includes(kind))
  if (unknown.length > 0) {
    return unknown.map(({ file, apiVersion, kind }) => `${file}: nobody knows ${apiVersion} ${kind}`)
  }
  const folder = `${root}.zonewright/tests`
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${process.pid}-manifests.ts`
  writeFileSync(file, asTypeScript(manifests))
  const tsc = ['--noEmit', '--strict', '--types', '', '--module', 'esnext', '--moduleResolution', 'bundler']
  const { status, stdout } = spawnSync(
    process.execPath,
    [`${root}node_modules/typescript/bin/tsc`, '--ignoreConfig', ...tsc, file],
    { cwd: root, encoding: 'utf8' },
  )
  rmSync(file)
  return status === 0 ? [] : stdout.trim().split('\n')
}

function asTypeScript(manifests: readonly Manifest[]): string {
  const imports = Object.entries(GROUPS).map(
    ([group, kinds]) => `import type { ${kinds.join(', ')} } from 'kubernetes-types/${group}'`,
  )
  const objects = manifests.map(({ file, ...object }, number) => {
    const name = `${file.replace(/\W/g, '_')}_${number}`
    return `export const ${name}: ${object.kind} = ${JSON.stringify(object, null, 2)}`
  })
  return [...imports, ...objects].join('\n')
}

function folderOf(apiVersion: string): string {
  if (apiVersion === 'v1') return 'core/v1'
  const [group = '', version = ''] = apiVersion.split('/')
  return `${group.split('.')[0]}/${version}`
}
