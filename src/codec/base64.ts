/**
 * The bytes of a base64 text, or undefined when it is none. Buffer.from skips what does not belong, takes a second
 * alphabet and cuts wide characters down; only a text that comes out the same again is the one that was meant.
 */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
