/** What the server has written into the page, for there is nobody to ask yet. undefined: as it was built. */
function written(name: 'base' | 'brand' | 'logo' | 'support'): string | undefined {
  return globalThis.document?.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content
}

/** Where the pages are, without a slash at its end. */
export const base = written('base') ?? '/dashboard'

/** Of the platform whose customers use the pages. */
export const brand = {
  name: written('brand') ?? 'Domains & DNS',
  /** The address of an image. */
  logo: written('logo'),
  /** Where there is help. */
  support: written('support'),
} as const
