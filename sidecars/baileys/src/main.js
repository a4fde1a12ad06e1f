// The program: reads its settings, starts, and stops cleanly on SIGTERM. Logs are JSON lines without
// numbers or texts.

import { configOf } from './config.js'
import { post } from './post.js'
import { startSidecar } from './sidecar.js'
import { socketMaker } from './whatsapp.js'

const log = (event, fields) => process.stderr.write(JSON.stringify({ event, ...fields }) + '\n')

try {
  const config = configOf(process.env)
  const sidecar = await startSidecar({
    config,
    makeSocket: socketMaker(config.whatsappUrl),
    post,
    timers: { setTimeout, clearTimeout },
    random: Math.random,
    now: Date.now,
    log,
  })
  log('listening', { port: sidecar.port })
  let stopping
  const stop = () => {
    stopping ??= sidecar.stop().then(() => process.exit(0), () => process.exit(1))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Whoever started us holds the other end: when it is gone, however it went, so are we.
  if (process.env.SIDECAR_SUPERVISED) process.stdin.on('end', stop).resume()
  // Baileys leaves promises of a broken connection to themselves; they must not end the program.
  process.on('unhandledRejection', (fault) => log('unhandled', { error: fault?.name ?? 'unknown' }))
} catch (fault) {
  process.stderr.write(`sidecar: ${fault.message}\n`)
  process.exit(2)
}
