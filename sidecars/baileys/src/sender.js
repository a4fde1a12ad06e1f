// Sending, by the rules that keep an account alive: ask whether the number is on WhatsApp, few new people
// a day, pauses of uneven length, and no second try where WhatsApp refused the first (463).
// Everything is written down before it is handed over, so that a repetition is the same message.

import { Refused } from './account.js'
import { addressOf, messageId } from './ids.js'
import { merged, stateOf } from './states.js'

const RESTRICTED_CODE = '463'
const DAY_MS = 86_400_000
const CALL_MS = 10_000 // one question to WhatsApp; its own deadline is a minute, and a caller waits 15 s
const WAITING_MAX = 8 // as many as flows that run at once
const KEEP_MS = 30 * DAY_MS // texts and states; a person's phone asks for a text again within days
const NOTED_MAX = 20_000

export class Sender {
  #account
  #messages
  #people
  #limits
  #timers
  #random
  #now
  #tell
  #log
  #turn = Promise.resolve()
  #waiting = 0
  #under_way = new Set()

  // `messages`, `people`: KeptMaps. `tell(event)`: resolves when the event is safe on disk.
  constructor({ account, messages, people, limits, timers, random, now, tell, log }) {
    this.#account = account
    this.#messages = messages
    this.#people = people
    this.#limits = limits
    this.#timers = timers
    this.#random = random
    this.#now = now
    this.#tell = tell
    this.#log = log
  }

