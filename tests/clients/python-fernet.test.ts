// needs: python3-cryptography
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fernetDecrypt, fernetEncrypt } from '#connections/fernet.ts'

/** What the design's own program would have done with the same SECRET_KEY. */
const PYTHON = `
import base64, hashlib, json, sys
from cryptography.fernet import Fernet
given = json.load(sys.stdin)
fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(given["key"].encode()).digest()))
read = fernet.decrypt(given["token"].encode()).decode()
print(json.dumps({"read": read, "token": fernet.encrypt(given["text"].encode()).decode()}))
`

test("Python's cryptography reads what we write, and we what it writes", () => {
  const [secretKey, words] = ['a secret key of some thirty-two octets', 'tökens "and" more \u{1f511}']
  const key = createHash('sha256').update(secretKey).digest()
  const input = JSON.stringify({ key: secretKey, text: words, token: fernetEncrypt(key, words, Date.now()) })
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', PYTHON], {
    input,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  const answer = JSON.parse(stdout) as { read: string; token: string }
  expect(answer.read).toBe(words)
  expect(fernetDecrypt(key, answer.token)).toBe(words)
})
