import { RECORD_TYPES } from '#dns/record-type.ts'
import { BODY_LIMIT } from './http-server.ts'
import { REFUSAL_CODES } from './on-error.ts'
import { WINDOW_MS } from './signature.ts'

/**
 * The webhook in OpenAPI 3.1, as `GET /openapi.json` tells it. Written by hand, because the protocol is not ours: what is
 * said here is a promise, and the tests hold every answer of the server to it.
 */
export const openApi = () => ({
  openapi: '3.1.1',
  info: {
    title: 'Zonewright operator webhook',
    // Of what is promised here, not of the program: another first number breaks somebody (decisions/019-versioning.md).
    version: '1.0.0',
    summary: "The DNS Operator's webhook: record sets of Cloudflare zones, declared by signed requests",
    description: [
      'All bodies are JSON and nothing is redirected. A path that is not here is 404 (to a DELETE 400, because the operator',
      'takes 404 for deleted), another method 405 with `Allow`. A caller of CONFIG_FILE finds the same paths below `/c/<id>`;',
      'that prefix is not signed. Members of a body that are not described are ignored, and answers may get more of them.',
    ].join(' '),
  },
  paths: {
    '/health': {
      get: {
        operationId: 'health',
        summary: 'Whether we are up and Cloudflare answers, from memory',
        description: 'Unsigned it is answered at `/health` alone. Signed it also says why not.',
        security: [{}, signed()],
        responses: {
          200: json('Healthy', { $ref: '#/components/schemas/Health' }),
          ...refusals(400, 401, 408, 415, 417, 429, 431, 500),
          503: json('Unhealthy, or too much at once', {
            oneOf: [{ $ref: '#/components/schemas/Health' }, { $ref: '#/components/schemas/Refusal' }],
          }),
        },
      },
    },
    '/records': {
      post: {
        operationId: 'upsert',
        summary: 'Declares a record set: from now on it is kept as it was sent last',
        security: [signed(), {}],
        requestBody: {
          required: true,
          description: `At most ${BODY_LIMIT} octets, not compressed`,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Upsert' } } },
        },
        responses: {
          200: json('Cloudflare holds it; with ACK=accepted, it is durable here', {
            $ref: '#/components/schemas/Upserted',
          }),
          ...refusals(400, 401, 408, 413, 415, 417, 429, 431, 500, 503),
        },
      },
    },
    '/records/{type}/{domain}/{subdomain}': {
      parameters: [pathPart('type'), pathPart('domain'), pathPart('subdomain')],
      get: {
        operationId: 'read',
        summary: 'A record set as it is at Cloudflare',
        security: [signed(), {}],
        responses: {
          200: json('The set', { $ref: '#/components/schemas/Read' }),
          ...refusals(400, 401, 404, 408, 415, 417, 429, 431, 500, 503),
        },
      },
      delete: {
        operationId: 'remove',
        summary: 'A record set is no longer wanted',
        description: 'Never 404. What is not managed by this caller stays, and the message says so.',
        security: [signed(), {}],
        responses: {
          200: json('It is gone, was never there, or is not ours', { $ref: '#/components/schemas/Removed' }),
          ...refusals(400, 401, 408, 415, 417, 429, 431, 500, 503),
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'describe',
        summary: 'This document, for everybody',
        security: [{}],
        responses: {
          200: json('OpenAPI 3.1', { type: 'object', required: ['openapi', 'paths'] }),
          ...refusals(400, 408, 415, 417, 431, 500, 503),
        },
      },
    },
  },
  components: {
    securitySchemes: {
      timestamp: header(
        'X-DNS-Timestamp',
        `RFC 3339, within ${WINDOW_MS / 1000} s of our clock, both ends included`,
      ),
      nonce: header('X-DNS-Nonce', '8 to 128 of `A-Z a-z 0-9 . _ ~ -`; good for one request'),
      signature: header(
        'X-DNS-Signature',
        'HMAC-SHA256 or -SHA512, as configured, in lower-case hexadecimal over `METHOD\\npath\\ntimestamp\\nnonce[\\nbody]`',
      ),
    },
    schemas: {
      Upsert: {
        type: 'object',
        required: ['record', 'operation'],
        properties: {
          operation: { const: 'upsert' },
          record: {
            type: 'object',
            required: ['type', 'domain', 'subdomain', 'values'],
            properties: {
              type: { enum: RECORD_TYPES },
              domain: { type: 'string', description: 'A zone, or any name below one' },
              subdomain: { type: 'string', description: '`@` for the domain itself' },
              values: { type: 'array', minItems: 1, items: { type: 'string' } },
              ttl: { type: 'integer', minimum: 1, maximum: 86_400, description: 'Seconds; 1 is automatic' },
            },
          },
        },
        examples: [
          {
            operation: 'upsert',
            record: { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.10'], ttl: 600 },
          },
        ],
      },
      Record: {
        type: 'object',
        required: ['type', 'domain', 'subdomain', 'fqdn', 'values', 'ttl'],
        properties: {
          type: { enum: RECORD_TYPES },
          domain: { type: 'string', description: 'As it was sent' },
          subdomain: { type: 'string', description: 'As it was sent' },
          fqdn: { type: 'string', description: 'The full name, in lower case, without a dot at its end' },
          values: { type: 'array', minItems: 1, items: { type: 'string' } },
          ttl: { type: 'integer', minimum: 60, maximum: 86_400, description: 'As resolvers see it' },
        },
      },
      Upserted: {
        type: 'object',
        required: ['success', 'record', 'message'],
        properties: {
          success: { const: true },
          record: { $ref: '#/components/schemas/Record' },
          message: { type: 'string' },
        },
      },
      Read: {
        type: 'object',
        required: ['success', 'record'],
        properties: { success: { const: true }, record: { $ref: '#/components/schemas/Record' } },
      },
      Removed: {
        type: 'object',
        required: ['success', 'message'],
        properties: { success: { const: true }, message: { type: 'string' } },
      },
      Health: {
        type: 'object',
        required: ['status', 'message', 'timestamp'],
        properties: {
          status: { enum: ['healthy', 'unhealthy'] },
          message: { type: 'string' },
          timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
        },
      },
      Refusal: {
        type: 'object',
        required: ['success', 'error'],
        properties: {
          success: { const: false },
          error: {
            type: 'object',
            required: ['code', 'message', 'details'],
            properties: {
              code: { enum: REFUSAL_CODES },
              message: { type: 'string' },
              details: {
                type: 'object',
                properties: {
                  problems: {
                    type: 'array',
                    items: {
                      type: 'object',
                      required: ['path', 'code', 'message'],
                      properties: {
                        path: { type: 'string' },
                        code: { type: 'string' },
                        message: { type: 'string' },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
})

/** What each refusal means to whoever sent the request. */
const MEANINGS = {
  400: 'It will never work as sent',
  401: 'The signature: AUTH_FAILED, TIMESTAMP_STALE or NONCE_REUSED',
  404: 'The set is known to be absent',
  408: 'The request took too long to arrive',
  413: 'The body is too large',
  415: 'The body is not application/json, or compressed',
  417: 'There is an Expect header',
  429: 'Later: a limit of this caller, or of Cloudflare',
  431: 'The header is too large',
  500: 'A mistake of ours',
  503: 'Later: Cloudflare, the database, a zone out of sight, or too much at once',
} as const

type RefusedStatus = keyof typeof MEANINGS

function refusals(...statuses: readonly RefusedStatus[]) {
  return Object.fromEntries(statuses.map((status) => [status, refusal(status)]))
}

function refusal(status: RefusedStatus) {
  const answer = json(MEANINGS[status], { $ref: '#/components/schemas/Refusal' })
  if (status !== 429 && status !== 503) return answer
  return { ...answer, headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } } }
}

function json(description: string, schema: object) {
  return { description, content: { 'application/json': { schema } } }
}

function pathPart(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } }
}

function header(name: string, description: string) {
  return { type: 'apiKey', in: 'header', name, description }
}

function signed() {
  return { timestamp: [], nonce: [], signature: [] }
}
