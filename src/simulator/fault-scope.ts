import { BridgeError } from '../util/error.ts'
import { nearest } from '../util/nearest.ts'

/** What a fault of the LAN is narrowed to. */
export interface FaultScope {
  /** What stands before the first comma. */
  readonly value: string
  readonly devices: ReadonlySet<string> | null
  readonly commands: ReadonlySet<number> | null
  /** So many go by unharmed first. */
  readonly skip: number
  readonly times: number
  readonly share: number
}

/** Where a fault may strike. */
export interface FaultPlace {
  readonly device: string
  /** Number of the command, where frames are what it strikes. */
  readonly command?: number
}

const commandNumbers: Readonly<Record<string, readonly number[]>> = {
  start: [0x03],
  resp: [0x04],
  finish: [0x05],
  set: [0x07, 0x0d],
  push: [0x08],
  heartbeat: [0x09],
  query: [0x0a, 0x10],
  refresh: [0x12],
  children: [0x40],
}

const words = ['device', 'command', 'skip', 'times', 'share'] as const

/** Reads `value,device=A+B,command=set,skip=2,times=1,share=0.5`. Throws BridgeError for other words. */
export function parseScope(text: string): FaultScope {
  const [value = '', ...narrowing] = text.split(',')
  const told = new Map<string, string>()
  for (const each of narrowing) {
    const [word = '', ...rest] = each.split('=')
    if (!(words as readonly string[]).includes(word)) {
      const near = nearest(word, words, 1)
      throw invalid(`There is no "${word}" of a fault.${near.length > 0 ? ` Did you mean ${near[0]}?` : ''}`)
    }
    told.set(word, rest.join('='))
  }
  const device = told.get('device')
  const command = told.get('command')
  return {
    value,
    devices: device === undefined ? null : new Set(device.split('+')),
    commands: command === undefined ? null : new Set(command.split('+').flatMap(numbersOf)),
    skip: numberOf(told.get('skip'), 0),
    times: numberOf(told.get('times'), Number.POSITIVE_INFINITY),
    share: numberOf(told.get('share'), 1),
  }
}

/** Whether the place is one of those that the fault is narrowed to. */
export function isWithin({ devices, commands }: FaultScope, { device, command }: FaultPlace): boolean {
  if (devices && !devices.has(device)) return false
  return !commands || (command !== undefined && commands.has(command))
}

function numbersOf(name: string): readonly number[] {
  const known = Object.hasOwn(commandNumbers, name) ? commandNumbers[name] : undefined
  if (known) return known
  if (/^[0-9a-f]{1,2}$/i.test(name)) return [Number.parseInt(name, 16)]
  throw invalid(
    `There is no command "${name}"; there are ${Object.keys(commandNumbers).join(', ')} and numbers such as 0d.`,
  )
}

function numberOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  const number = Number(text)
  if (text === '' || !(number >= 0)) throw invalid(`"${text}" is no number.`)
  return number
}

function invalid(message: string): BridgeError {
  return new BridgeError('simulator/fault', message)
}
