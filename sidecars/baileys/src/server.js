// The sidecar's own HTTP: loopback only, one bearer token, small JSON. Decides nothing about messages.

import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

import { Refused } from './account.js'

const BODY_MAX = 65_536
const TEXT_MAX = 4096
const KEY_MAX = 512

const STATUS = {
  unauthorized: 401,
  not_found: 404,
  bad_request: 400,
  bad_number: 422,
  not_on_whatsapp: 422,
  daily_cap: 422,
  account_restricted: 423,
  in_flight: 409,
  already_paired: 409,
  busy: 429,
  not_connected: 503,
  unclear: 504,
}

export function makeServer({ token, account, sender, teller }) {
  const routes = {
    'GET /health': () => ({ ...account.view, qr: undefined, code: undefined, ...sender.view, ...teller.view }),
    'GET /v1/pairing': () => {
      const { state, qr, code, number, paired } = account.view
      return { state, qr, code, number, paired }
    },
    'POST /v1/pair': async ({ phone }) => {
      if (typeof phone !== 'string' || !/^\+[1-9]\d{6,14}$/.test(phone)) throw new Refused('bad_number')
      return { code: await account.pairingCode(phone.slice(1)) }
    },
    'POST /v1/restart': async () => {
      await account.restart()
      return { state: account.view.state }
    },
    'GET /v1/messages': (_, query) => shown(sender.findByKey(query.get('idempotency_key') ?? '')),
    'POST /v1/messages': async (body) => shown(await sender.send(wanted(body))),
  }
  return createServer(async (request, response) => {
    const reply = (status, body) => {
      const text = JSON.stringify(body)
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      response.end(text)
    }
    try {
      if (!authorized(request, token)) throw new Refused('unauthorized')
      const url = new URL(request.url, 'http://sidecar')
      const route = routes[`${request.method} ${url.pathname}`]
      if (!route) throw new Refused('not_found')
      reply(200, await route(request.method === 'POST' ? await bodyOf(request) : {}, url.searchParams))
    } catch (fault) {
      const error = fault instanceof Refused ? fault.message : 'unclear'
      const state = error === 'not_connected' ? { state: account.view.state } : {}
      reply(STATUS[error] ?? 504, { error, ...state })
    }
  })
}

// Both are hashed first: equal lengths, and nothing to be learnt from the time it takes.
function authorized(request, token) {
  const digest = (text) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`))
}

async function bodyOf(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > BODY_MAX) throw new Refused('bad_request')
    chunks.push(chunk)
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  } catch {
    // Told below, as anything that is no object.
  }
  throw new Refused('bad_request')
}

function wanted({ to, text, idempotency_key: key, delivery_id = '', warm = false }) {
  const short = (value, most) => typeof value === 'string' && value.length > 0 && value.length <= most
  if (!short(to, 32) || !short(text, TEXT_MAX) || !short(key, KEY_MAX) || typeof delivery_id !== 'string') {
    throw new Refused('bad_request')
  }
  return { to, text, key, delivery_id: delivery_id.slice(0, KEY_MAX), warm: warm === true }
}

function shown(record) {
  if (!record) throw new Refused('not_found')
  return { message_id: record.id, state: record.state, code: record.code }
}
