/** What the list of conformance asks of a client: the calls of Cloudflare's DNS API, in whatever way it makes them. */

export interface Driver {
  zonesNamed(name: string): Promise<readonly ZoneAnswer[]>
  zone(id: string): Promise<ZoneAnswer>
  verify(): Promise<{ readonly id: string; readonly status: string }>
  /** All pages. */
  list(zoneId: string, query?: Query): Promise<readonly RecordAnswer[]>
  page(zoneId: string, query: Query): Promise<readonly RecordAnswer[]>
  get(zoneId: string, id: string): Promise<RecordAnswer>
  create(zoneId: string, record: object): Promise<RecordAnswer>
  put(zoneId: string, id: string, record: object): Promise<RecordAnswer>
  patch(zoneId: string, id: string, changes: object): Promise<RecordAnswer>
  delete(zoneId: string, id: string): Promise<string>
  batch(zoneId: string, operations: Operations): Promise<BatchAnswer>
  import(zoneId: string, file: string): Promise<{ recs_added?: number; total_records_parsed?: number }>
  export(zoneId: string): Promise<string>
  usage(zoneId: string): Promise<{ record_quota: number | null; record_usage: number }>
}

/** In the dotted form of the wire: `name.exact`. */
export type Query = Readonly<Record<string, string>>

export interface ZoneAnswer {
  readonly id: string
  readonly name: string
  readonly status?: string
  readonly type?: string
  readonly permissions?: readonly string[]
}

export interface RecordAnswer {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content?: string
  readonly priority?: number
  readonly data?: object
  readonly proxiable: boolean
  readonly proxied?: boolean
  readonly ttl: number
  readonly comment?: string | null
  readonly created_on: string
  readonly modified_on: string
}

export interface Operations {
  readonly deletes?: readonly { readonly id: string }[]
  readonly patches?: readonly Identified[]
  readonly puts?: readonly Identified[]
  readonly posts?: readonly object[]
}

/** With whatever fields of a record. */
export type Identified = Readonly<Record<string, unknown>> & { readonly id: string }

export interface BatchAnswer {
  readonly deletes?: readonly RecordAnswer[]
  readonly patches?: readonly RecordAnswer[]
  readonly puts?: readonly RecordAnswer[]
  readonly posts?: readonly RecordAnswer[]
}

/** What every driver throws for a refusal. */
export class ApiFault extends Error {
  readonly status: number
  readonly codes: readonly number[]

  constructor(status: number, codes: readonly number[]) {
    super(`status ${status}, codes ${codes.join(', ')}`)
    this.status = status
    this.codes = codes
  }
}

export interface Reached {
  /** With `/client/v4`. */
  readonly apiUrl: string
  readonly fetch: typeof fetch
}

export type Connect = (reached: Reached, token: string) => Driver
