import { isWithin, type Name } from '#dns/name.ts'
import { caaParts, type Value } from '#dns/value.ts'
import { USUAL_AUTHORITIES } from './authorities.ts'
import type { Observed } from './input.ts'
import type { Warning } from './review.ts'
import { dependantWords, listed } from './words.ts'
import type { ZoneView } from './zone-view.ts'

/**
 * Whether the host may get a certificate for these names (RFC 8659 §3): the CAA set at the name, or the nearest above it
 * that has one, must name one of its authorities, or nobody at all. The live answer counts where it is known, because
 * Cloudflare serves CAA records that its API does not list. `issuers`: the host's, if they are known; otherwise the usual
 * ones. A report: nothing is changed for it.
 */
export function caaWarnings(
  view: ZoneView,
  names: readonly Name[],
  issuers: readonly string[],
  observed: Observed,
): Warning[] {
  const wanted = issuers.length > 0 ? issuers : USUAL_AUTHORITIES
  return names.flatMap((name): Warning[] => {
    const properties = caaFor(view, name, observed).map(caaParts)
    const allowed = properties.filter(({ tag }) => tag === 'issue').map(({ value }) => parametersOf(value))
    if (allowed.length === 0) return []
    const ours = allowed.filter(([issuer = '']) => wanted.includes(issuer))
    if (ours.length === 0) {
      const message =
        issuers.length > 0
          ? dependantWords.caaForbids(name, listed(issuers), `0 issue "${issuers[0]}"`)
          : dependantWords.caaForbidsUsual(name)
      return [{ code: 'caa-forbids', message }]
    }
    // Which of several is the host's, nobody has said.
    const isFree = issuers.length === 0 || ours.some(([, ...parameters]) => parameters.length === 0)
    const [issuer = ''] = ours[0] ?? []
    return isFree ? [] : [{ code: 'caa-restricts', message: dependantWords.caaRestricts(name, issuer) }]
  })
}

function caaFor(view: ZoneView, name: Name, { caa = [] }: Observed): readonly Value[] {
  const live = caa.find((each) => each.name === name)
  if (live) return live.values
  for (let each = name; isWithin(each, view.zone); each = parentOf(each)) {
    const held = view.at(each).filter(({ type }) => type === 'CAA')
    if (held.length > 0 || each === view.zone) return held.map(({ value }) => value)
  }
  return []
}

function parentOf(name: Name): Name {
  return name.slice(name.indexOf('.') + 1) as Name
}

/** `letsencrypt.org; accounturi=…` in its parts; an empty issuer is nobody. */
function parametersOf(value: string): string[] {
  const [issuer = '', ...parameters] = value.split(';').map((part) => part.trim())
  return [issuer.toLowerCase(), ...parameters.filter((parameter) => parameter !== '')]
}
