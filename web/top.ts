/** As on a page that the browser loads: from the top, and the focus where reading begins. */
export function fromTheTop(): void {
  window.scrollTo(0, 0)
  document.getElementById('content')?.focus({ preventScroll: true })
}
