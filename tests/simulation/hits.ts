/** How often each fault met each port: what a run has tried at all. */
export interface Hits {
  add(port: string, fault: string, count?: number): void
  /** `port fault` → how often. */
  all(): Readonly<Record<string, number>>
}

export function createHits(): Hits {
  const counts = new Map<string, number>()
  return {
    add(port, fault, count = 1) {
      const key = `${port} ${fault}`
      counts.set(key, (counts.get(key) ?? 0) + count)
    },
    all: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
