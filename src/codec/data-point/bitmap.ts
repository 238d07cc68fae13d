/** Bits above this are not integers of the wire any more. */
const widest = 32

/** The labels of the set bits; a bit without label is `bit<i>`. Undefined when the value is no bitmap. */
export function bitmapLabels(raw: number, labels: readonly string[] | null): string[] | undefined {
  if (!Number.isInteger(raw) || raw < 0 || raw >= 2 ** widest) return undefined
  const set: string[] = []
  for (let bit = 0; bit < widest; bit++) {
    if (Math.floor(raw / 2 ** bit) % 2 === 1) set.push(labels?.[bit] ?? `bit${bit}`)
  }
  return set
}

/** The integer of a list of labels; undefined with the first label that is none. */
export function bitmapMask(
  list: readonly string[],
  labels: readonly string[] | null,
): { mask: number } | { unknown: string } {
  let mask = 0
  for (const label of new Set(list)) {
    const bit = bitOf(label, labels)
    if (bit === undefined) return { unknown: label }
    mask += 2 ** bit
  }
  return { mask }
}

function bitOf(label: string, labels: readonly string[] | null): number | undefined {
  const named = labels?.indexOf(label) ?? -1
  if (named >= 0) return named
  const match = /^bit(\d{1,2})$/.exec(label)
  const bit = match ? Number(match[1]) : widest
  return bit < widest && labels?.[bit] === undefined ? bit : undefined
}
