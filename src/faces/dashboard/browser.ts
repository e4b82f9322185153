/**
 * A browser in words, from what it calls itself: `Firefox on Linux`. The name alone is kept, and no version: this is for
 * people to recognise their own, and it can be forged.
 */
export function browserOf(userAgent: string | undefined): string {
  const text = userAgent ?? ''
  const browser = BROWSERS.find(([sign]) => text.includes(sign))?.[1]
  const system = SYSTEMS.find(([sign]) => text.includes(sign))?.[1]
  if (browser === undefined) return 'Another program'
  return system === undefined ? browser : `${browser} on ${system}`
}

/** The first that is there: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari. */
const BROWSERS: readonly (readonly [sign: string, name: string])[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['FxiOS/', 'Firefox'],
  ['Firefox/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
]

/** Android calls itself Linux too, and an iPhone a Mac. */
const SYSTEMS: readonly (readonly [sign: string, name: string])[] = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'Mac'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
]
