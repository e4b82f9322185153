/** HTML in which every value is escaped unless it is HTML already, and the frame that all pages share. */
import { createHash } from 'node:crypto'
import type { SiteReply } from './request.ts'

export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** `html\`<b>${name}</b>\``: text is escaped, `Html` stays, lists are joined, undefined and false are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => `${text}${printed(values[index - 1])}${part}`))
}

export type HtmlValue = string | number | Html | readonly Html[] | undefined | false

/**
 * A page for a person: no script, nothing from elsewhere, never in a frame, never kept.
 * There is no form-action in its policy: Chromium applies that to redirects too, and would stop a client whose
 * callback goes on to another port.
 */
export function pageReply(
  status: number,
  title: string,
  body: Html,
  headers: Readonly<Record<string, string>> = {},
): SiteReply {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><p>Emulator of Cloudflare, on this machine. Nothing here reaches Cloudflare.</p></header>
<main>
${body}
</main>
</body>
</html>
`
  return { status, headers: { ...PAGE_HEADERS, ...headers }, body: page.text }
}

/** What went wrong, and what to do. */
export function errorPage(status: number, title: string, words: string): SiteReply {
  return pageReply(status, title, html`<h1>${title}</h1><p>${words}</p>`)
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1f20; --quiet: #55595e; --paper: #fff; --ground: #f3f4f5;
  --line: #84888d; --accent: #0051c3; --on-accent: #fff; --bad: #b00020; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececee; --quiet: #b4b8bd; --paper: #1f2123;
  --ground: #141516; --line: #84888d; --accent: #8ab4ff; --on-accent: #10131a; --bad: #ff9c9c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { padding: 0 16px; text-align: center; color: var(--quiet); font-size: 14px; }
main { max-width: 560px; margin: 0 auto 32px; padding: 24px 16px; background: var(--paper);
  overflow-wrap: anywhere; }
@media (min-width: 600px) { main { padding: 32px; border: 1px solid var(--line); border-radius: 8px; } }
h1 { margin: 0 0 16px; font-size: 24px; line-height: 1.25; }
fieldset { margin: 24px 0; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
ul { margin: 8px 0 0; padding: 0; list-style: none; }
li, .choice { display: flex; gap: 12px; align-items: flex-start; padding: 10px 0; min-height: 44px; }
li + li { border-top: 1px solid var(--line); }
label { flex: 1; }
input[type=checkbox], input[type=radio] { flex: none; width: 20px; height: 20px; margin: 2px 0;
  accent-color: var(--accent); }
.mark { flex: none; width: 20px; text-align: center; }
input[type=text] { display: block; width: 100%; min-height: 44px; margin-top: 4px; padding: 8px 12px;
  border: 1px solid var(--line); border-radius: 6px; background: var(--paper); color: inherit; font: inherit; }
small { display: block; color: var(--quiet); font-size: 14px; }
code, output { display: block; padding: 12px; border: 1px solid var(--line); border-radius: 6px;
  font: 14px/1.5 ui-monospace, monospace; user-select: all; }
.actions { display: flex; flex-wrap: wrap; gap: 12px; }
button { flex: 1 1 120px; min-height: 44px; padding: 8px 16px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--paper); color: inherit; font: inherit; font-weight: 600;
  cursor: pointer; }
button.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { padding: 12px; border: 2px solid var(--bad); border-radius: 6px; color: var(--bad);
  font-weight: 600; }
`

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function printed(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('\n')
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]!)
}
