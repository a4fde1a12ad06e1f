// One process per account: WhatsApp closes both of two (440), and two writers would ruin the files.

import { open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'

// Gives the function that unlocks. Throws when a living process has the folder.
export async function lockFolder(folder) {
  const path = join(folder, 'lock')
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(String(process.pid))
      await file.close()
      return () => unlink(path)
    } catch (fault) {
      if (fault.code !== 'EEXIST') throw fault
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      if (alive(holder)) throw new Error(`another sidecar (process ${holder}) uses this folder`)
      await unlink(path).catch(() => {})
    }
  }
  throw new Error('the folder cannot be locked')
}

function alive(pid) {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    return fault.code === 'EPERM'
  }
}
