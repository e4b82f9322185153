/** Tells the kit, which does not look itself, whether the reader wants it dark; now and whenever that changes. */
export function followColorScheme(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const tell = () => {
    document.documentElement.dataset.mode = dark.matches ? 'dark' : 'light'
  }
  dark.addEventListener('change', tell)
  tell()
}
