import { describe, expect, test } from 'vitest'
import { answer, change, drawn, plan, usual } from './samples.ts'
import { connected, deskForTests, signedIn } from './setting.ts'
import { ok, refusal, type Script } from './stand-in.ts'

const desk = deskForTests()

describe('the review', () => {
  const review: Script = { ...signedIn, 'GET /api/cloudflare/plan': ok(plan(drawn)) }
  const box = (name: string) => desk.page.getByRole('checkbox', { name }).first()

  test('ticks what belongs together, and sends what is ticked', async () => {
    await desk.open('/cloudflare/confirm', review)
    await box('DELETE A record for example.com').click()
    expect(await box('REPLACE A record for example.com').isChecked()).toBe(false)
    expect(await box('DELETE AAAA record for example.com').isChecked()).toBe(false)
    expect(await box('KEEP MX record for example.com').isDisabled()).toBe(true)
    expect(await desk.page.locator('.summary li').allTextContents()).toEqual([
      'CNAME record for www.example.com → example.com ',
    ])
    desk.server.script['POST /cloudflare/confirm'] = () => {
      desk.server.script = connected
      return ok({ applied: 1, historyId: 'h1', records: [] })
    }
    await desk.page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await desk.page.getByText('1 change was made.', { exact: true }).waitFor()
    expect(desk.sent('POST /cloudflare/confirm')).toEqual([{ planId: 'plan-1', selected: [drawn[3]!.id] }])
  })

  test('that is out of date shows the new plan, says so, and keeps what was unticked', async () => {
    await desk.open('/cloudflare/confirm', review)
    await box('REPLACE CNAME record for www.example.com').click()
    const fresh = plan([...drawn, change('add', 'TXT', 'example.com', { to: 'new' })], { id: 'plan-2' })
    desk.server.script['POST /cloudflare/confirm'] = refusal(409, 'PLAN_OUT_OF_DATE', 'The zone changed.', {
      details: fresh,
    })
    await desk.page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await desk.page.getByText('changed while you were reading').waitFor()
    expect(await box('ADD TXT record for example.com').isChecked()).toBe(true)
    expect(await box('REPLACE CNAME record for www.example.com').isChecked()).toBe(false)
    desk.server.script['POST /cloudflare/confirm'] = refusal(
      503,
      'CLOUDFLARE_UNAVAILABLE',
      'Cloudflare is busy.',
    )
    await desk.page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await desk.page.getByText('Cloudflare is busy.').waitFor()
    expect(desk.sent('POST /cloudflare/confirm').at(-1)).toMatchObject({ planId: 'plan-2' })
  })

  test('is left by Cancel without a change', async () => {
    await desk.open('/cloudflare/confirm', {
      ...review,
      'GET /api/dns/records': ok(answer('review_pending', usual)),
    })
    await desk.page.getByRole('button', { name: 'Cancel' }).click()
    await desk.page.getByRole('link', { name: 'Review DNS changes' }).waitFor()
    expect(desk.server.asked.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('without a connection leads to the doors', async () => {
    await desk.open('/cloudflare/confirm', {
      ...signedIn,
      'GET /api/cloudflare/plan': refusal(409, 'NOT_CONNECTED', 'Connect Cloudflare first.'),
      'GET /api/dns/records': ok(answer('none')),
    })
    await desk.page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
  })
})
