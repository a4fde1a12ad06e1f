// What the program is told, by its environment. `dalpak whatsapp sidecar` sets all of it.

export function configOf(env) {
  const token = env.SIDECAR_TOKEN ?? ''
  if (token.length < 20) throw new Error('SIDECAR_TOKEN: a token of at least 20 characters is needed')
  const appUrl = env.SIDECAR_APP_URL ?? ''
  if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\//.test(appUrl) && !appUrl.startsWith('https://')) {
    throw new Error('SIDECAR_APP_URL: https, or http to this machine')
  }
  const folder = env.SIDECAR_FOLDER ?? ''
  if (!folder) throw new Error('SIDECAR_FOLDER: the folder of the account is needed')
  return {
    token,
    appUrl,
    folder,
    port: whole(env, 'SIDECAR_PORT', 3999, 65_535),
    // Where WhatsApp is; empty: where Baileys knows it to be. Tests have one of their own.
    whatsappUrl: env.SIDECAR_WHATSAPP_URL ?? '',
    limits: {
      newPeoplePerDay: whole(env, 'SIDECAR_NEW_PEOPLE_PER_DAY', 10, 1000),
      pauseMs: [500, 2_000],
    },
  }
}

function whole(env, name, otherwise, most) {
  const text = env[name] ?? ''
  if (text === '') return otherwise
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > most) throw new Error(`${name}: a whole number up to ${most}`)
  return number
}
