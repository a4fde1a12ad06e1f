// Staying connected: what each way of losing WhatsApp leads to, pairing, and the real Baileys without a
// network.

import assert from 'node:assert/strict'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { socketMaker } from '../src/whatsapp.js'
import { deadPort, Desk, settled, TOKEN, until } from './fakes.js'

const health = async (desk) => (await desk.ask('/health')).body

test('WhatsApp away: it says so, and tries again with growing pauses, for ever', async (t) => {
  const desk = await Desk.open(t)
  desk.whatsapp.there = false
  await desk.start()
  await until(() => desk.logged.length === 1)
  const first = await health(desk)
  assert.equal(first.state, 'reconnecting')
  assert.deepEqual(first.last, { code: 408, why: 'getaddrinfo ENOTFOUND' })
  assert.equal(first.retry_at, desk.time.now + 1_000)
  await desk.time.advance(600_000)
  const waits = desk.logged.map(({ wait_ms: wait }) => wait)
  assert.deepEqual(waits.slice(0, 8), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  assert.ok((await health(desk)).attempt >= 14)
  assert.equal((await health(desk)).since, first.since, 'away since it was lost, not since the last try')
  desk.whatsapp.there = true
  await desk.time.advance(60_000)
  await desk.connected()
  assert.equal((await health(desk)).attempt, 0)
  assert.ok((await health(desk)).since > first.since)
})

for (const [code, state] of [[401, 'logged_out'], [403, 'forbidden'], [440, 'replaced']]) {
  test(`${code}: it stops and says ${state}`, async (t) => {
    const desk = await Desk.open(t)
    await desk.start()
    await desk.connected()
    desk.whatsapp.drop(code)
    await desk.time.advance(3_600_000)
    assert.equal((await health(desk)).state, state)
    assert.equal(desk.whatsapp.sockets.length, 1)
    assert.equal((await desk.send()).status, 503)
  })
}

test('515 after pairing: at once again', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  desk.whatsapp.drop(515)
  await desk.connected()
  assert.equal(desk.whatsapp.sockets.length, 2)
})

test('a late event of an older connection is ignored', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  const [old] = desk.whatsapp.sockets
  desk.whatsapp.drop(428)
  await desk.time.advance(2_000)
  await desk.connected()
  desk.whatsapp.drop(401, 'late', old)
  assert.equal((await health(desk)).state, 'open')
})

test('pairing: the QR code and a code of letters as JSON, gone once connected', async (t) => {
  const desk = await Desk.open(t)
  desk.whatsapp.paired = false
  await desk.start()
  await until(async () => (await health(desk)).state === 'pairing')
  assert.equal((await desk.ask('/v1/pairing')).body.qr, 'qr-1')
  assert.equal((await desk.post('/v1/pair', { phone: 'no number' })).status, 422)
  const { body } = await desk.post('/v1/pair', { phone: '+97233334444' })
  assert.equal(body.code, 'CODE4444')
  assert.equal((await desk.ask('/v1/pairing')).body.code, 'CODE4444')
  desk.whatsapp.socket.ev.emit('connection.update', { connection: 'open' })
  assert.deepEqual((await desk.ask('/v1/pairing')).body, { state: 'open', qr: null, code: null, number: '+97233334444', paired: false })
  assert.equal((await health(desk)).qr, undefined)
})

test('after a log-out the operator pairs again, with new keys', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  const before = desk.whatsapp.socket.auth.creds.noiseKey
  await desk.whatsapp.socket.auth.keys.set({ session: { a: Buffer.from('secret') } })
  desk.whatsapp.drop(401)
  desk.whatsapp.paired = false
  assert.equal((await desk.post('/v1/restart', {})).status, 200)
  await until(async () => (await health(desk)).state === 'pairing')
  assert.notDeepEqual(desk.whatsapp.socket.auth.creds.noiseKey, before)
  assert.deepEqual(await desk.whatsapp.socket.auth.keys.get('session', ['a']), {})
})

test('keys survive a restart as they were, bytes included', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  const { auth } = desk.whatsapp.socket
  await auth.keys.set({ session: { a: Buffer.from([1, 2, 255]), b: Buffer.from('x') }, 'pre-key': { 1: { public: Buffer.from('p') } } })
  await auth.keys.set({ session: { b: null } })
  desk.whatsapp.socket.ev.emit('creds.update', {})
  const { noiseKey, registrationId } = auth.creds
  await desk.stop()
  await desk.start()
  await desk.connected()
  const again = desk.whatsapp.socket.auth
  assert.deepEqual(await again.keys.get('session', ['a', 'b']), { a: Buffer.from([1, 2, 255]) })
  assert.deepEqual((await again.keys.get('pre-key', ['1']))[1].public, Buffer.from('p'))
  assert.equal(again.creds.registrationId, registrationId)
  assert.deepEqual(Buffer.from(again.creds.noiseKey.private), Buffer.from(noiseKey.private))
})

test('every file is for its owner only', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  await desk.send()
  for (const name of await readdir(desk.folder)) {
    assert.equal((await stat(join(desk.folder, name))).mode & 0o077, 0, name)
  }
})

test('a second process on the same account is refused; a dead one is not in the way', async (t) => {
  const desk = await Desk.open(t)
  await writeFile(join(desk.folder, 'lock'), '999999999')
  await desk.start()
  await desk.stop()
  await writeFile(join(desk.folder, 'lock'), String(process.ppid))
  await assert.rejects(desk.start(), /another sidecar/)
})

test('nothing is answered without the token', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  for (const token of ['', 'wrong', TOKEN.slice(0, -1), `${TOKEN}x`]) {
    for (const path of ['/health', '/v1/pairing', '/v1/messages?idempotency_key=k1', '/nowhere']) {
      assert.deepEqual(await desk.ask(path, { token }), { status: 401, body: { error: 'unauthorized' } })
    }
  }
  assert.equal((await desk.ask('/v1/messages', { token: 'wrong', method: 'POST', body: '{}' })).status, 401)
  assert.deepEqual(desk.whatsapp.handed, [])
})

test('a body that is none is refused in words', async (t) => {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  for (const body of ['', 'nonsense', '[]', 'null', '{"to":1}', '{"to":"+972523456789"}', 'x'.repeat(70_000)]) {
    const { status, body: told } = await desk.ask('/v1/messages', { method: 'POST', body })
    assert.deepEqual([status, told.error], [400, 'bad_request'])
  }
  assert.equal((await desk.send({ to: '0523456789' })).body.error, 'bad_number')
})

test('the real Baileys, with nobody there: it says so and is asked to try again', async (t) => {
  const desk = await Desk.open(t)
  const port = await deadPort()
  await desk.start({ makeSocket: socketMaker(`ws://127.0.0.1:${port}`) })
  await until(() => desk.logged.some(({ event }) => event === 'disconnected'))
  const { state, attempt, retry_at: at } = await health(desk)
  assert.deepEqual([state, attempt, at], ['reconnecting', 1, desk.time.now + 1_000])
  await desk.time.advance(1_000)
  await until(() => desk.logged.filter(({ event }) => event === 'disconnected').length === 2)
  assert.equal((await desk.send()).body.error, 'not_connected')
  await settled()
})
