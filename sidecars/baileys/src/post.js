// One signed POST to the app; resolves to its HTTP status. Follows no redirect.

export async function post(url, { body, headers, timeoutMs }) {
  const signal = AbortSignal.timeout(timeoutMs)
  const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal })
  await answer.arrayBuffer()
  return answer.status
}
