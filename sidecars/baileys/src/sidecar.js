// Puts the parts together. Everything outside (WhatsApp's socket, time, chance, the app) is given.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { Account } from './account.js'
import { incomingEvent } from './incoming.js'
import { KeptMap } from './kept.js'
import { lockFolder } from './lock.js'
import { seconds, Sender } from './sender.js'
import { makeServer } from './server.js'
import { openSession } from './session.js'
import { Teller } from './teller.js'

const TIDY_MS = 3_600_000
const STOP_MS = 3_000
const DAY_MS = 86_400_000

export async function startSidecar({ config, makeSocket, post, timers, random, now, log }) {
  await mkdir(config.folder, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(config.folder)
  const open = (name) => KeptMap.open(join(config.folder, `${name}.jsonl`))
  const [messages, people, events] = await Promise.all(['messages', 'people', 'events'].map(open))
  const session = await openSession(config.folder)
  const shared = { timers, random, now, log }
  const teller = new Teller({ events, url: config.appUrl, secret: config.token, post, ...shared })
  const tell = (event) => teller.tell(event)
  let sender
  const getMessage = async ({ id }) => {
    const text = sender.textOf(id)
    return text === undefined ? undefined : { conversation: text }
  }
  const account = new Account({ makeSocket: (auth) => makeSocket({ auth, getMessage }), session, ...shared })
  sender = new Sender({ account, messages, people, limits: config.limits, tell, ...shared })
  listen({ account, sender, tell, now, log })
  const server = makeServer({ token: config.token, account, sender, teller })
  await new Promise((ready, fail) => server.once('error', fail).listen(config.port, '127.0.0.1', ready))
  let tidying
  const tidy = () => {
    sender.tidy().catch((fault) => log('tidy_failed', { error: fault.name }))
    tidying = timers.setTimeout(tidy, TIDY_MS)
  }
  tidy()
  account.start()
  teller.go()
  return {
    port: server.address().port,
    account,
    async stop() {
      timers.clearTimeout(tidying)
      teller.stop()
      await account.stop()
      const closed = new Promise((done) => server.close(done))
      server.closeIdleConnections()
      const cut = timers.setTimeout(() => server.closeAllConnections(), STOP_MS)
      await closed
      timers.clearTimeout(cut)
      await Promise.all([messages, people, events, session].map((kept) => kept.close()))
      await unlock()
    },
  }
}

// A handler that fails loses its event, and nothing else.
function listen({ account, sender, tell, now, log }) {
  const guarded = (name, handle) => (payload) => {
    Promise.resolve(payload).then(handle).catch((fault) => log('event_lost', { event: name, error: fault.name }))
  }
  const received = async ({ messages = [] }) => {
    for (const message of messages) {
      const event = incomingEvent(message, { number: account.number, now_s: seconds(now()) })
      if (!event) continue
      await sender.wrote(event.sender)
      await tell(event)
    }
  }
  account.listeners = {
    'messages.update': guarded('messages.update', (updates) => sender.receipts(updates)),
    'messages.upsert': guarded('messages.upsert', received),
  }
  account.onRestricted = guarded('restricted', (ends) => sender.restrictedUntil(ends?.getTime() ?? now() + DAY_MS))
}
