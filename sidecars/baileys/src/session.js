// The account's keys as Baileys wants them, kept on disk. Whoever has this file is the account.

import { BufferJSON, initAuthCreds, proto } from 'baileys'
import { join } from 'node:path'

import { KeptMap } from './kept.js'

const CREDS = 'creds'

export async function openSession(folder) {
  const kept = await KeptMap.open(join(folder, 'session.jsonl'), BufferJSON)
  let creds = kept.get(CREDS) ?? initAuthCreds()
  return {
    get auth() {
      return { creds, keys: { get: async (type, ids) => keysOf(kept, type, ids), set: (data) => save(kept, data) } }
    },
    get paired() { return Boolean(creds.registered || creds.account) },
    saveCreds: () => kept.set(CREDS, creds),
    // After a log-out the keys are worth nothing, and the next pairing needs new ones.
    async forget() {
      await kept.clear()
      creds = initAuthCreds()
    },
    close: () => kept.close(),
  }
}

function keysOf(kept, type, ids) {
  const found = {}
  for (const id of ids) {
    const value = kept.get(`${type}-${id}`)
    if (value === undefined) continue
    found[id] = type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value
  }
  return found
}

function save(kept, data) {
  const pairs = []
  for (const [type, values] of Object.entries(data)) {
    for (const [id, value] of Object.entries(values)) pairs.push([`${type}-${id}`, value ?? undefined])
  }
  return kept.setAll(pairs)
}
