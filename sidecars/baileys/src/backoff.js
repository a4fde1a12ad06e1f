// How long to wait before trying again. Pure: chance is an argument.

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

// `attempt` counts from 1; `chance` is in [0, 1). Between 70 and 130 % of 1, 2, 4 … 60 s: processes that
// lost the same connection do not come back at the same moment.
export function backoffMs(attempt, chance) {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10))
  return Math.round(base * (0.7 + 0.6 * chance))
}
