import type { Problem } from '#dns/problems.ts'

/** What is wrong with a comment that somebody wrote beside a record. */
export function commentProblems(comment: string | null | undefined, path: string): Problem[] {
  if (!comment) return []
  return [
    ...([...comment].length > LONGEST ? [{ code: 'comment-too-long', path, most: LONGEST } as const] : []),
    ...(NOT_PLAIN.test(comment) ? [{ code: 'comment-not-plain', path } as const] : []),
  ]
}

/** Cloudflare docs, "Record attributes", 2026: 100 on Free, 500 otherwise. What the plan refuses Cloudflare refuses. */
const LONGEST = 500
/** Control characters, and halves of surrogate pairs: Cloudflare refuses some of them, and PostgreSQL others. */
const NOT_PLAIN = /[\p{Cc}\p{Cs}]/u
