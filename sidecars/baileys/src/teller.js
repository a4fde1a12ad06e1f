// Tells the app what happened, at least once each: an event is on the disk before it is told, and stays
// there until the app said that it has it.

import { createHmac } from 'node:crypto'

import { backoffMs } from './backoff.js'

const BATCH = 50
const ANSWER_MS = 10_000
const EVENTS_MAX = 20_000 // some days of a busy desk while the app is away

export class Teller {
  #events
  #url
  #secret
  #post
  #timers
  #random
  #log
  #number = 0
  #attempt = 0
  #timer
  #busy = false
  #stopped = false

  // `events`: a KeptMap. `post(url, {body, headers, timeoutMs})` resolves to an HTTP status.
  constructor({ events, url, secret, post, timers, random, log }) {
    this.#events = events
    this.#url = url
    this.#secret = secret
    this.#post = post
    this.#timers = timers
    this.#random = random
    this.#log = log
    for (const key of events.keys()) this.#number = Math.max(this.#number, Number(key))
  }

  get view() { return { untold: this.#events.size, failures: this.#attempt } }

  // Resolves when it is safe; the telling follows.
  async tell(event) {
    if (this.#events.size >= EVENTS_MAX) {
      this.#log('events_full', { kept: this.#events.size })
      await this.#events.delete(this.#events.keys().next().value)
    }
    this.#number += 1
    await this.#events.set(String(this.#number), event)
    // While the app does not answer, new events wait for the next try with the others.
    if (this.#attempt === 0) this.go()
  }

  go() {
    if (this.#busy || this.#stopped || this.#events.size === 0) return
    this.#busy = true
    this.#round().catch((fault) => this.#log('telling_failed', { error: fault.code ?? fault.name })).finally(() => {
      this.#busy = false
      if (this.#attempt === 0) this.go()
    })
  }

  stop() {
    this.#stopped = true
    this.#timers.clearTimeout(this.#timer)
  }

  async #round() {
    const batch = [...this.#events.entries()].slice(0, BATCH)
    const body = JSON.stringify({ events: batch.map(([, event]) => event) })
    const status = await this.#post(this.#url, { body, headers: this.#signed(body), timeoutMs: ANSWER_MS }).catch(() => 0)
    if (status >= 200 && status < 300) {
      this.#attempt = 0
      await this.#events.setAll(batch.map(([key]) => [key, undefined]))
      return
    }
    this.#attempt += 1
    const wait = backoffMs(this.#attempt, this.#random())
    this.#log('app_not_told', { status, attempt: this.#attempt, wait_ms: wait })
    if (!this.#stopped) this.#timer = this.#timers.setTimeout(() => this.go(), wait)
  }

  #signed(body) {
    const digest = createHmac('sha256', this.#secret).update(body).digest('hex')
    return { 'content-type': 'application/json', 'x-signature-256': `sha256=${digest}` }
  }
}
