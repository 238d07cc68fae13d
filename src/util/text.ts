/**
 * The text with every lone surrogate replaced, which encodeURIComponent would throw on
 * (String.prototype.toWellFormed came after the Node that we start at).
 */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}
