// A map on disk that survives a kill at any moment: every change is appended and synced before it is
// acknowledged, and the file is rewritten when most of it is old. Readable by its owner only.
// What is kept, and for how long, is decided by who uses it.

import { createReadStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { createInterface } from 'node:readline'

const OWNER_ONLY = 0o600
// Lines that are superseded before the file is rewritten: some hundred KB.
const STALE_LINES_MAX = 2_000

export class KeptMap {
  #path
  #file
  #values = new Map()
  #lines = 0
  #tail = Promise.resolve()
  #revive
  #replace
  #staleLinesMax

  // `codec` turns values that JSON lacks (buffers) into JSON and back.
  static async open(path, codec = {}, staleLinesMax = STALE_LINES_MAX) {
    const kept = new KeptMap(path, codec, staleLinesMax)
    await kept.#load()
    await kept.#rewrite()
    return kept
  }

  constructor(path, { replacer, reviver }, staleLinesMax) {
    this.#path = path
    this.#staleLinesMax = staleLinesMax
    this.#replace = replacer
    this.#revive = reviver
  }

  get size() { return this.#values.size }
  get(key) { return this.#values.get(key) }
  has(key) { return this.#values.has(key) }
  keys() { return this.#values.keys() }
  entries() { return this.#values.entries() }

  // Resolves when it is on the disk. `undefined` removes.
  set(key, value) { return this.setAll([[key, value]]) }

  delete(key) { return this.setAll([[key, undefined]]) }

  // All of them, or none after a crash: one line of the file.
  setAll(pairs) {
    if (pairs.length === 0) return this.#tail
    for (const [key, value] of pairs) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
    const line = JSON.stringify(pairs.map(([k, v]) => (v === undefined ? [k] : [k, v])), this.#replace)
    return this.#next(async () => {
      await this.#file.appendFile(line + '\n')
      await this.#file.datasync()
      this.#lines += 1
      if (this.#lines - this.#values.size > this.#staleLinesMax) await this.#rewrite()
    })
  }

  clear() { return this.setAll([...this.#values.keys()].map((key) => [key, undefined])) }

  async close() {
    await this.#next(() => this.#file?.close())
    this.#file = undefined
  }

  // One write at a time, in order; one that fails does not stop those after it.
  #next(work) {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => {})
    return done
  }

  async #load() {
    let lines
    try {
      lines = createInterface({ input: createReadStream(this.#path), crlfDelay: Infinity })
      for await (const line of lines) this.#apply(line)
    } catch (fault) {
      if (fault.code !== 'ENOENT') throw fault
    } finally {
      lines?.close()
    }
  }

  #apply(line) {
    let pairs
    try {
      pairs = JSON.parse(line, this.#revive)
    } catch {
      return // The last line of a killed process: it was never acknowledged.
    }
    for (const [key, value] of pairs) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
  }

  // A new file beside the old one, then the name changes hands: there is never half a file.
  async #rewrite() {
    const fresh = `${this.#path}.new`
    const file = await open(fresh, 'w', OWNER_ONLY)
    await file.chmod(OWNER_ONLY)
    for (const [key, value] of this.#values) {
      await file.appendFile(JSON.stringify([[key, value]], this.#replace) + '\n')
    }
    await file.datasync()
    await rename(fresh, this.#path)
    await this.#file?.close()
    this.#file = file
    this.#lines = this.#values.size
  }
}
