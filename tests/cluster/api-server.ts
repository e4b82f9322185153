import type { Clock } from '#platform/ports.ts'

/** A DNSRecord as the cluster keeps it. Nobody changes one in place. */
export interface DnsRecord {
  readonly name: string
  readonly spec: RecordSpec
  readonly version: number
  readonly finalizer: boolean
  /** Somebody asked for its deletion; it goes when the finalizer does. */
  readonly leaving: boolean
  readonly status: RecordStatus
}

export interface RecordSpec {
  readonly type: string
  readonly domain: string
  readonly subdomain: string
  readonly values: readonly string[]
  readonly ttl?: number
}

/** Times are whole seconds, as `metav1.Time` writes them. */
export interface RecordStatus {
  readonly state?: 'Created' | 'Updated' | 'Error'
  readonly reason?: string
  readonly lastSync?: number
  readonly error?: { readonly code: string; readonly message: string; readonly at: number }
}

/** The cluster's memory, and the Secret and the DNSClass that all records share. */
export interface ApiServer {
  readonly records: ReadonlyMap<string, DnsRecord>
  /** undefined: there is no such Secret. */
  secret: string | undefined
  hasClass: boolean
  /** Hears the name of every record that changed. */
  onChange(hear: (name: string) => void): void
  apply(name: string, spec: RecordSpec): void
  delete(name: string): void
  /** A controller's writes: they take time, and fail quietly if the record is not the one that was read. */
  update(read: DnsRecord, change: Pick<DnsRecord, 'finalizer'>): Promise<void>
  updateStatus(read: DnsRecord, status: RecordStatus): Promise<void>
}

/** What a write takes, to etcd and back (ms). */
const WRITE_MS = 6

export function createApiServer(clock: Clock, secret: string): ApiServer {
  const records = new Map<string, DnsRecord>()
  const listeners: ((name: string) => void)[] = []

  function put(record: DnsRecord): void {
    if (record.leaving && !record.finalizer) records.delete(record.name)
    else records.set(record.name, { ...record, version: record.version + 1 })
    for (const hear of listeners) hear(record.name)
  }

  /** A write that changes no octet is dropped, and nobody hears of it. */
  async function write(read: DnsRecord, change: Partial<DnsRecord>): Promise<void> {
    await clock.sleep(WRITE_MS)
    const held = records.get(read.name)
    if (held === undefined || held.version !== read.version) return
    const written = { ...held, ...change }
    if (JSON.stringify(written) !== JSON.stringify(held)) put(written)
  }

  return {
    records,
    secret,
    hasClass: true,
    onChange: (hear) => void listeners.push(hear),
    apply(name, spec) {
      const held = records.get(name) ?? { name, version: 0, finalizer: false, leaving: false, status: {} }
      put({ ...held, spec })
    },
    delete(name) {
      const held = records.get(name)
      if (held !== undefined) put({ ...held, leaving: true })
    },
    update: (read, change) => write(read, change),
    updateStatus: (read, status) => write(read, { status }),
  }
}
