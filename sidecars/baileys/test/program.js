// The sidecar as a program with the fake WhatsApp behind it: for the tests of the app. Lines on standard
// input say what WhatsApp does; the end of it ends the program.

import { createInterface } from 'node:readline'

import { configOf } from '../src/config.js'
import { post } from '../src/post.js'
import { startSidecar } from '../src/sidecar.js'
import { FakeWhatsapp } from './fakes.js'

const whatsapp = new FakeWhatsapp()
const sidecar = await startSidecar({
  config: { ...configOf(process.env), limits: { newPeoplePerDay: 100, pauseMs: [0, 0] } },
  makeSocket: whatsapp.makeSocket,
  post,
  timers: { setTimeout, clearTimeout },
  random: Math.random,
  now: Date.now,
  log: () => {},
})
process.stdout.write(`${sidecar.port}\n`)
const orders = {
  fault: (name) => whatsapp.faults.push(name),
  stranger: (number) => whatsapp.strangers.add(number),
  receipt: ([id, status, code]) => whatsapp.receipt(id, status, code),
  says: ([text, id]) => whatsapp.says(text, { id, at: Math.floor(Date.now() / 1000) }),
  arrived: () => {},
}
for await (const line of createInterface({ input: process.stdin })) {
  for (const [order, value] of Object.entries(JSON.parse(line))) orders[order](value)
  process.stdout.write(JSON.stringify({ arrived: [...whatsapp.arrived], handed: whatsapp.handed }) + '\n')
}
await sidecar.stop()
