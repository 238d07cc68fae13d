/** The candidates that differ least from a mistyped word, best first; those too far away are left out. */
export function nearest(word: string, candidates: readonly string[], most: number): string[] {
  const typed = word.slice(0, 64).toLowerCase()
  const farthest = Math.max(1, Math.floor(typed.length / 3))
  return candidates
    .slice(0, 2_000)
    .map((candidate) => ({ candidate, distance: editDistance(typed, candidate.slice(0, 64).toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Insertions, deletions and replacements from one word to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
