// How far a message has come, and which of two tellings counts. Pure.

// Baileys' numbers (proto.WebMessageInfo.Status) by our words.
const BY_NUMBER = { 0: 'failed', 1: 'pending', 2: 'sent', 3: 'delivered', 4: 'read', 5: 'read' }

// `handing`: written down before it was handed to WhatsApp, and nothing heard since.
const RANK = { handing: 0, pending: 1, sent: 2, failed: 3, delivered: 4, read: 5 }

export function stateOf(number) { return BY_NUMBER[number] }

// Receipts come twice, late and in any order; the same ones always end in the same state.
export function merged(known, told) {
  return RANK[told] > (RANK[known] ?? -1) ? told : known
}
