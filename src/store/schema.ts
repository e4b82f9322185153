import type { Generated } from 'kysely'

/**
 * The tables, as one portable subset of SQL sees them: text ids, milliseconds as bigint, booleans as 0 and 1, JSON as
 * text (decisions/003, decisions/006). `migrations.ts` makes them so.
 */
export interface Schema {
  meta: { key: string; value: string }
  sequences: { name: string; value: number }
  nonces: { caller: string; nonce: string; expires_at: number }
  /** `used_at`: ms; null: by a program that did not say. */
  budgets: { credential: string; budget: string; used_at: Generated<number | null> }
  zones: {
    credential: string
    zone_id: string
    name: string
    account_id: string
    status: string
    type: string
    paused: number
    plan: string
    name_servers: string
    permissions: string
    seen_at: number
    missing_since: number | null
  }
  zone_states: {
    zone_id: string
    lease_owner: string | null
    lease_until: number
    lease_epoch: number
    read_at: number | null
    full_until: number
    /** Somebody wants to see a read that began after this; 0: nobody ever did. */
    read_wanted: Generated<number>
    /** Somebody wants to hold it for a moment, since then; 0: nobody does. */
    lease_wanted: Generated<number>
  }
  intents: {
    generation: number
    zone_id: string
    name: string
    type: string
    /** JSON of `WantedSet`; null: absent. */
    wanted: string | null
    caller: string
    origin: string
    request_id: string
    at: number
    waits_until: number | null
    adopts: number
    /** Null while it waits. */
    dispatch_id: string | null
  }
  intent_ends: {
    generation: number
    at: number
    /** JSON of `IntentEnd.outcome`. */
    outcome: string
    /** 0: its caller is to be told when a read has shown it. */
    shown: number
  }
  dispatches: {
    id: string
    zone_id: string
    epoch: number
    state: string
    changes: string
    names: string
    at: number
    doubtful_since: number | null
    fence_until: number
    /** 1: what it changes is in the edit of the same id, where no program of before takes it for a caller's. */
    by_hand: Generated<number>
  }
  record_sets: {
    zone_id: string
    name: string
    type: string
    /** JSON of `WantedSet`; null: only a refusal is remembered here. */
    wanted: string | null
    caller: string
    generation: number
    settled: number
    proxied: number
    since: number
    refusal: string | null
  }
  dns_records_cache: {
    id: string
    customer_id: string | null
    holder: string
    zone_id: string
    cloudflare_record_id: string
    record_type: string
    name: string
    content: string
    priority: number | null
    proxied: number
    ttl: number
    comment: string | null
    read_only: number
    confirmed_at: number
    gone_at: number | null
    synced_at: number
  }
  history: {
    id: string
    zone_id: string
    at: number
    /** Of the intent that it tells the end of: puts in order what ended in one millisecond. */
    generation: number
    actor_kind: string
    actor: string
    request_id: string
    name: string
    type: string
    before: string
    after: string
    outcome: string
    reason: string | null
    customer_id: Generated<string | null>
    /** Of what was changed by hand, in one batch; null: a set that we keep. */
    edit_id: Generated<string | null>
    /** `edits.kind` of that. */
    edit_kind: Generated<string | null>
  }
  customers: {
    id: string
    /** Lower case. */
    email: string
    /** PHC string; null: signs in from the host platform only. */
    password_hash: string | null
    domain: string
    /** JSON arrays of addresses. */
    target_ipv4: string
    target_ipv6: string
    target_host: string | null
    serves_www: number | null
    sso_issuer: string | null
    sso_subject: string | null
    created_at: number
  }
  sessions: {
    /** SHA-256 of the id, hexadecimal: whoever reads the table cannot become anybody. */
    id_hash: string
    customer_id: string | null
    data: string
    created_at: number
    seen_at: number
    expires_at: number
  }
  oauth_states: {
    state_hash: string
    customer_id: string
    session_hash: string
    verifier: string
    expires_at: number
  }
  customer_cloudflare_connections: {
    id: string
    customer_id: string
    /** oauth, token */
    kind: string
    /** active, reconnect_required */
    status: string
    cloudflare_zone_id: string | null
    /** Sealed (Fernet); so is the other one. */
    access_token: string
    refresh_token: string | null
    token_expires_at: number | null
    /** Grows with every refresh: whoever writes tokens names the version they replace. */
    token_version: number
    refresh_owner: string | null
    refresh_until: number
    scope: string | null
    connected_at: number
    /** When the review was confirmed, or had nothing to say. */
    reviewed_at: number | null
    last_sync_at: number | null
  }
  /** Exact logs of the last times (ms), a JSON array: of a customer's changes, of attempts to sign in. */
  limits: { subject: string; kind: string; customer_id: string | null; times: string; expires_at: number }
  takeover_plans: {
    id: string
    customer_id: string
    connection_id: string
    zone_id: string | null
    plan: string
    /** Of the zone and its records as they were planned from. */
    fingerprint: string
    created_at: number
    expires_at: number
  }
  /** What customers changed by hand, one row a batch: what the dispatch of the same id is for, and how it ended. */
  edits: {
    id: string
    customer_id: string
    connection_id: string
    zone_id: string
    /** create, update, delete, confirm, undo, import, bulk */
    kind: string
    request_id: string
    actor: string
    changes: string
    before: string
    /** checking, done, failed */
    status: string
    outcome: string | null
    error: string | null
    at: number
    ended_at: number | null
  }
  /** What happened to a customer's account, for its owner to see. */
  audit: {
    id: string
    customer_id: string
    at: number
    event: string
    /** Where it came from: an address, and a browser in words. */
    address: string
    browser: string
    detail: string | null
  }
}
