import { Secret } from './secret.ts'

/** Something wrong with one variable, and what to do about it. */
export interface ConfigFault {
  readonly name: string
  readonly problem: string
  readonly remedy: string
}

/** Reads a file's text; throws if it cannot. */
export type ReadFile = (path: string) => string

/**
 * The environment, read variable by variable. What is wrong is collected, so that all of it can be told at once;
 * a reading that failed answers its default meanwhile. Empty means not set, but for secrets of our own.
 */
export class Environment {
  readonly faults: ConfigFault[] = []
  readonly warnings: string[] = []
  readonly #variables: Readonly<Record<string, string | undefined>>
  readonly #readFile: ReadFile

  constructor(variables: Readonly<Record<string, string | undefined>>, readFile: ReadFile) {
    this.#variables = variables
    this.#readFile = readFile
  }

  fault(name: string, problem: string, remedy: string): void {
    this.faults.push({ name, problem, remedy })
  }

  /** Whether it, or for a secret its `…_FILE`, is in the environment at all, be it empty. */
  mentions(name: string): boolean {
    return this.#variables[name] !== undefined || this.text(`${name}_FILE`) !== undefined
  }

  /** Whether a fault of it, or of its `…_FILE`, is known already. */
  isFaulty(name: string): boolean {
    return this.faults.some((fault) => fault.name === name || fault.name === `${name}_FILE`)
  }

  text(name: string): string | undefined {
    const value = this.#variables[name]?.trim()
    return value === '' ? undefined : value
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const value = this.text(name)
    if (value === undefined) return otherwise
    const choice = choices.find((one) => one === value)
    if (choice === undefined) this.fault(name, `is ${quoted(value)}`, `set it to ${choices.join(' or ')}`)
    return choice ?? otherwise
  }

  isTrue(name: string): boolean {
    return this.oneOf(name, ['true', 'false'], 'false') === 'true'
  }

  wholeNumber(name: string, least: number, most: number, otherwise: number): number {
    const value = this.text(name)
    if (value === undefined) return otherwise
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    const inRange = number >= least && number <= most
    if (!inRange) this.fault(name, `is ${quoted(value)}`, `set it to a whole number from ${least} to ${most}`)
    return inRange ? number : otherwise
  }

  /** From the variable or from the file that `…_FILE` names, without one line break at the end. */
  secret(name: string): Secret | undefined {
    const direct = this.#variables[name]
    const file = this.text(`${name}_FILE`)
    if (direct && file !== undefined) this.fault(name, `is set, and ${name}_FILE too`, 'keep one of them')
    const text = file === undefined ? direct : this.fileText(`${name}_FILE`, file)?.replace(/\r?\n$/, '')
    return text ? new Secret(text) : undefined
  }

  fileText(name: string, path: string): string | undefined {
    try {
      return this.#readFile(path)
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      this.fault(
        name,
        `names a file that cannot be read: ${path} (${reason})`,
        'correct the path or its permissions',
      )
      return undefined
    }
  }
}

/** For people, whole. */
export function sentenceOf({ name, problem, remedy }: ConfigFault): string {
  return `${name} ${problem}; ${remedy}.`
}

/** A value in a message, cut short. Never call it with a secret. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value)
}
