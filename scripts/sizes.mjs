/** How large the program's files and functions are, by room. It is shown so that growth is seen, and fails nothing. */
import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'rolldown/parseAst'
import { root } from './setup.mjs'

const SHORT_FILE = 50
const FILES_SHOWN = 10
const FUNCTIONS_SHOWN = 15

/** The three tables as text. */
export function sizesOf(folder = `${root}src/`) {
  const files = globSync('**/*.ts', { cwd: folder })
    .filter((path) => !/(^|\/|\.)(test|testing)\.ts$/.test(path))
    .sort()
    .map((path) => measured(path, readFileSync(folder + path, 'utf8')))
  const functions = files.flatMap(({ functions }) => functions)
  const longest = (all, count) => all.toSorted((one, other) => other.lines - one.lines).slice(0, count)
  return [
    table(['room', 'files', 'lines', `≤${SHORT_FILE} lines`], [...rooms(files), totalled('in all', files)]),
    table(
      ['largest files', 'lines'],
      longest(files, FILES_SHOWN).map(({ path, lines }) => [path, lines]),
    ),
    table(
      ['longest functions', 'lines', 'where'],
      longest(functions, FUNCTIONS_SHOWN).map(({ name, lines, where }) => [name, lines, where]),
    ),
  ].join('\n\n')
}

function rooms(files) {
  const byRoom = Map.groupBy(files, ({ path }) => path.split('/').slice(0, -1).slice(0, 2).join('/') || '.')
  return [...byRoom]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([room, own]) => totalled(room, own))
}

function totalled(room, files) {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return [room, files.length, lines, files.filter((file) => file.lines <= SHORT_FILE).length]
}

function measured(path, text) {
  const lineAt = lineCounter(text)
  const functions = []
  const visit = (node, name) => {
    if (Array.isArray(node)) for (const one of node) visit(one, name)
    else if (typeof node?.type === 'string') {
      const named = nameOf(node) ?? name
      if (IS_FUNCTION.test(node.type) && node.body) {
        const from = lineAt(node.start)
        functions.push({
          name: named ?? '(unnamed)',
          lines: lineAt(node.end) - from + 1,
          where: `${path}:${from}`,
        })
      }
      for (const [key, child] of Object.entries(node)) {
        if (typeof child === 'object')
          visit(child, GIVES_ITS_NAME.has(`${node.type} ${key}`) ? named : undefined)
      }
    }
  }
  visit(parseAst(text, { lang: 'ts' }, path), undefined)
  return { path, lines: text.trimEnd().split('\n').length, functions }
}

const IS_FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/
const GIVES_ITS_NAME = new Set(['VariableDeclarator init', 'Property value', 'MethodDefinition value'])

function nameOf({ id, key }) {
  return id?.name ?? key?.name ?? key?.value
}

function lineCounter(text) {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1
}

/** Texts to the left, numbers to the right. */
function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)))
  const isNumber = head.map((_, at) => typeof rows[0]?.[at] === 'number')
  return all
    .map((row) => row.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at]))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}
