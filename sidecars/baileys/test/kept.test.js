// The map on disk: what was acknowledged is there after a kill, and half a line is nothing.

import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { KeptMap } from '../src/kept.js'

async function file(t) {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'map.jsonl')
}

const all = (kept) => Object.fromEntries(kept.entries())

test('what was acknowledged is there without a clean end', async (t) => {
  const path = await file(t)
  const kept = await KeptMap.open(path)
  await kept.set('a', 1)
  await kept.setAll([['b', { deep: [2] }], ['c', 3]])
  await kept.delete('a')
  assert.deepEqual(all(await KeptMap.open(path)), { b: { deep: [2] }, c: 3 })
})

test('the torn last line of a killed process is as if never written', async (t) => {
  const path = await file(t)
  const kept = await KeptMap.open(path)
  await kept.set('a', 1)
  await kept.close()
  await appendFile(path, '[["b",')
  const again = await KeptMap.open(path)
  assert.deepEqual(all(again), { a: 1 })
  await again.set('c', 3)
  assert.deepEqual(all(await KeptMap.open(path)), { a: 1, c: 3 })
})

test('many changes of one key do not grow the file for ever', async (t) => {
  const path = await file(t)
  const kept = await KeptMap.open(path, {}, 20)
  await Promise.all(Array.from({ length: 60 }, (_, n) => kept.set('a', n)))
  assert.ok((await readFile(path, 'utf8')).split('\n').length < 30)
  assert.deepEqual(all(await KeptMap.open(path)), { a: 59 })
})