  get view() {
    const { until = 0, everybody = false } = this.#people.get('restriction') ?? {}
    const restricted = until > this.#now() ? { until, everybody } : null
    return { restricted, new_people_today: this.#newToday().length, new_people_per_day: this.#limits.newPeoplePerDay }
  }

  find(id) { return this.#messages.get(id) }
  findByKey(key) { return this.#messages.get(messageId(key)) }
  // For a phone that could not read a message and asks for it again.
  textOf(id) { return this.#messages.get(id)?.text }

  // The record of the message, or Refused with a word of the API.
  async send({ key, to, text, delivery_id, warm }) {
    const id = messageId(key)
    const known = this.#messages.get(id)
    if (known && known.state !== 'handing') return known
    if (this.#under_way.has(id)) throw new Refused('in_flight')
    if (this.#waiting >= WAITING_MAX) throw new Refused('busy')
    if (!addressOf(to)) throw new Refused('bad_number')
    this.#under_way.add(id)
    this.#waiting += 1
    try {
      return await this.#inTurn(() => this.#deliver({ id, key, to, text, delivery_id, warm }))
    } finally {
      this.#under_way.delete(id)
      this.#waiting -= 1
    }
  }

  // One after the other: a burst is what a machine looks like.
  #inTurn(work) {
    const done = this.#turn.then(work)
    this.#turn = done.then(() => this.#pause(), () => {})
    return done
  }

  #pause() {
    const [least, most] = this.#limits.pauseMs
    return new Promise((go) => this.#timers.setTimeout(go, least + (most - least) * this.#random()))
  }

  async #deliver({ id, key, to, text, delivery_id, warm }) {
    const socket = this.#connected()
    const earlier = this.#messages.get(id)
    if (warm) await this.#note(to, { wrote: true })
    const person = this.#people.get(to) ?? {}
    this.#allowed(person)
    const address = person.address ?? (await this.#lookUp(socket, to))
    const record = earlier ?? { id, key, to, text, delivery_id, state: 'handing', code: '', at: this.#now() }
    const first = !person.wrote && !person.written
    await this.#messages.set(id, record)
    await this.#note(to, { address, ...(first ? { first: this.#now() } : {}), written: true })
    await this.#handOver(socket, address, record)
    return this.#change(id, 'pending')
  }

  async #handOver(socket, address, record) {
    try {
      await this.#within(socket.sendMessage(address, { text: record.text }, { messageId: record.id }))
    } catch (fault) {
      // It may have left. The record stays `handing`, and the same id may be handed over again.
      this.#log('hand_over_unclear', { error: fault.name })
      throw new Refused('unclear')
    }
  }

  #connected() {
    const { socket } = this.#account
    if (!socket) throw new Refused('not_connected')
    return socket
  }

  #allowed({ wrote, written }) {
    const { restricted } = this.view
    if (restricted && (restricted.everybody || !wrote)) throw new Refused('account_restricted')
    if (!wrote && !written && this.#newToday().length >= this.#limits.newPeoplePerDay) throw new Refused('daily_cap')
  }

  // Asked before the first message: writing to numbers without WhatsApp is what bans accounts.
  async #lookUp(socket, to) {
    let found
    try {
      found = await this.#within(socket.onWhatsApp(addressOf(to)))
    } catch {
      throw new Refused('not_connected')
    }
    if (!Array.isArray(found)) throw new Refused('not_connected')
    if (!found[0]?.exists) throw new Refused('not_on_whatsapp')
    return found[0].jid
  }

  #within(work) {
    let timer
    const late = new Promise((_, fail) => {
      timer = this.#timers.setTimeout(() => fail(new Error('no answer from WhatsApp')), CALL_MS)
    })
    return Promise.race([work, late]).finally(() => this.#timers.clearTimeout(timer))
  }

  #newToday() {
    const since = this.#now() - DAY_MS
    return [...this.#people.entries()].filter(([key, p]) => key.startsWith('+') && p.first > since)
  }

  async #note(number, facts) {
    await this.#people.set(number, { ...this.#people.get(number), ...facts })
  }

  // -- what WhatsApp tells ---------------------------------------------------------------------------

  async receipts(updates) {
    for (const { key, update } of updates ?? []) {
      const told = stateOf(update?.status)
      const record = key?.fromMe && told ? this.#messages.get(key.id) : undefined
      if (!record || merged(record.state, told) === record.state) continue
      const code = told === 'failed' ? String(update.messageStubParameters?.[0] ?? '') : ''
      if (code === RESTRICTED_CODE) await this.#restrict(record.to)
      await this.#change(record.id, told, code)
    }
  }

  // Written down with its event, so that a kill between the two loses neither.
  async #change(id, state, code = '') {
    const record = this.#messages.get(id)
    const now = merged(record.state, state)
    if (now === record.state) return record
    const changed = { ...record, state: now, code }
    await this.#messages.set(id, changed)
    if (now !== 'pending') {
      await this.#tell({ type: 'receipt', message_id: id, delivery_id: record.delivery_id, state: now, code, at: seconds(this.#now()) })
    }
    return changed
  }

  // 463: this account may not write to new people. Every further try counts against it, so there is none.
  async #restrict(number) {
    const everybody = Boolean(this.#people.get(number)?.wrote)
    await this.restrictedUntil(this.#now() + DAY_MS, everybody)
    this.#log('account_restricted', { everybody })
  }

  async restrictedUntil(until, everybody = false) {
    const known = this.#people.get('restriction') ?? { until: 0, everybody: false }
    await this.#people.set('restriction', {
      until: Math.max(known.until, until),
      everybody: everybody || (known.everybody && known.until > this.#now()),
    })
  }

  // Who wrote to us first is no stranger to WhatsApp.
  async wrote(number) {
    if (!this.#people.get(number)?.wrote) await this.#note(number, { wrote: true })
  }

  // Old messages and, past a bound, people who were written to and never answered.
  async tidy() {
    const old = [...this.#messages.entries()].filter(([, m]) => m.at < this.#now() - KEEP_MS)
    await this.#messages.setAll(old.map(([id]) => [id, undefined]))
    const silent = [...this.#people.entries()].filter(([key, p]) => key.startsWith('+') && !p.wrote)
    const extra = silent.slice(0, Math.max(0, this.#people.size - NOTED_MAX))
    await this.#people.setAll(extra.map(([number]) => [number, undefined]))
  }
}

export function seconds(ms) { return Math.floor(ms / 1000) }
