/** S-5: what may stand in a topic level as an id of the platform. */
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

export function isId(text: string): boolean {
  return idPattern.test(text)
}
