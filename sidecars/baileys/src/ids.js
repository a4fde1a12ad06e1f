// Ids and addresses of WhatsApp. Pure.

import { createHash } from 'node:crypto'

const USER = '@s.whatsapp.net'

// The same key is the same message at the other end: WhatsApp shows an id once. The shape is the one
// that Baileys gives its own.
export function messageId(key) {
  return '3EB0' + createHash('sha256').update(key).digest('hex').toUpperCase().slice(0, 18)
}

// `+972501234567` -> its address, or null for what is no number.
export function addressOf(number) {
  return /^\+[1-9]\d{6,14}$/.test(number) ? number.slice(1) + USER : null
}

// The number behind an address, or '' for a group, a channel or a hidden one.
export function numberOf(address) {
  const match = /^(\d{7,15})(?:[:_]\d+)?@s\.whatsapp\.net$/.exec(address ?? '')
  return match ? `+${match[1]}` : ''
}
