import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Redactor } from '../util/redact.ts'
import { LogTail } from './log-tail.ts'

export type { Logger } from 'pino'

export interface LogOptions {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'auto'
  readonly redactor: Redactor
  /** Where lines go; standard error by default. A full or closed one never ends the process. */
  readonly stream?: NodeJS.WritableStream
  readonly now?: () => number
}

const equalLinesAMinute = 10
const textsRemembered = 1_000

/** The loggers of all parts, whose level is one. */
export class Log {
  /** As lines are written from now on. */
  format: LogOptions['format']
  readonly tail = new LogTail()
  readonly #root: Logger
  readonly #parts: Logger[] = []

  constructor(options: LogOptions) {
    this.format = options.format
    this.#root = createLogger(options, this.tail, () => this.format)
  }

  part(name: string): Logger {
    const child = this.#root.child({ part: name })
    this.#parts.push(child)
    return child
  }

  get level(): string {
    return this.#root.level
  }

  set level(level: string) {
    this.#root.level = level
    for (const part of this.#parts) part.level = level
  }
}

/** Lines for people and machines, redacted by value when they are finished (S-2), and never the same one too often. */
function createLogger(options: LogOptions, tail: LogTail, format: () => LogOptions['format']): Logger {
  const stream = options.stream ?? process.stderr
  // R-S6: EPIPE or ENOSPC on the way out is nobody's end.
  stream.on('error', () => {})
  const isTerminal = 'isTTY' in stream && stream.isTTY === true
  const { redactor } = options
  const forPeople = prettySink(stream, redactor)
  const forMachines = { write: (line: string) => write(stream, line) }
  const sinks = { pretty: forPeople, json: forMachines, auto: isTerminal ? forPeople : forMachines }
  const sink = {
    write: (line: string) => {
      const redacted = redactor.redact(line)
      tail.take(redacted)
      sinks[format()].write(redacted)
    },
  }
  return pino(
    { level: options.level, base: null, hooks: { logMethod: limitRepeats(options.now ?? Date.now) } },
    sink,
  )
}

function prettySink(stream: NodeJS.WritableStream, redactor: Redactor): { write(line: string): void } {
  const prettify = pretty.prettyFactory({
    colorize: false,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
  })
  // Once more, because prettifying undoes escapes; the line was redacted before, because it may half undo them.
  return { write: (line) => write(stream, redactor.redact(String(prettify(line)))) }
}

function write(stream: NodeJS.WritableStream, text: string): void {
  try {
    stream.write(text)
  } catch {
    // The reader is gone; there is nobody to tell.
  }
}

/** Ten equal lines a minute; the rest is counted and told in one summary. */
function limitRepeats(now: () => number) {
  const seen = new Map<string, { since: number; count: number }>()
  return function logMethod(this: Logger, args: unknown[], method: (...args: unknown[]) => void): void {
    const text = String(typeof args[0] === 'string' ? args[0] : args[1])
    const time = now()
    const entry = seen.get(text)
    if (!entry || time - entry.since >= 60_000) {
      if (entry && entry.count > equalLinesAMinute) {
        method.apply(this, [{ repeated: entry.count - equalLinesAMinute }, `${text} (repeated)`])
      }
      if (seen.size >= textsRemembered) seen.clear()
      seen.set(text, { since: time, count: 1 })
    } else if (++entry.count > equalLinesAMinute) return
    method.apply(this, args)
  }
}
