import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'

/** One thing that a file takes from elsewhere. Paths are relative to the repository. */
export interface Import {
  readonly from: string
  /** As it is written: `./name.ts`, `#dns/name.ts`, `kysely`. */
  readonly specifier: string
  /** The file it means; undefined for a package. */
  readonly to: string | undefined
  /** `import('…')` as the program runs. */
  readonly isDynamic: boolean
  /** Gone before the program runs. */
  readonly isType: boolean
}

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** All files below a folder of the repository, of whatever kind; none if there is no such folder. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** Static and dynamic imports, re-exports and types that are named by their file. */
export function importsOf(file: string): Import[] {
  const program = parseAst(readFileSync(join(root, file), 'utf8'), {
    lang: file.endsWith('x') ? 'tsx' : 'ts',
  })
  const imports: Import[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit)
    if (!isNode(node)) return
    const specifier = IMPORTING.has(node.type) ? literalIn(node) : undefined
    if (specifier !== undefined) {
      imports.push({
        from: file,
        specifier,
        to: fileOf(file, specifier),
        isDynamic: node.type === 'ImportExpression',
        isType: isOfTypes(node),
      })
    }
    Object.values(node).forEach(visit)
  }
  visit(program.body)
  return imports
}

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function isOfTypes(node: Node): boolean {
  const kinds = [node, ...(Array.isArray(node.specifiers) ? node.specifiers : [])].map(
    ({ importKind, exportKind }) => importKind ?? exportKind,
  )
  const [whole, ...each] = kinds
  return (
    node.type === 'TSImportType' ||
    whole === 'type' ||
    (each.length > 0 && each.every((kind) => kind === 'type'))
  )
}

function literalIn(node: Node): string | undefined {
  const source = node.source ?? node.argument
  return isNode(source) && typeof source.value === 'string' ? source.value : undefined
}

const manifest: { imports: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)

function fileOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier)
  const [room, ...rest] = specifier.split('/')
  return manifest.imports[`${room}/*`]?.replace(/^\.\//, '').replace('*', rest.join('/'))
}
