import { createUnsent } from '../unsent.ts'

/** The text of a zone file that was brought and is not imported: there again when one comes back to it. */
export const unsentFile = createUnsent<string>()
