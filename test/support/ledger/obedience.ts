import type { Entry, History, Terms } from './history.ts'
import type { Limits, Violation } from './verdict.ts'

/** What became of one command until now. */
interface Life {
  readonly askedMs: number
  readonly terms: Terms
  /** The bridge was there when it was asked, and has not died since. */
  intact: boolean
  finals: number
  writes: number
}

/** I-4, I-5, I-6: one end for each command, no write without one, no write twice. */
export function disobedience(history: History, limits: Limits): Violation[] {
  const lives = new Map<number, Life>()
  const found: Violation[] = []
  let runs = true
  const say = (rule: Violation['rule'], fault: Violation['fault'], subject: string, text: string) =>
    found.push({ rule, fault, subject, text })
  for (const entry of history) {
    switch (entry.did) {
      case 'died':
        runs = false
        for (const life of lives.values()) life.intact = false
        break
      case 'started':
        runs = true
        break
      case 'asked':
        lives.set(entry.command, {
          askedMs: entry.atMs,
          terms: entry.terms,
          intact: runs,
          finals: 0,
          writes: 0,
        })
        break
      case 'heard':
        judgeResult(entry, lives.get(entry.command), limits, say)
        break
      case 'wrote':
        judgeWrite(entry, entry.command === null ? undefined : lives.get(entry.command), say)
        break
      case 'delivered':
      case 'acknowledged':
      case 'saw':
      case 'found':
      case 'held':
        break
    }
  }
  for (const [command, { finals, intact }] of lives)
    if (finals === 0 && intact)
      say('I-4', 'no-result', `command ${command}`, `command ${command} never got a result`)
  return found
}

type Say = (rule: Violation['rule'], fault: Violation['fault'], subject: string, text: string) => void

function judgeResult(
  { command, final, state, atMs }: Extract<Entry, { did: 'heard' }>,
  life: Life | undefined,
  limits: Limits,
  say: Say,
): void {
  if (!life || !final) return
  life.finals++
  const subject = `command ${command}`
  if (life.finals === 2) say('I-4', 'two-results', subject, `${subject} got a second result: ${state}`)
  const tookMs = Math.round(atMs - life.askedMs)
  if (tookMs > limits.resultWithinMs)
    say('I-4', 'late-result', subject, `${subject} got its result after ${tookMs} ms`)
}

function judgeWrite(
  { device, command, atMs }: Extract<Entry, { did: 'wrote' }>,
  life: Life | undefined,
  say: Say,
): void {
  const subject = command === null || !life ? `${device} at ${atMs}` : `command ${command}`
  if (!life) {
    say('I-5', 'unasked', subject, `${device} was written, and nobody had asked`)
    return
  }
  life.writes++
  const { live, allowed, expiresMs, once } = life.terms
  const ghost = (fault: Violation['fault'], why: string) =>
    say('I-5', fault, subject, `${device} was written because of ${subject}, ${why}`)
  if (!live) ghost('not-live', 'which was retained')
  else if (!allowed) ghost('not-allowed', 'whose client has no right')
  else if (expiresMs !== null && atMs > expiresMs)
    ghost('expired', `${Math.round(atMs - expiresMs)} ms too late`)
  else if (life.finals > 0) ghost('after-the-end', 'which had its result already')
  if (once && life.writes === 2)
    say('I-6', 'repeated', subject, `${device} was written twice because of ${subject}`)
}
