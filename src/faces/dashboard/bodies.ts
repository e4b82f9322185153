import { z } from 'zod'
import { DELETION_SAFEGUARDS } from '#edit-rules/deletion-safeguards.ts'
import { MOST_AT_ONCE } from '#edit-rules/editing.ts'
import { RefusedRequest } from './on-error.ts'

/** Schemas are closed: a member that we do not know is refused, so that nobody sets what is ours to set. */
export const loginBody = z.strictObject({
  // PostgreSQL cannot be asked for a text with a NUL.
  email: z
    .string()
    .max(320)
    .regex(/^[^\0]*$/),
  password: z.string().max(1_024),
})

export const tokenBody = z.strictObject({ token: z.string().min(1).max(4_096) })

export const confirmBody = z.strictObject({
  planId: z.string().max(100),
  selected: z.array(z.string().max(200)).max(10_000),
})

export const fixBody = z.strictObject({ finding: z.string().max(400) })

/** What the fields may hold, #edit-rules says. Content has room for the longest TXT that Cloudflare takes, escaped. */
export const recordBody = z.strictObject({
  type: z.string().max(32),
  name: z.string().max(1_024),
  content: z.string().max(16_384),
  priority: z.number().nullable().optional(),
  proxied: z.boolean().optional(),
  ttl: z.number().optional(),
  comment: z.string().max(1_024).nullable().optional(),
})

/** `was`: the record as the page showed it. */
export const recordChangeBody = recordBody.extend({
  was: z
    .strictObject({
      type: z.string().max(32),
      name: z.string().max(1_024),
      content: z.string().max(16_384),
      priority: z.number().nullable(),
      proxied: z.boolean(),
      ttl: z.number().nullable(),
      comment: z.string().max(1_024).nullable(),
    })
    .optional(),
})

/** Cloudflare's ids of records: they become part of addresses at its API. */
export const RECORD_ID = /^[0-9a-f]{32}$/

/** `sure`: what the customer was asked about, and said yes to. */
export const removalBody = z.strictObject({
  ids: z.array(z.string().regex(RECORD_ID)).min(1).max(MOST_AT_ONCE),
  sure: z.array(z.enum(DELETION_SAFEGUARDS)).max(DELETION_SAFEGUARDS.length).optional(),
})

/** The body of a request that has none. */
export const noBody = z.union([z.undefined(), z.null(), z.strictObject({})])

/** The body as the schema has it. Throws `RefusedRequest` with the first field that is wrong, and all of them in details. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const problems = read.error.issues.slice(0, MOST_TOLD).flatMap(problemsOf)
  const [first] = problems
  throw new RefusedRequest({
    status: 422,
    code: 'INVALID_INPUT',
    message: first?.message ?? 'The request could not be read.',
    ...(first !== undefined && first.field !== '' && { field: first.field }),
    details: { problems },
  })
}

/** Nobody corrects more at once. */
const MOST_TOLD = 100

function problemsOf(issue: z.core.$ZodIssue): { field: string; code: string; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_TOLD).map((key) => {
      const field = key.slice(0, 60)
      return { field, code: 'unknown', message: `There is no field ${JSON.stringify(field)} here.` }
    })
  }
  const field = issue.path.map(String).join('.')
  if (field === '')
    return [{ field, code: issue.code, message: 'The body is not the JSON object that is expected.' }]
  const words: Partial<Record<typeof issue.code, string>> = {
    too_big: `The field ${field} is too long.`,
    too_small: `The field ${field} is empty.`,
  }
  const message = words[issue.code] ?? `The field ${field} is missing or not of the kind that is expected.`
  return [{ field, code: issue.code, message }]
}
