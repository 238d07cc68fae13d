import { parseJson } from '../util/json.ts'
import { Ring } from '../util/ring.ts'

/** A line of the log as people look at it. */
export interface TailLine {
  readonly timeMs: number
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly part: string
  readonly text: string
  /** The other members of the line, as JSON; cut where it is long. */
  readonly more: string
}

const linesKept = 400
const longestText = 500
const longestMore = 1_000
const lineLimit = { bytes: 64 * 1024, depth: 32, keys: 4_096 }

const levels: ReadonlyMap<unknown, TailLine['level']> = new Map([
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
])

/** The last lines of the log. Lines of level `trace`, which alone hold payloads (S-2), are not kept. */
export class LogTail {
  readonly lines = new Ring<TailLine>(linesKept)
  /** Called after each line; none until somebody wants to know. */
  onLine: () => void = () => {}

  /** Takes a finished, redacted line of JSON. */
  take(line: string): void {
    const read = readLine(line)
    if (!read) return
    this.lines.push(read)
    this.onLine()
  }
}

function readLine(line: string): TailLine | undefined {
  try {
    const { level, time, part, msg, ...rest } = parseJson(line, lineLimit) as Record<string, unknown>
    const name = levels.get(level)
    if (!name) return undefined
    const more = Object.keys(rest).length > 0 ? JSON.stringify(rest) : ''
    return {
      timeMs: Number(time),
      level: name,
      part: String(part ?? ''),
      text: String(msg ?? '').slice(0, longestText),
      more: more.slice(0, longestMore),
    }
  } catch {
    // Longer than anybody reads, or redacted in the middle of an escape.
    return undefined
  }
}
