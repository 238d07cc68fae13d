import { fileURLToPath } from 'node:url'
import type { Court } from '../court.ts'

interface Line {
  readonly name: string
  readonly fault?: string
}

/** A script of a judge beside us. */
export function script(name: string): string {
  return fileURLToPath(new URL(`python/${name}`, import.meta.url))
}

/** Every line that a script printed is a check. */
export async function hearLines(court: Court, printed: string): Promise<void> {
  for (const text of printed.split('\n').filter(Boolean)) {
    const line = JSON.parse(text) as Line
    await court.check(line.name, async () => {
      if (line.fault !== undefined) throw new Error(line.fault)
    })
  }
}
