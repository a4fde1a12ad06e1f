// Baileys as it is really used: the one place that opens a connection to WhatsApp.

import { Browsers, makeWASocket } from 'baileys'

const CONNECT_MS = 8_000

// Its own log lines hold numbers and texts.
const SILENT = { level: 'silent', child: () => SILENT, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

export function socketMaker(whatsappUrl = '') {
  return ({ auth, getMessage }) =>
    makeWASocket({
      auth,
      getMessage,
      logger: SILENT,
      browser: Browsers.ubuntu('dalpak'),
      connectTimeoutMs: CONNECT_MS,
      // The owner's phone keeps its notifications, and nobody's old messages are read.
      markOnlineOnConnect: false,
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      ...(whatsappUrl ? { waWebSocketUrl: whatsappUrl } : {}),
    })
}
