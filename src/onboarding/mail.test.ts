import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import { planOnboarding } from './plan.ts'
import { aStore, expectOnboarding, onboardingOf, reasonFor, reviewLines, warningFor } from './testing.ts'

const alone = { store: aStore({ servesWww: false }) }

/** The numbers count the states that mail can be in when a name moves; one test each at least. */
describe('mail', () => {
  test('M1 for a server that is called like the store stays, under a name of its own', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ A 198.51.100.1 ; proxied
        @ 300 MX 10 @`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        @ A 203.0.113.7 ; proxied
        mail A 198.51.100.1
        @ 300 MX 10 mail`,
    })
    expect(reasonFor(plan, '@ MX 10 example.com')).toBe(
      'Sends mail to mail.example.com, so that it stays on the server that handles it today.',
    )
    expect(warningFor(plan, 'mail-protected')).toBe(
      'Mail for example.com is handled by the server you are moving away from; the rows about mail keep it there.',
    )
  })

  test('M1 for a server whose name follows the store is held where it is', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ 300 AAAA 2001:db8::1
        mail 300 CNAME @
        @ 300 MX 10 mail`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ - @ AAAA 2001:db8::1',
        '☑ - mail CNAME example.com [mail]',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ + mail AAAA 2001:db8::1 [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        @ 300 A 203.0.113.7
        mail A 198.51.100.1
        mail AAAA 2001:db8::1
        @ 300 MX 10 mail`,
    })
  })

  test('M1 for a server that a wildcard leads to the store is held where it is', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ 300 MX 10 mx1
        * 300 CNAME @`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ + mx1 A 198.51.100.1 [mail]',
        '☐ - * CNAME example.com [pin *.example.com]',
        '☐ + * A 198.51.100.1 [pin *.example.com]',
      ],
      warnings: ['www-not-served', 'mail-protected', 'follows'],
      after: `
        @ 300 A 203.0.113.7
        mx1 A 198.51.100.1
        @ 300 MX 10 mx1
        * 300 CNAME @`,
    })
  })

  test('M1 for www as the server, which follows the apex, stays too', () => {
    expectOnboarding({
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME @
        @ 300 MX 10 www`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 www.example.com → 10 mail.example.com [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        @ 300 A 203.0.113.7
        mail A 198.51.100.1
        www 300 CNAME @
        @ 300 MX 10 mail`,
    })
  })

  test('M1 uses a name that leads to the old server already, and passes over one that is taken', () => {
    const before = (mail: string) => `
      @ 300 A 198.51.100.1
      @ 300 MX 10 @
      ${mail}`
    const lines = (mail: string) => reviewLines(planOnboarding(onboardingOf(before(mail), alone))).slice(1)
    expect(lines('mail 300 A 198.51.100.1')).toEqual(['☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]'])
    expect(lines('mail 300 A 198.51.100.9')).toEqual([
      '☑ + mx A 198.51.100.1 [mail]',
      '☑ ~ @ MX 10 example.com → 10 mx.example.com [mail]',
    ])
    expect(lines('mail A 198.51.100.1 ; proxied')[0]).toBe('☑ + mx A 198.51.100.1 [mail]')
    expect(lines('mail 300 NS ns1.example.net.')[0]).toBe('☑ + mx A 198.51.100.1 [mail]')
    expect(
      lines('mail 300 A 198.51.100.9\nmx 300 A 198.51.100.9\nmailserver 300 TXT x\nmail2 300 TXT x')[0],
    ).toBe('☑ + mail3 A 198.51.100.1 [mail]')
  })

  test('M1 as cPanel sets a domain up: the names that mail programs use stay with the server, others may', () => {
    const plan = expectOnboarding({
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME @
        mail 300 CNAME @
        ftp 300 CNAME @
        imap 300 CNAME mail
        webmail CNAME @ ; proxied
        autodiscover 300 CNAME @ ; read-only
        @ 300 MX 0 @`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ - mail CNAME example.com [mail]',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 0 example.com → 0 mail.example.com [mail]',
        '☑ - webmail CNAME example.com [mail]',
        '☑ + webmail A 198.51.100.1 [mail]',
        '☐ - ftp CNAME example.com [pin ftp.example.com]',
        '☐ + ftp A 198.51.100.1 [pin ftp.example.com]',
      ],
      warnings: ['mail-protected', 'follows'],
      after: `
        @ 300 A 203.0.113.7
        www 300 CNAME @
        mail A 198.51.100.1
        ftp 300 CNAME @
        imap 300 CNAME mail
        webmail A 198.51.100.1 ; proxied
        autodiscover 300 CNAME @ ; read-only
        @ 300 MX 0 mail`,
    })
    expect(reasonFor(plan, 'webmail CNAME example.com')).toBe(
      'Lets mail programs go on finding the server that handles your mail today.',
    )
  })

  test('M1 the names that mail programs use stay, too, with a server whose own name does not move', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        mail 300 A 198.51.100.1
        imap 300 CNAME @
        @ 300 MX 10 mail`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ - imap CNAME example.com [mail]',
        '☑ + imap A 198.51.100.1 [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        @ 300 A 203.0.113.7
        mail 300 A 198.51.100.1
        imap 300 A 198.51.100.1
        @ 300 MX 10 mail`,
    })
  })

  test('M1 leaves the names that mail programs use alone where mail is elsewhere, or the old host has only a name', () => {
    const lines = (before: string) => reviewLines(planOnboarding(onboardingOf(before, alone))).slice(1)
    expect(lines('@ 300 A 198.51.100.1\nmail 300 CNAME @\n@ 300 MX 10 mx.example.net.')).toEqual([
      '☐ - mail CNAME example.com [pin mail.example.com]',
      '☐ + mail A 198.51.100.1 [pin mail.example.com]',
    ])
    expect(lines('@ 300 CNAME box.example.net.\nimap 300 CNAME @\n@ 300 MX 10 @').slice(1)).toEqual([
      '☑ ~ @ MX 10 example.com → 10 box.example.net [mail]',
      '☑ ~ imap CNAME example.com → box.example.net [mail]',
    ])
  })

  test('M1 gives two old servers two names', () => {
    const plan = planOnboarding(
      onboardingOf(`
        @ 300 A 198.51.100.1
        www 300 A 198.51.100.2
        @ 300 MX 10 @
        @ 300 MX 20 www`),
    )
    expect(reviewLines(plan).slice(2)).toEqual([
      '☑ + mail A 198.51.100.1 [mail]',
      '☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
      '☑ + mx A 198.51.100.2 [mail]',
      '☑ ~ @ MX 20 www.example.com → 20 mx.example.com [mail]',
    ])
  })

  test('M1 does not give an old server the name that another mail server keeps, or the store has', () => {
    const plan = planOnboarding(
      onboardingOf(`
        @ 300 A 198.51.100.1
        www 300 A 198.51.100.2
        @ 300 MX 10 @
        @ 300 MX 20 mail
        * 300 CNAME www`),
    )
    expect(reviewLines(plan).filter((line) => line.includes('[mail]'))).toEqual([
      '☑ + mail A 198.51.100.2 [mail]',
      '☑ + mx A 198.51.100.1 [mail]',
      '☑ ~ @ MX 10 example.com → 10 mx.example.com [mail]',
    ])
    const store = aStore({ name: aName('mail.example.com') })
    expectOnboarding({
      store,
      before: `
        mail 300 A 198.51.100.1
        @ 300 MX 10 mail`,
      review: [
        '☑ ~ mail A 198.51.100.1 → 203.0.113.7',
        '☑ + mx A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 mail.example.com → 10 mx.example.com [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        mail 300 A 203.0.113.7
        mx A 198.51.100.1
        @ 300 MX 10 mx`,
    })
  })

  test('M1 is one group, advised if any move is that it depends on', () => {
    const plan = expectOnboarding({
      store: aStore({ name: aName('www.example.com') }),
      before: `
        @ 300 A 198.51.100.1
        www 300 A 198.51.100.1
        @ 300 MX 10 @
        www 300 MX 10 www`,
      review: [
        '☑ ~ www A 198.51.100.1 → 203.0.113.7',
        '☐ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
        '☑ ~ www MX 10 www.example.com → 10 mail.example.com [mail]',
      ],
      warnings: ['apex-optional', 'mail-protected'],
      after: `
        @ 300 A 198.51.100.1
        mail A 198.51.100.1
        www 300 A 203.0.113.7
        @ 300 MX 10 mail
        www 300 MX 10 mail`,
    })
    expect(warningFor(plan, 'mail-protected')).toContain('Mail for example.com and www.example.com')
  })

  test('M1 counts as the old server only what is not ours', () => {
    const lines = (before: string, store = alone.store) =>
      reviewLines(planOnboarding(onboardingOf(before, { store })))
    expect(lines('@ 300 A 203.0.113.7\n@ 300 A 198.51.100.1\n@ 300 MX 10 @')).toEqual([
      '☑ - @ A 198.51.100.1',
      '☑ + mail A 198.51.100.1 [mail]',
      '☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
    ])
    const hinted = '@ HTTPS 0 old.example.net.\n@ 300 MX 10 @'
    expect(lines(`@ 300 A 203.0.113.7\n${hinted}`)).toEqual(['☑ - @ HTTPS 0 old.example.net.'])
    const byName = aStore({ servesWww: false, host: aName('shops.example.net') })
    expect(lines(`@ 300 CNAME shops.example.net.\n${hinted}`, byName)).toEqual([
      '☑ - @ HTTPS 0 old.example.net.',
    ])
  })

  test('M1 at an apex that was a CNAME goes to the old host by its name', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 CNAME box.example.net.
        @ 300 MX 10 @`,
      review: [
        '☑ + @ A 203.0.113.7',
        '☑ - @ CNAME box.example.net',
        '☑ ~ @ MX 10 example.com → 10 box.example.net [mail]',
      ],
      warnings: ['mail-protected'],
      after: `
        @ 300 A 203.0.113.7
        @ 300 MX 10 box.example.net.`,
    })
  })

  test('M1 that cannot be kept safe says so', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ 300 MX 10 @ ; read-only`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      warnings: ['mail-unprotected', 'mail-managed'],
      after: `
        @ 300 A 203.0.113.7
        @ 300 MX 10 @ ; read-only`,
    })
    expect(warningFor(plan, 'mail-unprotected')).toBe(
      'Mail for example.com goes to example.com, which moves with this change; ask your mail provider where it should go.',
    )
  })

  test('M1 that another product holds where it is cannot be kept safe either', () => {
    const before = '@ 300 A 198.51.100.1\nmail 300 CNAME @ ; read-only\n@ 300 MX 10 mail'
    const plan = planOnboarding(onboardingOf(before, alone))
    expect(reviewLines(plan).length).toBe(1)
    expect(plan.warnings.map(({ code }) => code)).toContain('mail-unprotected')
  })

  test('M1 passes over a name that another product holds, though it leads to the old server', () => {
    const before = '@ 300 A 198.51.100.1\nmail 300 CNAME @ ; read-only\n@ 300 MX 10 @'
    expect(reviewLines(planOnboarding(onboardingOf(before, alone)))).toContain('☑ + mx A 198.51.100.1 [mail]')
  })

  test('M1 passes over a name that has records of other types', () => {
    const before = '@ 300 A 198.51.100.1\n@ 300 MX 10 @\nmail HTTPS 1 . alpn=h2'
    expect(reviewLines(planOnboarding(onboardingOf(before, alone)))).toContain('☑ + mx A 198.51.100.1 [mail]')
  })

  test('M1 finds no server behind a placeholder, and says that mail for it would move to the store', () => {
    const told = (before: string, store = alone.store) => {
      const plan = planOnboarding(onboardingOf(before, { store }))
      const [mail] = plan.warnings.filter(({ code }) => code === 'mail-unprotected')
      return [...reviewLines(plan), mail?.message.split(',')[0]]
    }
    expect(told('@ A 192.0.2.1 ; proxied\n@ 300 MX 10 @')).toEqual([
      '☐ ~ @ A 192.0.2.1 → 203.0.113.7',
      'Mail for example.com goes to example.com',
    ])
    const store = aStore({ name: aName('www.example.com'), servesWww: false })
    const placeholders = {
      'a wildcard': '* A 192.0.2.1 ; proxied',
      'a wildcard of another product': '* A 192.0.2.1 ; proxied read-only',
      'a wildcard with IPv6': '* AAAA 100:: ; proxied',
      'a wildcard that follows a name': '* CNAME ftp ; proxied\nftp A 192.0.2.1 ; proxied',
    }
    for (const [place, records] of Object.entries(placeholders)) {
      for (const owner of ['@', 'blog', '*']) {
        const domain = aName(owner === '@' ? 'example.com' : `${owner}.example.com`)
        const readOnly = owner === '*' ? ' ; read-only' : ''
        expect(told(`${records}\n${owner} 300 MX 10 www${readOnly}`, store), `${place}, ${domain}`).toEqual([
          '☑ + www A 203.0.113.7',
          `Mail for ${domain} goes to www.example.com`,
        ])
      }
    }
  })

  test('M1 keeps on the old server what a wildcard led there, behind a placeholder or not', () => {
    expectOnboarding({
      store: aStore({ name: aName('www.example.com'), servesWww: false }),
      before: `
        * A 192.0.2.1 ; proxied
        * A 198.51.100.1 ; proxied
        @ 300 MX 10 www`,
      review: [
        '☑ + www A 203.0.113.7',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 www.example.com → 10 mail.example.com [mail]',
      ],
      warnings: ['wildcard', 'mail-protected'],
      after: `
        * A 192.0.2.1 ; proxied
        * A 198.51.100.1 ; proxied
        www A 203.0.113.7
        mail A 198.51.100.1
        @ 300 MX 10 mail`,
    })
  })

  test('M1 that a wildcard sent to the new name itself stays, also for that name', () => {
    expectOnboarding({
      store: aStore({ name: aName('www.example.com'), servesWww: false }),
      before: `
        * 300 A 198.51.100.1
        * 300 MX 10 www`,
      review: [
        '☑ + www A 203.0.113.7',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ * MX 10 www.example.com → 10 mail.example.com [mail]',
        '☑ + www MX 10 mail.example.com',
      ],
      warnings: ['wildcard', 'mail-protected'],
      after: `
        * 300 A 198.51.100.1
        www A 203.0.113.7
        mail A 198.51.100.1
        * 300 MX 10 mail
        www 300 MX 10 mail`,
    })
  })

  test('M1 that a wildcard sent to a name that follows the new one stays for both, and what goes elsewhere is copied once', () => {
    const lines = (before: string) =>
      reviewLines(
        planOnboarding(
          onboardingOf(before, { store: aStore({ name: aName('www.example.com'), servesWww: false }) }),
        ),
      )
    expect(lines('* 300 A 198.51.100.1\nmx 300 CNAME www\n* 300 MX 10 mx')).toEqual([
      '☑ + www A 203.0.113.7',
      '☑ - mx CNAME www.example.com [mail]',
      '☑ + mx A 198.51.100.1 [mail]',
      '☑ + www MX 10 mx.example.com',
    ])
    expect(lines('* 300 CNAME box.example.net.\nblog 300 MX 10 www')).toEqual([
      '☑ + www A 203.0.113.7',
      '☑ ~ blog MX 10 www.example.com → 10 box.example.net [mail]',
    ])
    const both = '* 300 A 198.51.100.1\n* 300 MX 10 www\n* 300 MX 20 mx.example.net.'
    expect(lines(both).filter((line) => line.includes('+ www'))).toEqual([
      '☑ + www A 203.0.113.7',
      '☑ + www MX 20 mx.example.net',
      '☑ + www MX 10 mail.example.com',
    ])
  })

  test('M1 finds no server in what is delegated', () => {
    const delegated = 'sub 300 NS ns1.example.net.\nmx.sub 300 CNAME @\n@ 300 MX 10 mx.sub'
    expect(
      reviewLines(planOnboarding(onboardingOf(`@ 300 A 198.51.100.1\n${delegated}`, alone))).length,
    ).toBe(1)
  })

  test('M1 does not give an old server a name that leads elsewhere by a wildcard, for mail or for an alias', () => {
    const named = (more: string) => {
      const before = `@ 300 A 198.51.100.1\n@ 300 MX 10 @\n${more}`
      const lines = reviewLines(planOnboarding(onboardingOf(before, alone))).filter((line) =>
        line.startsWith('☑ +'),
      )
      return lines.join()
    }
    const elsewhere = ['* 300 A 198.51.100.9', '* 300 CNAME box.example.net.', '* A 192.0.2.1 ; proxied']
    const pointers = [
      'blog 300 MX 10 mail',
      'blog 300 MX 10 x\nx 300 CNAME mail',
      'webmail 300 CNAME mail',
      '_imaps._tcp 300 SRV 0 1 993 mail',
    ]
    for (const wildcard of elsewhere) {
      for (const pointer of pointers) {
        expect(named(`${wildcard}\n${pointer}`), `${wildcard}, ${pointer}`).toBe(
          '☑ + mx A 198.51.100.1 [mail]',
        )
      }
      expect(named(wildcard)).toBe('☑ + mail A 198.51.100.1 [mail]')
    }
    for (const pointer of pointers) {
      expect(named(`* 300 A 198.51.100.1\n${pointer}`), pointer).toBe('☑ + mail A 198.51.100.1 [mail]')
      expect(named(pointer), pointer).toBe('☑ + mail A 198.51.100.1 [mail]')
    }
  })

  test('M1 is only offered where the move is only offered', () => {
    const store = aStore({ name: aName('www.example.com') })
    const plan = planOnboarding(onboardingOf('@ 300 A 198.51.100.1\n@ 300 MX 10 @', { store }))
    expect(reviewLines(plan).slice(1)).toEqual([
      '☐ ~ @ A 198.51.100.1 → 203.0.113.7',
      '☐ + mail A 198.51.100.1 [mail]',
      '☐ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
    ])
  })

  test('M1 is advised where a name that is only offered follows one whose move is advised', () => {
    expectOnboarding({
      store: aStore({ name: aName('www.example.com') }),
      before: `
        www 300 A 198.51.100.1
        @ 300 CNAME www
        @ 300 MX 10 @`,
      review: [
        '☑ ~ www A 198.51.100.1 → 203.0.113.7',
        '☐ + @ A 203.0.113.7',
        '☐ - @ CNAME www.example.com',
        '☑ + mail A 198.51.100.1 [mail]',
        '☑ ~ @ MX 10 example.com → 10 mail.example.com [mail]',
      ],
      warnings: ['apex-optional', 'mail-protected'],
      after: `
        www 300 A 203.0.113.7
        @ 300 CNAME www
        mail A 198.51.100.1
        @ 300 MX 10 mail`,
    })
  })

  test('M1 leaves mail alone that is elsewhere, refused, or moves nowhere', () => {
    const untouched = `
      @ 300 MX 10 mail.example.net.
      refused 300 MX 0 .
      mail 300 A 198.51.100.1
      other 300 MX 10 mail`
    expectOnboarding({
      ...alone,
      before: `@ 300 A 198.51.100.1 ${untouched}`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      after: `@ 300 A 203.0.113.7 ${untouched}`,
    })
    expectOnboarding({
      ...alone,
      before: '@ 300 A 203.0.113.7\n@ 300 MX 10 @',
      review: [],
      after: '@ 300 A 203.0.113.7\n@ 300 MX 10 @',
    })
  })

  test('M1 without MX follows the name itself, and that is told where mail programs have their names', () => {
    const zone = 'imap 300 CNAME @'
    const plan = planOnboarding(onboardingOf(`@ 300 A 198.51.100.1\n${zone}`, alone))
    expect(plan.warnings.map(({ code }) => code)).toEqual(['mail-without-mx', 'follows'])
    expect(warningFor(plan, 'mail-without-mx')).toBe(
      'example.com has no MX record, so mail for it goes to the server that example.com leads to, and moves with this change; if you use mail there, add an MX record for its server first.',
    )
    const told = (before: string) =>
      planOnboarding(onboardingOf(before, alone)).warnings.map(({ code }) => code)
    expect(told('@ 300 A 198.51.100.1')).toEqual([])
    expect(told(`@ 300 A 198.51.100.1\n@ 300 MX 0 .\n${zone}`)).toEqual(['follows'])
    expect(told('@ 300 A 203.0.113.7\nmail 300 A 198.51.100.1')).toEqual([])
  })

  test('M4 through the proxy is warned about', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 203.0.113.7
        mail A 198.51.100.1 ; proxied
        @ 300 MX 10 mail`,
      review: [],
      warnings: ['mail-proxied'],
      after: `
        @ 300 A 203.0.113.7
        mail A 198.51.100.1 ; proxied
        @ 300 MX 10 mail`,
    })
    expect(warningFor(plan, 'mail-proxied')).toBe(
      "Mail for example.com goes to mail.example.com, which is behind Cloudflare's proxy; Cloudflare then shows the server's address to everyone.",
    )
  })

  test('M5 of Email Routing is kept, and its records say who manages them', () => {
    const zone = `
      @ 300 A 203.0.113.7
      @ 300 MX 10 route1.mx.example.net. ; read-only
      @ 300 MX 20 route2.mx.example.net. ; read-only
      @ 300 TXT "v=spf1 include:_spf.mx.example.net ~all" ; read-only`
    const plan = expectOnboarding({
      ...alone,
      before: zone,
      review: [],
      warnings: ['mail-managed'],
      after: zone,
    })
    expect(reasonFor(plan, '@ MX 10 route1.mx.example.net')).toBe(
      'Another Cloudflare product manages it, so it can only be changed there.',
    )
    expect(warningFor(plan, 'mail-managed')).toBe(
      'Mail for example.com is managed by Cloudflare Email Routing; its records can only be changed there.',
    )
  })
})

