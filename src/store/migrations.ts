import { StoreError } from './store.ts'

/** One step of the schema. Once released it is never edited: a later step changes what it made. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly statements: readonly string[]
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'record sets, their mirror, and what is under way',
    statements: [
      'create table meta (key text primary key, value text not null)',
      'create table sequences (name text primary key, value bigint not null)',
      "insert into sequences (name, value) values ('generation', 0)",

      'create table nonces (caller text not null, nonce text not null, expires_at bigint not null, primary key (caller, nonce))',
      'create index nonces_by_expiry on nonces (expires_at)',

      'create table budgets (credential text primary key, budget text not null)',

      `create table zones (
        credential text not null, zone_id text not null, name text not null, account_id text not null,
        status text not null, type text not null, paused smallint not null, plan text not null,
        name_servers text not null, permissions text not null, seen_at bigint not null, missing_since bigint,
        primary key (credential, zone_id)
      )`,
      `create table zone_states (
        zone_id text primary key, lease_owner text, lease_until bigint not null, lease_epoch bigint not null,
        read_at bigint, full_until bigint not null
      )`,

      `create table intents (
        generation bigint primary key, zone_id text not null, name text not null, type text not null, wanted text,
        caller text not null, origin text not null, request_id text not null, at bigint not null,
        waits_until bigint, adopts smallint not null, dispatch_id text
      )`,
      'create index intents_by_set on intents (zone_id, name, type)',
      `create table dispatches (
        id text primary key, zone_id text not null, epoch bigint not null, state text not null,
        changes text not null, names text not null, at bigint not null,
        doubtful_since bigint, fence_until bigint not null
      )`,
      'create index dispatches_by_zone on dispatches (zone_id)',

      `create table record_sets (
        zone_id text not null, name text not null, type text not null, wanted text, caller text not null,
        generation bigint not null, settled smallint not null, proxied smallint not null, since bigint not null,
        refusal text, primary key (zone_id, name, type)
      )`,
      `create table dns_records_cache (
        id text primary key, customer_id text, holder text not null, zone_id text not null,
        cloudflare_record_id text not null, record_type text not null, name text not null, content text not null,
        priority integer, proxied smallint not null, ttl integer not null, comment text, read_only smallint not null,
        confirmed_at bigint not null, gone_at bigint, synced_at bigint not null
      )`,
      'create index dns_records_cache_by_name on dns_records_cache (zone_id, holder, name)',

      `create table history (
        id text primary key, zone_id text not null, at bigint not null, generation bigint not null,
        actor_kind text not null, actor text not null, request_id text not null, name text not null, type text not null,
        before text not null, after text not null, outcome text not null, reason text
      )`,
      'create index history_by_zone on history (zone_id, at)',
    ],
  },
  {
    version: 2,
    name: 'what several processes tell each other',
    statements: [
      'alter table zone_states add column read_wanted bigint not null default 0',
      'create table intent_ends (generation bigint primary key, at bigint not null, outcome text not null, shown smallint not null)',
      'create index intent_ends_by_age on intent_ends (at)',
      'create index intents_waiting on intents (zone_id, generation) where dispatch_id is null',
    ],
  },
  {
    version: 3,
    name: 'customers, and what they change by hand',
    statements: [
      `create table customers (
        id text primary key, email text not null unique, password_hash text, domain text not null,
        target_ipv4 text not null, target_ipv6 text not null, target_host text, serves_www smallint,
        sso_issuer text, sso_subject text, created_at bigint not null, unique (sso_issuer, sso_subject)
      )`,
      `create table sessions (
        id_hash text primary key, customer_id text, data text not null,
        created_at bigint not null, seen_at bigint not null, expires_at bigint not null
      )`,
      'create index sessions_by_expiry on sessions (expires_at)',
      'create index sessions_by_customer on sessions (customer_id)',
      `create table oauth_states (
        state_hash text primary key, customer_id text not null, session_hash text not null, verifier text not null,
        expires_at bigint not null
      )`,
      `create table customer_cloudflare_connections (
        id text primary key, customer_id text not null, kind text not null, status text not null,
        cloudflare_zone_id text, access_token text not null, refresh_token text, token_expires_at bigint,
        token_version bigint not null, refresh_owner text, refresh_until bigint not null, scope text,
        connected_at bigint not null, reviewed_at bigint, last_sync_at bigint
      )`,
      'create index connections_by_customer on customer_cloudflare_connections (customer_id)',
      `create table limits (
        subject text not null, kind text not null, customer_id text, times text not null, expires_at bigint not null,
        primary key (subject, kind)
      )`,
      'create index limits_by_expiry on limits (expires_at)',
      `create table takeover_plans (
        id text primary key, customer_id text not null, connection_id text not null, zone_id text, plan text not null,
        fingerprint text not null, created_at bigint not null, expires_at bigint not null
      )`,
      'create index takeover_plans_by_customer on takeover_plans (customer_id)',
      `create table edits (
        id text primary key, customer_id text not null, connection_id text not null, zone_id text not null,
        kind text not null, request_id text not null, actor text not null, changes text not null, before text not null,
        status text not null, outcome text, error text, at bigint not null, doubtful_since bigint,
        late_until bigint, ended_at bigint
      )`,
      'create index edits_by_zone on edits (zone_id, at)',
      'create index edits_under_way on edits (at) where ended_at is null',
      'create index edits_by_customer on edits (customer_id, at)',
      'alter table zone_states add column lease_wanted bigint not null default 0',
      'create index dns_records_cache_confirmed on dns_records_cache (zone_id, confirmed_at)',
      'alter table history add column customer_id text',
      'alter table history add column edit_id text',
      'create index history_by_customer on history (customer_id, at)',
      'create index dns_records_cache_by_customer on dns_records_cache (customer_id, holder)',
    ],
  },
  {
    version: 4,
    name: 'a record of the mirror is one of its zone',
    statements: [
      "update dns_records_cache set id = holder || '/' || zone_id || '/' || cloudflare_record_id where holder = 'callers'",
    ],
  },
  {
    version: 5,
    name: 'whose a name is',
    statements: [
      'create index record_sets_by_name on record_sets (name) where wanted is not null',
      'create index intents_by_name on intents (name)',
    ],
  },
  {
    version: 6,
    name: 'what happened to an account, and what a change was for',
    statements: [
      'alter table history add column edit_kind text',
      `create table audit (
        id text primary key, customer_id text not null, at bigint not null, event text not null,
        address text not null, browser text not null, detail text
      )`,
      'create index audit_by_customer on audit (customer_id, event, at)',
      'create index audit_by_age on audit (at)',
    ],
  },
  {
    version: 7,
    name: 'how old things are that are to be forgotten',
    statements: [
      'alter table budgets add column used_at bigint',
      'create index history_by_age on history (at)',
    ],
  },
  {
    version: 8,
    name: 'edits of unknown outcome, for whoever keeps sets beside them',
    statements: [
      'alter table edits add column shown_at bigint',
      'create index edits_in_doubt on edits (zone_id) where late_until is not null',
    ],
  },
  {
    version: 9,
    name: 'one log of what is sent, whoever asked for it',
    statements: [
      'alter table dispatches add column by_hand smallint not null default 0',
      `insert into dispatches
        (id, zone_id, epoch, state, changes, names, at, doubtful_since, fence_until, by_hand)
        select id, zone_id, 0,
          case
            when status = 'sent' then 'sent'
            when status = 'done' or shown_at is not null or ended_at >= late_until then 'fenced'
            else 'doubtful'
          end,
          '[]', '[]', at, doubtful_since, coalesce(late_until, 0), 1
        from edits where ended_at is null or late_until is not null`,
      "update edits set status = 'checking' where status = 'sent'",
      'drop index edits_in_doubt',
      'alter table edits drop column shown_at',
      'alter table edits drop column late_until',
      'alter table edits drop column doubtful_since',
      "insert into meta (key, value) values ('needed_version', '9') on conflict (key) do update set value = excluded.value",
    ],
  },
]

/**
 * Where a step that takes something away, which an older program would miss, writes its version: programs that do not
 * know this step refuse to start from then on. A step that only adds leaves it as it is.
 */
export const NEEDED_VERSION = "select value from meta where key = 'needed_version'"

/** Throws if the database needs a program that is newer than this one. */
export function refuseIfTooOld(needed: unknown): void {
  const known = Math.max(...migrations.map(({ version }) => version))
  if (Number(needed ?? 0) <= known) return
  throw new StoreError(
    `A newer zonewright has changed this database so that this one cannot work with it: it needs version ${needed} of the schema, and this one knows ${known}. Start the newer one, or restore the back-up from before the upgrade.`,
  )
}
