import { createUnsent } from '../unsent.ts'
import type { Draft } from './draft.ts'

/** `recordId` undefined: a new record. */
export const unsentRecord = createUnsent<{ readonly recordId: string | undefined; readonly draft: Draft }>()
