import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** An object as `kubectl apply` would send it, and where it stands. */
export interface Manifest {
  readonly file: string
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [member: string]: unknown
}

/** All documents of a YAML file, by its path from the root of the repository; throws if one cannot be read. */
export function yamlIn<T>(file: string): T[] {
  return parseAllDocuments(readFileSync(root + file, 'utf8')).map((document) => {
    const [fault] = [...document.errors, ...document.warnings]
    if (fault !== undefined) throw new Error(`${file}: ${fault.message}`)
    return document.toJS() as T
  })
}

/** All objects below `folder`, without what is Kustomize's own. */
export function manifestsBelow(folder: string): Manifest[] {
  return yamlFilesBelow(folder)
    .filter((file) => !file.endsWith('/kustomization.yaml'))
    .flatMap((file) => yamlIn<Manifest>(file).map((manifest) => ({ ...manifest, file })))
}

export function yamlFilesBelow(folder: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`)
    .sort()
}
