import { expect, test } from 'vitest'
import { tokenTemplate } from './paths.ts'

test("the link fills in Cloudflare's form, wherever Cloudflare is", () => {
  expect(tokenTemplate('https://cloudflare.example', 'example.com')).toBe(
    'https://cloudflare.example/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22dns%22%2C%22type%22%3A%22edit%22%7D%2C%7B%22key%22%3A%22zone%22%2C%22type%22%3A%22read%22%7D%5D&accountId=*&zoneId=all&name=DNS%20of%20example.com',
  )
})
