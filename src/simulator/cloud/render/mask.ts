/** The middle of a personal text is not shown. */
export function mask(text: string): string {
  if (text === '') return ''
  const shown = Math.min(3, Math.floor(text.length / 3))
  return `${text.slice(0, shown)}******${text.slice(text.length - shown)}`
}
