/** Codes whose reports are presses and rings rather than state, whatever the device. */
const momentaryPatterns: readonly RegExp[] = [
  /^unlock_/,
  /^doorbell/,
  /^hijack$/,
  /^alarm_lock$/,
  /^alarm_message$/,
  /^switch_mode\d+$/,
  /^switch\d+_value$/,
  /^switch_type_\d+$/,
  /^scene_\d+$/,
  /^feed_report$/,
  /^ir_/,
  /^sos(_state)?$/,
  /^movement_detect_pic$/,
]

export function isMomentary(code: string): boolean {
  return momentaryPatterns.some((pattern) => pattern.test(code))
}
