import { type Name, parseName } from '#dns/name.ts'

/** Names by their form, as a configuration writes them. */
export interface NameGlob {
  /** As it was written, with its labels as they stand in names. */
  readonly text: string
  matches(name: Name): boolean
  /** Its labels that hold no `*`, each as it stands in names. */
  readonly literals: readonly string[]
}

/**
 * A whole name in which `*` stands for what one label, or a part of one, may be, and `**` for one label or more.
 *
 *     *.apps.example.com     shop.apps.example.com, *.apps.example.com; not a.b.apps.example.com
 *     **.example.com         shop.example.com, a.b.example.com; not example.com
 *     shop-*.example.com     shop-1.example.com
 *
 * Undefined: it is none.
 */
export function parseNameGlob(text: string): NameGlob | undefined {
  const labels = text.split('.').map(labelGlob)
  if (labels.some((label) => label === undefined)) return undefined
  const known = labels.filter((label) => label !== undefined)
  const form = new RegExp(`^${known.map(({ source }) => source).join('\\.')}$`)
  return {
    text: known.map((label) => label.text).join('.'),
    matches: (name) => form.test(name),
    literals: known.flatMap(({ literal }) => (literal === undefined ? [] : [literal])),
  }
}

interface LabelGlob {
  readonly text: string
  readonly source: string
  readonly literal?: string
}

function labelGlob(text: string): LabelGlob | undefined {
  if (text === '**') return { text, source: '[^.]+(?:\\.[^.]+)*' }
  if (text.includes('*')) {
    const isPlain = /^(?!.*\*\*)[a-z0-9_*-]{1,63}$/i.test(text)
    const lower = text.toLowerCase()
    return isPlain ? { text: lower, source: lower.replaceAll('*', '[^.]*') } : undefined
  }
  const label = parseName(text)
  return label.ok ? { text: label.value, source: label.value, literal: label.value } : undefined
}
