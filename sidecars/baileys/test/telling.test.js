// Receipts and incoming messages: every one reaches the app at least once, and says the truth in any order.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'

import { backoffMs } from '../src/backoff.js'
import { merged } from '../src/states.js'
import { CALLER, Desk, NOW, settled, TOKEN, until, US } from './fakes.js'

async function sentDesk(t) {
  const desk = await Desk.open(t)
  await desk.start()
  await desk.connected()
  const { body } = await desk.send()
  return { desk, id: body.message_id }
}

test('receipts are told in order, signed, with the id of our own row', async (t) => {
  const { desk, id } = await sentDesk(t)
  for (const status of [2, 3, 4]) desk.whatsapp.receipt(id, status)
  await until(() => desk.app.told.length === 3)
  assert.deepEqual(desk.receipts(), ['sent', 'delivered', 'read'])
  assert.deepEqual(desk.app.told[0], { type: 'receipt', message_id: id, delivery_id: 'd1', state: 'sent', code: '', at: NOW / 1000 })
  const { body, headers } = desk.app.bodies[0]
  const digest = createHmac('sha256', TOKEN).update(body).digest('hex')
  assert.equal(headers['x-signature-256'], `sha256=${digest}`)
})

test('late, repeated and unknown receipts change nothing', async (t) => {
  const { desk, id } = await sentDesk(t)
  for (const status of [4, 2, 3, 4, 1, 0, 77]) desk.whatsapp.receipt(id, status)
  desk.whatsapp.receipt('somebody-elses', 3)
  await until(() => desk.app.told.length === 1)
  await settled()
  assert.deepEqual(desk.receipts(), ['read'])
})

test('the same receipts end in the same state in every order', () => {
  const all = ['pending', 'sent', 'failed', 'delivered', 'read']
  const orders = (list) => (list.length < 2 ? [list] : list.flatMap((x, n) => orders(list.toSpliced(n, 1)).map((r) => [x, ...r])))
  for (const order of orders(all)) assert.equal(order.reduce(merged, 'handing'), 'read')
  for (const order of orders(['pending', 'sent', 'failed'])) assert.equal(order.reduce(merged, 'handing'), 'failed')
})

test('what people write is told, with who, to whom and which message it answers', async (t) => {
  const { desk } = await sentDesk(t)
  desk.whatsapp.says('לבטל')
  await until(() => desk.app.told.length === 1)
  assert.deepEqual(desk.app.told[0], {
    type: 'message', message_id: 'IN1', sender: CALLER, receiver: US, text: 'לבטל', at: NOW / 1000, answers: '',
  })
})

test('a hidden address is told by its number; groups, own and old messages are not told', async (t) => {
  const { desk } = await sentDesk(t)
  desk.whatsapp.says('מקבוצה', { id: 'G', remoteJid: '1203630@g.us' })
  desk.whatsapp.says('שלי', { id: 'M', fromMe: true })
  desk.whatsapp.says('ישן', { id: 'O', at: NOW / 1000 - 3 * 86_400 })
  desk.whatsapp.says('כן', { id: 'L', remoteJid: '987654321@lid', remoteJidAlt: `${CALLER.slice(1)}@s.whatsapp.net` })
  await until(() => desk.app.told.length === 1)
  await settled()
  assert.deepEqual(desk.app.told.map(({ message_id: id, sender }) => [id, sender]), [['L', CALLER]])
})

test('what came while we were away is told too', async (t) => {
  const { desk } = await sentDesk(t)
  desk.whatsapp.says('כן', { type: 'append', at: NOW / 1000 - 3600 })
  await until(() => desk.app.told.length === 1)
})

test('an app that is away loses nothing: backoff, then everything in its order, over a restart too', async (t) => {
  const { desk, id } = await sentDesk(t)
  desk.app.there = false
  desk.whatsapp.receipt(id, 2)
  await until(() => desk.logged.some(({ event }) => event === 'app_not_told'))
  desk.whatsapp.says('כן')
  await until(async () => (await desk.ask('/health')).body.untold === 2)
  for (const wait of [1_000, 2_000, 4_000]) await desk.time.advance(wait)
  assert.deepEqual(desk.logged.filter((l) => l.event === 'app_not_told').map((l) => l.wait_ms), [1_000, 2_000, 4_000, 8_000])
  await desk.stop()
  desk.app.there = true
  await desk.start()
  await until(() => desk.app.told.length === 2)
  assert.deepEqual(desk.app.told.map(({ type }) => type), ['receipt', 'message'])
  await until(async () => (await desk.ask('/health')).body.untold === 0)
})

test('waits grow to a minute, by chance a third shorter or longer', () => {
  assert.deepEqual([1, 2, 3, 7, 8, 500].map((n) => backoffMs(n, 0.5)), [1_000, 2_000, 4_000, 60_000, 60_000, 60_000])
  assert.equal(backoffMs(1, 0), 700)
  assert.ok(backoffMs(500, 0.999) <= 78_000)
})