describe('SPF', () => {
  const spf = (text: string, more = '') =>
    reviewLines(
      planOnboarding(
        onboardingOf(`@ 300 A 198.51.100.1\n@ 300 AAAA 2001:db8::1\n@ 300 TXT "${text}"${more}`, {
          store: aStore({ servesWww: false, ipv6: [aValue('AAAA', '2001:db8:7::7')] }),
        }),
      ),
    ).slice(2)

  test('M2 that names the old server by the name that moves is offered its addresses', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ 300 TXT "v=spf1 a include:_spf.example.net -all"`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☐ ~ @ TXT "v=spf1 a include:_spf.example.net -all" → "v=spf1 ip4:198.51.100.1 a include:_spf.example.net -all" [spf example.com]',
      ],
      warnings: ['spf'],
      after: `
        @ 300 A 203.0.113.7
        @ 300 TXT "v=spf1 a include:_spf.example.net -all"`,
    })
    expect(warningFor(plan, 'spf')).toBe(
      'If your old server still sends mail for example.com, select its SPF record, so that the mail is not taken for spam.',
    )
  })

  test('M2 of a server that takes the mail is named by default, and only where the move itself is', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        mail 300 A 198.51.100.1
        @ 300 MX 10 mail
        @ 300 TXT "v=spf1 a -all"`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ ~ @ TXT "v=spf1 a -all" → "v=spf1 ip4:198.51.100.1 a -all" [spf example.com]',
      ],
      warnings: ['spf'],
      after: `
        @ 300 A 203.0.113.7
        mail 300 A 198.51.100.1
        @ 300 MX 10 mail
        @ 300 TXT "v=spf1 ip4:198.51.100.1 a -all"`,
    })
    expect(warningFor(plan, 'spf')).toBe(
      'Your old server goes on handling mail for example.com; its SPF record goes on naming it, so that the mail is not taken for spam.',
    )
    const store = aStore({ name: aName('www.example.com') })
    const offered = planOnboarding(
      onboardingOf('@ 300 A 198.51.100.1\n@ 300 MX 10 @\n@ 300 TXT "v=spf1 a -all"', { store }),
    )
    expect(reviewLines(offered).at(-1)).toMatch(/^☐ ~ @ TXT/)
  })

  test('M2 of an old host that is known by its name alone is named so', () => {
    const before = '@ 300 CNAME box.example.net.\nmail 300 CNAME @\n@ 300 MX 10 mail'
    const told = (text: string) =>
      reviewLines(planOnboarding(onboardingOf(`${before}\n@ 300 TXT "${text}"`, alone))).filter((line) =>
        line.includes('TXT'),
      )
    expect(told('v=spf1 a -all')).toEqual([
      '☑ ~ @ TXT "v=spf1 a -all" → "v=spf1 a:box.example.net a -all" [spf example.com]',
    ])
    expect(told('v=spf1 a:box.example.net a -all')).toEqual([])
    const nineMore = Array.from({ length: 9 }, (_, index) => `include:n${index}.example.net`).join(' ')
    // An eleventh look-up would end all mail that is checked.
    expect(told(`v=spf1 a ${nineMore} -all`)).toEqual([])
  })

  test('M2 counts `a` and `mx`, with or without a name and a length', () => {
    const withAddresses = ['ip4:198.51.100.1', 'ip6:2001:db8::1']
    for (const term of ['a', '+A', 'a/24', 'a:example.com', 'a:EXAMPLE.com/24//64']) {
      const [line] = spf(`v=spf1 ${term} -all`)
      expect(line).toContain(`"v=spf1 ${withAddresses.join(' ')} ${term} -all"`)
    }
    expect(spf('v=spf1 mx -all', '\n@ 300 MX 10 @').at(-1)).toContain(
      '"v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 mx -all"',
    )
  })

  test('M2 adds only what no range covers yet', () => {
    expect(spf('v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/64 a -all')).toEqual([])
    expect(spf('v=spf1 ip4:198.51.100.1 a -all')[0]).toContain(
      '"v=spf1 ip6:2001:db8::1 ip4:198.51.100.1 a -all"',
    )
  })

  test('M2 says nothing of SPF that does not depend on the move', () => {
    for (const text of [
      'v=spf1 -all',
      'v=spf1 -a ~mx ?a -all',
      'v=spf1 a:mail.example.net mx:example.net -all',
      'v=spf1 a:%{d} -all',
      'v=spf10 a -all',
      'google-site-verification=a',
    ]) {
      expect(spf(text)).toEqual([])
    }
  })

  test('M2 leaves a name with two SPF records alone, because neither counts', () => {
    expect(spf('v=spf1 a -all', '\n@ 300 TXT "v=spf1 mx -all"')).toEqual([])
  })
})
