import type { Brand } from '#faces/dashboard/brand.ts'
import { type Environment, quoted } from './environment.ts'

/** How the pages are to look like the platform whose customers use them; white is legible on its colour. */
export function brandConfig(env: Environment): Brand {
  const [name, logo, accent, supportUrl] = [nameIn(env), logoIn(env), accentIn(env), supportUrlIn(env)]
  return {
    ...(name !== undefined && { name }),
    ...(logo !== undefined && { logo }),
    ...(accent !== undefined && { accent }),
    ...(supportUrl !== undefined && { supportUrl }),
  }
}

/** What fits beside the sign-out on a phone. */
const LONGEST_NAME = 40
const LARGEST_LOGO = 64 * 1024
/** Of text on its ground (WCAG 2.2, 1.4.3). */
const LEGIBLE = 4.5

function nameIn(env: Environment): string | undefined {
  const name = env.text('BRAND_NAME')
  if (name === undefined) return undefined
  if (name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name)) return name
  env.fault('BRAND_NAME', `is ${quoted(name)}`, `set it to ${LONGEST_NAME} characters at most, on one line`)
  return undefined
}

function logoIn(env: Environment): string | undefined {
  const path = env.text('BRAND_LOGO')
  const svg = path === undefined ? undefined : env.fileText('BRAND_LOGO', path)
  if (svg === undefined) return undefined
  if (/^\s*(<\?xml|<!--|<svg)/.test(svg) && svg.includes('<svg') && svg.length <= LARGEST_LOGO) return svg
  env.fault('BRAND_LOGO', `names no SVG of ${LARGEST_LOGO / 1024} KiB at most`, 'name a file that is one')
  return undefined
}

function accentIn(env: Environment): string | undefined {
  const accent = env.text('ACCENT_COLOR')?.toLowerCase()
  if (accent === undefined) return undefined
  if (!/^#[0-9a-f]{6}$/.test(accent)) {
    env.fault('ACCENT_COLOR', `is ${quoted(accent)}`, 'set it to a colour such as #1f4e79')
    return undefined
  }
  // White stands on it, on light pages and on dark ones.
  const contrast = contrastWithWhite(accent)
  if (contrast >= LEGIBLE) return accent
  const found = (Math.floor(contrast * 10) / 10).toFixed(1)
  env.fault(
    'ACCENT_COLOR',
    `is ${accent}, on which the white text of buttons has a contrast of ${found}`,
    `set it to a darker colour, with a contrast of ${LEGIBLE} or more`,
  )
  return undefined
}

function supportUrlIn(env: Environment): string | undefined {
  const text = env.text('SUPPORT_URL')
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (url !== null && ['https:', 'mailto:'].includes(url.protocol)) return url.href
  env.fault(
    'SUPPORT_URL',
    `is ${quoted(text)}`,
    'set it to an https: address, or to mailto: and an e-mail address',
  )
  return undefined
}

/** The ratio of relative luminances (WCAG 2.2, "contrast ratio"); `#rrggbb`. */
function contrastWithWhite(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}
