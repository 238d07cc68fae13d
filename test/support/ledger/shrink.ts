import type { History } from './history.ts'
import type { Violation } from './verdict.ts'

/** Entries that are looked at before the rest is given as it is: whoever waits for the answer is a person. */
const entriesAtMost = 10_000_000

/**
 * The shortest part of a history that still shows this violation: first cut after the point where it can be seen, then
 * everything left out that it does not need. No single entry of what remains can be left out.
 */
export function shortest(
  history: History,
  violation: Violation,
  judge: (history: History) => readonly Violation[],
): History {
  let left = entriesAtMost
  const shows = (part: History) => {
    left -= part.length
    if (left < 0) return false
    return judge(part).some(
      ({ rule, fault, subject }) =>
        rule === violation.rule && fault === violation.fault && subject === violation.subject,
    )
  }
  return withoutTheRest(shortestPrefix(history, shows), shows)
}

/** What does not hold is not mended by what comes later, so that the place can be halved. */
function shortestPrefix(history: History, shows: (part: History) => boolean): History {
  let [low, high] = [0, history.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (shows(history.slice(0, middle))) high = middle
    else low = middle + 1
  }
  return history.slice(0, high)
}

/** Leaves out halves, quarters and so on down to single entries, those for as long as it still shows. */
function withoutTheRest(history: History, shows: (part: History) => boolean): History {
  let part = history
  for (let size = part.length >> 1; size > 1; size = (size + 1) >> 1) part = withoutPieces(part, size, shows)
  for (;;) {
    const shorter = withoutPieces(part, 1, shows)
    if (shorter.length === part.length) return part
    part = shorter
  }
}

function withoutPieces(history: History, size: number, shows: (part: History) => boolean): History {
  let part = history
  for (let end = part.length; end > 0; end -= size) {
    const rest = [...part.slice(0, Math.max(0, end - size)), ...part.slice(end)]
    if (shows(rest)) part = rest
  }
  return part
}
