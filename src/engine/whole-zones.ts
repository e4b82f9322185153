import { MOST_LISTED, WORK_KINDS, type WorkKind } from '#providers/provider.ts'

/** Who may read zones whole at the same time: what is in memory of them at once is bounded, whatever there is to keep. */
export interface WholeZones {
  /**
   * Does the work when there is room for so many records: people before machines before background, then first come,
   * first served. `records`: as many as are known; 0: nobody knows, so there may be as many as are read at all.
   */
  hold<T>(records: number, kind: WorkKind, work: () => Promise<T>): Promise<T>
}

/** @param room in records; a zone that alone has more is read by itself */
export function createWholeZones(room = 2 * MOST_LISTED): WholeZones {
  const lines: Record<WorkKind, { readonly size: number; readonly enter: () => void }[]> = {
    people: [],
    machines: [],
    background: [],
  }
  let held = 0

  function letIn(): void {
    for (;;) {
      const line = WORK_KINDS.map((kind) => lines[kind]).find(({ length }) => length > 0)
      const next = line?.[0]
      // Whoever is next goes next: a large zone is not kept waiting by ever more small ones.
      if (next === undefined || (held > 0 && held + next.size > room)) return
      line!.shift()
      held += next.size
      next.enter()
    }
  }

  return {
    async hold(records, kind, work) {
      const size = records === 0 ? MOST_LISTED : Math.min(Math.max(records, ONE_PAGE), MOST_LISTED)
      await new Promise<void>((enter) => {
        lines[kind].push({ size, enter })
        letIn()
      })
      try {
        return await work()
      } finally {
        held -= size
        letIn()
      }
    },
  }
}

/** Less than a page of a list is not worth counting. */
const ONE_PAGE = 1_000

/** One whole zone as large as any fits a heap of 64 MiB beside the rest; two want twice that. */
export function roomIn(heapMiB: number): number {
  return heapMiB < 128 ? MOST_LISTED : 2 * MOST_LISTED
}
