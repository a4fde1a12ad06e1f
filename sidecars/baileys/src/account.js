// The connection to WhatsApp: pairing, and staying connected. Says at any time how it stands, and never
// gives up by itself, except where WhatsApp said that this device is not wanted any more.
// What is sent over it is decided in sender.js.

import { backoffMs } from './backoff.js'

// Codes with which WhatsApp closes a connection (Baileys: DisconnectReason).
const LOGGED_OUT = 401
const FORBIDDEN = 403
const REPLACED = 440
const RESTART = 515
const ENDS = new Map([[LOGGED_OUT, 'logged_out'], [FORBIDDEN, 'forbidden'], [REPLACED, 'replaced']])

export class Account {
  #makeSocket
  #session
  #timers
  #random
  #now
  #log
  #socket
  #generation = 0
  #timer
  #stopped = false
  #shown = {}

  // Event name -> handler(payload), attached to every new socket; and who is told of a restriction.
  listeners = {}
  onRestricted = () => {}

  constructor({ makeSocket, session, timers, random, now, log }) {
    this.#makeSocket = makeSocket
    this.#session = session
    this.#timers = timers
    this.#random = random
    this.#now = now
    this.#log = log
    this.#view = { state: 'starting', qr: null, code: null, attempt: 0, last: null, retry_at: null, number: null }
  }

  get #view() { return this.#shown }
  // A state has lasted since it was entered, however often its tries are counted.
  set #view(view) {
    const since = view.state === this.#shown.state ? this.#shown.since : this.#now()
    this.#shown = { ...view, since }
  }

  get view() { return { ...this.#view, paired: this.#session.paired } }
  get connected() { return this.#view.state === 'open' }
  get number() { return this.#view.number }
  // The socket to send with; undefined while there is no connection (Baileys' own throw odd errors then).
  get socket() { return this.connected ? this.#socket : undefined }

  start() {
    if (this.#stopped) return
    const generation = (this.#generation += 1)
    try {
      this.#socket = this.#makeSocket(this.#session.auth)
    } catch (fault) {
      this.#log('connect_failed', { error: fault.name })
      this.#retry(0, fault.message)
      return
    }
    const { ev } = this.#socket
    // A late event of an older socket carries an old generation and is ignored.
    const mine = (handle) => (payload) => { if (generation === this.#generation) handle(payload) }
    ev.on('connection.update', mine((update) => this.#updated(update)))
    ev.on('creds.update', mine(() => {
      this.#session.saveCreds().catch((fault) => this.#log('session_not_saved', { error: fault.code ?? fault.name }))
    }))
    for (const [name, handle] of Object.entries(this.listeners)) ev.on(name, mine(handle))
  }

  // A code of eight letters to type into the phone: for who cannot scan a QR code. `phone`: digits.
  async pairingCode(phone) {
    if (this.#session.paired) throw new Refused('already_paired')
    if (ENDED.has(this.#view.state)) await this.restart()
    if (this.#view.state !== 'pairing') throw new Refused('not_connected')
    const code = await this.#socket.requestPairingCode(phone)
    this.#view = { ...this.#view, code }
    return code
  }

  // After a log-out: new keys and a new QR code, because the operator asks for them.
  async restart() {
    if (this.#view.state === 'logged_out' || this.#view.state === 'forbidden') await this.#session.forget()
    this.#timers.clearTimeout(this.#timer)
    this.#view = { ...this.#view, state: 'starting', attempt: 0, last: null, retry_at: null, qr: null, code: null }
    this.start()
  }

  async stop() {
    this.#stopped = true
    this.#generation += 1
    this.#timers.clearTimeout(this.#timer)
    this.#view = { ...this.#view, state: 'stopped' }
    await this.#socket?.end(undefined)
  }

  #updated({ connection, qr, lastDisconnect, reachoutTimeLock }) {
    if (reachoutTimeLock?.isActive) this.onRestricted(reachoutTimeLock.timeEnforcementEnds)
    if (qr) this.#view = { ...this.#view, state: 'pairing', qr, attempt: 0 }
    if (connection === 'open') this.#opened()
    if (connection === 'close') this.#closed(lastDisconnect?.error)
  }

  #opened() {
    const number = `+${(this.#socket.user?.id ?? '').split(/[:@]/)[0]}`
    this.#view = { state: 'open', qr: null, code: null, attempt: 0, last: null, retry_at: null, number }
    this.#log('connected', {})
  }

  #closed(error) {
    const code = error?.output?.statusCode ?? 0
    const ended = ENDS.get(code)
    if (ended) {
      this.#view = { ...this.#view, state: ended, qr: null, code: null, last: code, retry_at: null }
      this.#log('account_ended', { state: ended })
      return
    }
    this.#retry(code, error?.message)
  }

  #retry(code, why) {
    const attempt = this.#view.attempt + 1
    const wait = code === RESTART ? 0 : backoffMs(attempt, this.#random())
    const last = { code, why: String(why ?? '').slice(0, 120) }
    this.#view = { ...this.#view, state: 'reconnecting', qr: null, code: null, attempt, last, retry_at: this.#now() + wait }
    this.#log('disconnected', { code, attempt, wait_ms: wait })
    this.#timer = this.#timers.setTimeout(() => this.start(), wait)
  }
}

const ENDED = new Set(ENDS.values())

// An answer that is no fault: `message` is the word of the API.
export class Refused extends Error {}
