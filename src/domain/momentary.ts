import type { Json } from './data-point.ts'

/** What a momentary report is an event of; each has a topic of its own. */
export type MomentaryKind = 'button' | 'doorbell' | 'unlock' | 'alarm' | 'momentary'

/**
 * Codes whose reports are presses and rings rather than state, whatever the device; the first that fits decides.
 * Not everything that begins with `unlock_` opens a door: requests and the upkeep of fingerprints and cards do not,
 * and who switches the light on behind an opened door must not be told so.
 */
const momentary: readonly (readonly [pattern: RegExp, kind: MomentaryKind])[] = [
  [/^unlock_(request|switch$|method_)/, 'momentary'],
  [/^unlock_/, 'unlock'],
  [/^doorbell/, 'doorbell'],
  [/^hijack$/, 'alarm'],
  [/^alarm_lock$/, 'alarm'],
  [/^alarm_message$/, 'alarm'],
  [/^sos(_state)?$/, 'alarm'],
  [/^switch_mode\d+$/, 'button'],
  [/^switch\d+_value$/, 'button'],
  [/^switch_type_\d+$/, 'button'],
  [/^scene_\d+$/, 'button'],
  [/^feed_report$/, 'momentary'],
  [/^ir_/, 'momentary'],
  [/^movement_detect_pic$/, 'momentary'],
]

function known(code: string): MomentaryKind | undefined {
  return momentary.find(([pattern]) => pattern.test(code))?.[1]
}

export function isMomentary(code: string): boolean {
  return known(code) !== undefined
}

/** The kind of event; a point that is momentary by the owner's word alone is just that. */
export function momentaryKind(code: string): MomentaryKind {
  return known(code) ?? 'momentary'
}

/** The kind of what a device says besides its points, by the word that it has for it: `ac_doorbell`, `lock_alarm`. */
export function deviceEventKind(code: string): 'doorbell' | 'alarm' | 'momentary' {
  if (/doorbell/i.test(code)) return 'doorbell'
  return /alarm|hijack|(^|_)sos/i.test(code) ? 'alarm' : 'momentary'
}

const gestures: ReadonlyMap<Json, string> = new Map([
  ['click', 'single'],
  ['single_click', 'single'],
  ['double_click', 'double'],
  ['press', 'long'],
  ['long_press', 'long'],
])

/** What is told of a momentary report, for the kind of its code. */
export function momentaryData(code: string, value: Json): { readonly [key: string]: Json } {
  switch (momentaryKind(code)) {
    case 'button':
      return { code, value, gesture: gestures.get(value) ?? value }
    case 'unlock':
      return unlocked(code, value)
    case 'doorbell':
    case 'alarm':
    case 'momentary':
      return { code, value }
  }
}

/** The value of an unlock is the number on the lock; what is no number is passed on beside it. */
function unlocked(code: string, value: Json): { readonly [key: string]: Json } {
  const method = code.slice('unlock_'.length)
  return typeof value === 'number' ? { code, method, user: value } : { code, method, user: null, value }
}

/** Values that lead to pictures, with the keys to them: nothing that a broker should keep. */
export function holdsMedia(code: string): boolean {
  return /_(pic|image|video)$/.test(code) || code === 'alarm_message'
}
