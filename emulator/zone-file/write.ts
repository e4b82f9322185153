/** Records as a zone file: what Cloudflare's export gives, its comments and tags behind semicolons included. */
import type { CaaData, StoredRecord, UriData } from '../records/record.ts'
import { txtStrings } from '../records/txt.ts'
import type { Zone } from '../state.ts'

/** TTL 1 is automatic, as in Cloudflare's own; `cf-proxied` says of each record that can be proxied whether it is. */
export function writeZoneFile(zone: Zone, exportedAtMs: number): string {
  const records = zone.records
    .all()
    .toSorted((left, right) => compareText(left.type, right.type) || compareText(left.name, right.name))
  const types = [...new Set(records.map(({ type }) => type))]
  const sections = types.map((type) => [
    `;; ${type} Records`,
    ...records.filter((record) => record.type === type).map(lineOf),
    '',
  ])
  const servers = zone.nameServers.map((server) => `${zone.name}.\t86400\tIN\tNS\t${server}.`)
  return [
    ';;',
    `;; Domain:     ${zone.name}.`,
    `;; Exported:   ${new Date(exportedAtMs).toISOString().slice(0, 19).replace('T', ' ')}`,
    ';;',
    '',
    ';; SOA Record',
    `${zone.name}.\t3600\tIN\tSOA\t${zone.nameServers[0]}. dns.example.org. ${2_026_000_000 + zone.records.serial} 10000 2400 604800 3600`,
    '',
    ';; NS Records',
    ...servers,
    '',
    ...sections.flat(),
  ].join('\n')
}

function lineOf(record: StoredRecord): string {
  const { name, ttl, type } = record
  return `${name}.\t${ttl}\tIN\t${type}\t${textOf(record)}${noteOf(record)}`
}

function textOf(record: StoredRecord): string {
  const { type, content, priority, data } = record
  switch (type) {
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return dotted(content)
    case 'MX':
      return `${priority} ${dotted(content)}`
    case 'SRV':
      return `${priority} ${dotted(content)}`
    case 'TXT':
      return (txtStrings(content) ?? []).map(quotedOctets).join(' ')
    case 'CAA': {
      const { flags, tag, value } = data as CaaData
      return `${flags} ${tag} ${quotedOctets(Buffer.from(value))}`
    }
    case 'URI': {
      const { weight, target } = data as UriData
      return `${priority} ${weight} ${quotedOctets(Buffer.from(target))}`
    }
    default:
      return content
  }
}

function dotted(host: string): string {
  return host.endsWith('.') ? host : `${host}.`
}

/** Printable ASCII as it is, everything else as `\DDD` (RFC 1035 section 5.1). */
function quotedOctets(octets: Buffer): string {
  const characters = [...octets].map((octet) => {
    if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`
    return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`
  })
  return `"${characters.join('')}"`
}

function noteOf({ type, comment, tags, proxied, settings }: StoredRecord): string {
  const canBeProxied = type === 'A' || type === 'AAAA' || type === 'CNAME'
  const all = [
    ...tags,
    ...(canBeProxied ? [`cf-proxied:${proxied}`] : []),
    ...(settings.flatten_cname === true ? ['cf-flatten-cname'] : []),
  ]
  const words = [comment ?? '', all.length > 0 ? `cf_tags=${all.join(',')}` : ''].filter(Boolean)
  return words.length > 0 ? ` ; ${words.join(' ')}` : ''
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
