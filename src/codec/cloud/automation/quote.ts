/** A value as it stands in a message. */
export function quote(value: unknown): string {
  return cut(typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value)), 64)
}

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
