// What people write to the account, as events for the app. Pure: one message in, one event or nothing out.

import { normalizeMessageContent } from 'baileys'

import { numberOf } from './ids.js'

// WhatsApp hands over what came while we were away; older than this it is no answer to us any more.
const OLDEST_S = 2 * 86_400
const TEXT_MAX = 4096

export function incomingEvent(message, { number, now_s }) {
  const { key = {} } = message
  const sender = numberOf(key.remoteJid) || numberOf(key.remoteJidAlt)
  const at = Number(message.messageTimestamp ?? 0)
  if (key.fromMe || !key.id || !sender || at < now_s - OLDEST_S) return null
  const content = normalizeMessageContent(message.message)
  if (!content || content.protocolMessage || content.reactionMessage) return null
  return {
    type: 'message',
    message_id: key.id,
    sender,
    receiver: number ?? '',
    text: wordsOf(content).slice(0, TEXT_MAX),
    at,
    answers: content.extendedTextMessage?.contextInfo?.stanzaId ?? '',
  }
}

// What was typed, or the words on the button that was pressed; nothing for a picture.
function wordsOf(content) {
  return (
    content.conversation ||
    content.extendedTextMessage?.text ||
    content.buttonsResponseMessage?.selectedDisplayText ||
    content.templateButtonReplyMessage?.selectedDisplayText ||
    content.listResponseMessage?.title ||
    ''
  )
}
