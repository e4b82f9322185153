import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../support/imports.ts'

/** Commands as a page shows them: a fenced block, or lines that are set in. */
export interface Block {
  /** `docs/operator.md` */
  readonly page: string
  readonly text: string
}

/** README.md and the pages of docs/. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** Every block of a page that a shell is to run. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(root + page, 'utf8')
  const fenced = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language = '', code = '']) => language === 'sh' || (language === '' && COMMAND.test(code)))
    .map(([, , code = '']) => code)
  const setIn = text
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .split(/\n(?! {4})/)
    .flatMap((part) => {
      const code = part.replace(/^[^\n]*\n/, '').replaceAll(/^ {4}/gm, '')
      return COMMAND.test(code) ? [`${code.trim()}\n`] : []
    })
  return [...fenced, ...setIn].map((code) => ({ page, text: code }))
}

const COMMAND =
  /^([A-Z_]+=\S|(bin\/zonewright|zonewright|npm|npx|node|curl|dig|docker|kubectl|createdb|export|secret\(\)) )/
