// Sending over a WhatsApp that is away, loses answers, refuses, and is slow.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { messageId } from '../src/ids.js'
import { CALLER, Desk, settled, until } from './fakes.js'

const OTHER = '+972541112222'

async function connectedDesk(t, changes = {}) {
  const desk = Object.assign(await Desk.open(t), changes)
  await desk.start()
  await desk.connected()
  return desk
}

test('a message is sent once, under an id made from its key', async (t) => {
  const desk = await connectedDesk(t)
  const { status, body } = await desk.send()
  assert.equal(status, 200)
  assert.deepEqual(body, { message_id: messageId('k1'), state: 'pending', code: '' })
  assert.match(body.message_id, /^3EB0[0-9A-F]{18}$/)
  assert.deepEqual(await desk.send(), { status, body })
  assert.deepEqual(desk.whatsapp.handed, [body.message_id])
  assert.equal(desk.whatsapp.arrived.get(body.message_id).text, 'שלום')
})

for (const fault of ['lost_before', 'lost_after']) {
  test(`${fault}: unclear, and the repetition is the same message`, async (t) => {
    const desk = await connectedDesk(t)
    desk.whatsapp.faults = [fault]
    assert.deepEqual(await desk.send(), { status: 504, body: { error: 'unclear' } })
    const found = await desk.ask('/v1/messages?idempotency_key=k1')
    assert.equal(found.body.state, 'handing')
    assert.equal((await desk.send()).body.state, 'pending')
    assert.equal(desk.whatsapp.arrived.size, 1)
    assert.equal(new Set(desk.whatsapp.handed).size, 1)
  })
}

test('an answer that never comes is given up, and asked for again meanwhile it is in flight', async (t) => {
  const desk = await connectedDesk(t)
  desk.whatsapp.faults = ['never']
  const first = desk.send()
  await until(() => desk.whatsapp.handed.length === 1)
  assert.equal((await desk.send()).status, 409)
  await desk.time.advance(10_000)
  assert.equal((await first).status, 504)
  assert.equal((await desk.send()).status, 200)
})

test('while WhatsApp is away nothing is taken, so that nothing can be lost', async (t) => {
  const desk = await Desk.open(t)
  desk.whatsapp.there = false
  await desk.start()
  await settled()
  const { status, body } = await desk.send()
  assert.equal(status, 503)
  assert.equal(body.error, 'not_connected')
  assert.equal((await desk.ask('/v1/messages?idempotency_key=k1')).status, 404)
  desk.whatsapp.there = true
  await desk.time.advance(2_000)
  await desk.connected()
  assert.equal((await desk.send()).status, 200)
})

test('a number without WhatsApp is refused before anything is written to it', async (t) => {
  const desk = await connectedDesk(t)
  desk.whatsapp.strangers.add(CALLER)
  assert.deepEqual(await desk.send(), { status: 422, body: { error: 'not_on_whatsapp' } })
  assert.deepEqual(desk.whatsapp.handed, [])
})

test('a lookup that failed is no proof that the number is not there', async (t) => {
  const desk = await connectedDesk(t)
  desk.whatsapp.faults = ['lookup_lost']
  assert.equal((await desk.send()).body.error, 'not_connected')
  assert.equal((await desk.send()).status, 200)
})

test('463: no second try, and no other new person until tomorrow; who wrote to us still gets answers', async (t) => {
  const desk = await connectedDesk(t)
  const { body } = await desk.send()
  desk.whatsapp.receipt(body.message_id, 0, '463')
  await until(() => desk.receipts().includes('failed'))
  assert.deepEqual((await desk.send()).body, { message_id: body.message_id, state: 'failed', code: '463' })
  assert.equal((await desk.send({ idempotency_key: 'k2', to: OTHER })).status, 423)
  desk.whatsapp.says('היי', { from: OTHER })
  await until(() => desk.app.told.some((e) => e.type === 'message'))
  assert.equal((await desk.send({ idempotency_key: 'k3', to: OTHER })).status, 200)
  assert.ok((await desk.ask('/health')).body.restricted)
  await desk.time.advance(86_400_001)
  assert.equal((await desk.send({ idempotency_key: 'k4', to: '+972547776666' })).status, 200)
  assert.equal(desk.whatsapp.handed.filter((id) => id === body.message_id).length, 1)
})

test('only so many new people a day; those known before do not count', async (t) => {
  const desk = await connectedDesk(t, { limits: { newPeoplePerDay: 2, pauseMs: [0, 0] } })
  const numbers = ['+972541111111', '+972542222222', '+972543333333']
  const answers = []
  for (const to of numbers) answers.push((await desk.send({ idempotency_key: to, to })).body.error)
  assert.deepEqual(answers, [undefined, undefined, 'daily_cap'])
  assert.equal((await desk.send({ idempotency_key: 'again', to: numbers[0] })).status, 200)
  assert.equal((await desk.send({ idempotency_key: 'warm', to: numbers[2], warm: true })).status, 200)
  await desk.time.advance(86_400_001)
  assert.equal((await desk.send({ idempotency_key: 'next', to: '+972544444444' })).status, 200)
})

test('messages go one after the other with a pause', async (t) => {
  const desk = await connectedDesk(t, { limits: { newPeoplePerDay: 10, pauseMs: [500, 1500] } })
  await desk.send()
  const second = desk.send({ idempotency_key: 'k2' })
  await settled()
  assert.equal(desk.whatsapp.handed.length, 1)
  await until(() => desk.time.waits.includes(1_000))
  await desk.time.advance(1_000)
  assert.equal((await second).status, 200)
  assert.equal(desk.whatsapp.handed.length, 2)
})

test('more than a handful waiting are told to come later', async (t) => {
  const desk = await connectedDesk(t)
  desk.whatsapp.faults = ['never']
  const waiting = Array.from({ length: 8 }, (_, n) => desk.send({ idempotency_key: `w${n}` }))
  await until(() => desk.whatsapp.handed.length === 1)
  const answers = []
  await until(async () => {
    answers.push((await desk.send({ idempotency_key: 'one-more' })).status)
    return answers.includes(429)
  })
  await desk.time.advance(10_000)
  await Promise.all(waiting)
})

test('a killed process still knows what it handed over', async (t) => {
  const desk = await connectedDesk(t)
  desk.whatsapp.faults = ['lost_after']
  await desk.send()
  await desk.send({ idempotency_key: 'k2' })
  await desk.stop()
  await desk.start()
  await desk.connected()
  assert.equal((await desk.ask('/v1/messages?idempotency_key=k1')).body.state, 'handing')
  assert.equal((await desk.ask('/v1/messages?idempotency_key=k2')).body.state, 'pending')
  assert.equal((await desk.send()).body.state, 'pending')
  assert.equal(desk.whatsapp.arrived.size, 2)
})

test('a phone that asks for a message again gets its text', async (t) => {
  const desk = await connectedDesk(t)
  const { body } = await desk.send()
  assert.deepEqual(await desk.whatsapp.socket.getMessage({ id: body.message_id }), { conversation: 'שלום' })
  assert.equal(await desk.whatsapp.socket.getMessage({ id: 'other' }), undefined)
})
