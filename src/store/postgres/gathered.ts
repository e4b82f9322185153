/** No statement carries more at once. */
const LARGEST_LOT = 500

/**
 * Collects what is asked for while an earlier lot is under way, and does it as the next lot: one trip and one commit
 * for all of it. The first waits for nobody but the rest of its turn of the loop. A lot fails as a whole.
 */
export function gathered<Item, Answer>(
  doAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = []
  let isWorking = false

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const lot = waiting.slice(0, LARGEST_LOT)
      waiting = waiting.slice(LARGEST_LOT)
      try {
        const answers = await doAll(lot.map(({ item }) => item))
        for (const [index, { resolve }] of lot.entries()) resolve(answers[index]!)
      } catch (error) {
        for (const { reject } of lot) reject(error)
      }
    }
    isWorking = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (isWorking) return
      isWorking = true
      setImmediate(work)
    })
}
