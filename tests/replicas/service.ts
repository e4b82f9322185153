import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a Service of Kubernetes does: one port, and behind it those who say that they are ready. */
export interface Service {
  readonly port: number
  /** Resolves once it is ready, and takes connections. */
  add(endpoint: Endpoint): Promise<void>
  close(): Promise<void>
}

export interface Endpoint {
  readonly port: number
  readonly metricsPort: number
}

const PROBE_EVERY_MS = 100

/** Each new connection goes to the next of those who are ready, and stays there until one of its ends closes it. */
export async function openService(): Promise<Service> {
  const ready = new Set<Endpoint>()
  const sockets = new Set<Socket>()
  const probing: Promise<void>[] = []
  let isOver = false
  let turn = 0

  const server = createServer((near) => {
    turn += 1
    const endpoint = [...ready][turn % ready.size]
    if (endpoint === undefined) return void near.destroy()
    const far = connect(endpoint.port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.setNoDelay(true)
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function probe(endpoint: Endpoint): Promise<void> {
    while (!isOver) {
      const isReady = await fetch(`http://127.0.0.1:${endpoint.metricsPort}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) ready.add(endpoint)
      else if (ready.delete(endpoint)) return
      await sleep(PROBE_EVERY_MS)
    }
  }

  return {
    port: (server.address() as AddressInfo).port,
    async add(endpoint) {
      probing.push(probe(endpoint))
      while (!ready.has(endpoint)) await sleep(10)
    },
    async close() {
      isOver = true
      await Promise.all(probing)
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
