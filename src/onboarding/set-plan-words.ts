import type { SetKey } from '#dns/record-set.ts'
import type { OriginKind } from './wanted-set.ts'

interface KeptWords {
  /** Of a record of a wanted set. */
  readonly asItIs: string
  /** Of every other one. */
  readonly bystander: string
}

const kept: Readonly<Record<OriginKind, KeptWords>> = {
  import: { asItIs: 'The file says the same.', bystander: 'It is not in the file, and stays as it is.' },
  undo: { asItIs: 'It is as it was.', bystander: 'It is not part of this change.' },
  mend: { asItIs: 'It stays as it is.', bystander: 'It is not part of this change.' },
}

/** Sentences of the review of putting sets as they are wanted, for the owner of the domain. */
export const setPlanWords = {
  ...kept,
  inTheWay: (type: string) => `It cannot stand beside the ${type} record.`,
  spared: 'The file does not name this text, so it stays. Tick it to delete it.',
  locked: (set: string, reason: string) => `${set} is left alone. ${reason}`,
  stands: ({ name, type }: SetKey, others: string) =>
    `${name} has ${others} records, and ${type} cannot stand beside them. Tick these rows to delete them for it.`,
  muchDeleted:
    'This would delete much, or the last mail server of a name, so it is not ticked. Tick what you mean to delete.',
  moreThanABatch: (most: number, left: number) =>
    `Cloudflare takes ${most} changes in one step, so ${left} rows are not ticked. Confirm these, then do the same again for the rest.`,
} as const
