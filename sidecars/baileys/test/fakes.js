// What surrounds the sidecar, for its tests: a WhatsApp, time, chance, and an app that is told.

import { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startSidecar } from '../src/sidecar.js'

export const TOKEN = 'a-token-of-more-than-twenty-characters'
export const US = '+97233334444'
export const CALLER = '+972523456789'
export const NOW = Date.parse('2026-11-23T12:00:00Z')

// Time stands still until somebody moves it.
export class FakeTime {
  now = NOW
  #timers = new Map()
  #number = 0

  setTimeout = (run, ms) => {
    this.#number += 1
    if (ms <= 0) {
      setImmediate(run)
      return this.#number
    }
    this.#timers.set(this.#number, { at: this.now + ms, run })
    return this.#number
  }
  clearTimeout = (id) => { this.#timers.delete(id) }

  get waits() { return [...this.#timers.values()].map(({ at }) => at - this.now).sort((a, b) => a - b) }

  // Runs what is due within `ms`, in its order.
  async advance(ms) {
    const until = this.now + ms
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
      if (!due) break
      this.#timers.delete(due[0])
      this.now = Math.max(this.now, due[1].at)
      due[1].run()
      await settled()
    }
    this.now = until
  }
}

// Lets everything that is ready happen, files included.
export async function settled() {
  for (let n = 0; n < 5; n += 1) await new Promise((go) => setImmediate(go))
}

// Waits for something that must happen; a hang fails the test by its own timeout.
export async function until(look) {
  for (;;) {
    const found = await look()
    if (found) return found
    await new Promise((go) => setImmediate(go))
  }
}

// The boundary that Baileys offers, with a WhatsApp behind it that may be away or refuse.
export class FakeWhatsapp {
  there = true
  paired = true
  strangers = new Set()
  faults = []
  arrived = new Map()
  handed = []
  sockets = []

  makeSocket = ({ auth, getMessage }) => {
    const socket = {
      ev: new EventEmitter(),
      user: { id: `${US.slice(1)}:7@s.whatsapp.net` },
      getMessage,
      auth,
      end: async () => { socket.ended = true },
      requestPairingCode: async (phone) => `CODE${phone.slice(-4)}`,
      onWhatsApp: async (address) => {
        if (this.faults[0] === 'lookup_lost') { this.faults.shift(); return undefined }
        const number = `+${address.split('@')[0]}`
        return this.strangers.has(number) ? [] : [{ jid: address, exists: true }]
      },
      sendMessage: async (address, { text }, { messageId }) => {
        this.handed.push(messageId)
        const fault = this.faults.shift()
        if (fault === 'lost_before') throw new Error('Connection Closed')
        this.arrived.set(messageId, { address, text })
        if (fault === 'lost_after') throw new Error('Timed Out')
        if (fault === 'never') return new Promise(() => {})
        return { key: { id: messageId } }
      },
    }
    this.sockets.push(socket)
    setImmediate(() => this.#greet(socket))
    return socket
  }

  get socket() { return this.sockets.at(-1) }

  #greet(socket) {
    if (!this.there) this.drop(408, 'getaddrinfo ENOTFOUND', socket)
    else if (this.paired) socket.ev.emit('connection.update', { connection: 'open' })
    else socket.ev.emit('connection.update', { qr: 'qr-1' })
  }

  drop(statusCode, message = 'closed', socket = this.socket) {
    const error = Object.assign(new Error(message), { output: { statusCode } })
    socket.ev.emit('connection.update', { connection: 'close', lastDisconnect: { error } })
  }

  receipt(id, status, stub) {
    const update = { status, ...(stub ? { messageStubParameters: [stub] } : {}) }
    this.socket.ev.emit('messages.update', [{ key: { id, fromMe: true }, update }])
  }

  says(text, { id = 'IN1', from = CALLER, type = 'notify', at = NOW / 1000, ...key } = {}) {
    const message = { key: { id, remoteJid: `${from.slice(1)}@s.whatsapp.net`, ...key }, messageTimestamp: at, message: { conversation: text } }
    this.socket.ev.emit('messages.upsert', { type, messages: [message] })
  }
}

// The app's webhook: keeps what it was told, and may be away.
export class FakeApp {
  there = true
  told = []
  bodies = []

  post = async (url, { body, headers }) => {
    if (!this.there) throw new Error('ECONNREFUSED')
    this.bodies.push({ url, body, headers })
    this.told.push(...JSON.parse(body).events)
    return 200
  }
}

// One account's folder, in which the sidecar may be started, killed and started again.
export class Desk {
  time = new FakeTime()
  whatsapp = new FakeWhatsapp()
  app = new FakeApp()
  logged = []
  limits = { newPeoplePerDay: 10, pauseMs: [0, 0] }

  static async open(t) {
    const desk = new Desk()
    desk.folder = await mkdtemp(join(tmpdir(), 'sidecar-'))
    t.after(async () => {
      await desk.sidecar?.stop()
      await rm(desk.folder, { recursive: true })
    })
    return desk
  }

  async start({ makeSocket = this.whatsapp.makeSocket } = {}) {
    this.sidecar = await startSidecar({
      config: { token: TOKEN, appUrl: 'http://127.0.0.1:8080/whatsapp/baileys', folder: this.folder, port: 0, limits: this.limits },
      makeSocket,
      post: this.app.post,
      timers: this.time,
      random: () => 0.5,
      now: () => this.time.now,
      log: (event, fields) => this.logged.push({ event, ...fields }),
    })
    return this.sidecar
  }

  async stop() {
    await this.sidecar.stop()
    this.sidecar = undefined
  }

  async ask(path, { token = TOKEN, ...request } = {}) {
    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    const answer = await fetch(`http://127.0.0.1:${this.sidecar.port}${path}`, { headers, ...request })
    return { status: answer.status, body: await answer.json() }
  }

  post(path, body) { return this.ask(path, { method: 'POST', body: JSON.stringify(body) }) }

  send(changes = {}) {
    return this.post('/v1/messages', { to: CALLER, text: 'שלום', idempotency_key: 'k1', delivery_id: 'd1', ...changes })
  }

  async connected() {
    await until(() => this.sidecar.account.connected)
  }

  receipts() { return this.app.told.filter((e) => e.type === 'receipt').map(({ state }) => state) }
}

// A TCP port of this machine on which nobody listens.
export async function deadPort() {
  const server = createServer()
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}
