import type { Command } from 'commander'
import { explain, faultOf } from '../codec/cloud/fault.ts'
import { bitmapLabels } from '../codec/data-point/bitmap.ts'
import { colourRangeOf, parseColourHex, toRgb } from '../codec/data-point/colour.ts'
import { parsePhase } from '../codec/data-point/phase.ts'
import { parseDecimal } from '../codec/data-point/scale.ts'
import { toShown } from '../domain/data-point.ts'
import { type GlobalOptions, print } from './context.ts'
import { decodeQueue } from './decode-queue.ts'
import { CommandFailed, exit } from './exit.ts'

interface Decoder {
  readonly what: string
  /** Undefined when the text is not what it should be. */
  decode(text: string, more: readonly string[], options: GlobalOptions): unknown
}

/** What can be decoded without a device at hand. */
const decoders: Readonly<Record<string, Decoder>> = {
  colour: { what: 'a colour: 12 or 14 hex digits from the LAN', decode: decodeColour },
  phase: {
    what: 'a phase of a meter: base64 of phase_a, phase_b, phase_c',
    decode: (text) => parsePhase(text),
  },
  bitmap: {
    what: 'a bitmap: an integer and its labels',
    decode: (text, labels) => bitmapLabels(Number(text), labels),
  },
  scaled: { what: 'an integer and its scale: 2305 1', decode: decodeScaled },
  fault: { what: 'an error code of the cloud', decode: decodeFault },
  queue: {
    what: 'a message of the event queue, read with the configured access secret: a frame, or an envelope and its em; - reads it from standard input',
    decode: decodeQueue,
  },
}

export function addDecode(program: Command): void {
  const kinds = Object.entries(decoders).map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
  program
    .command('decode')
    .description('explain a raw value, an error code or a message of the event queue')
    .argument('<kind>', `one of ${Object.keys(decoders).join(', ')}`)
    .argument('<text>', 'what was seen')
    .argument('[more...]', 'labels of a bitmap, the scale of an integer, aes_gcm for an envelope')
    .addHelpText('after', `\nKinds:\n${kinds.join('\n')}`)
    .action((kind: string, text: string, more: readonly string[], _options: object, command: Command) =>
      decode(kind, text, more, command.optsWithGlobals<GlobalOptions>()),
    )
}

async function decode(
  kind: string,
  text: string,
  more: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const decoder = Object.hasOwn(decoders, kind) ? decoders[kind] : undefined
  if (!decoder)
    throw new CommandFailed(exit.usage, `"${kind}" is none of ${Object.keys(decoders).join(', ')}.`)
  const value = await decoder.decode(text, more, options)
  if (value === undefined) throw new CommandFailed(exit.usage, `"${text}" is not ${decoder.what}.`)
  print(typeof value === 'string' ? value : JSON.stringify(value))
}

function decodeColour(text: string): object | undefined {
  const colour = parseColourHex(text)
  const range = colourRangeOf(text.length === 12 ? 'colour_data_v2' : 'colour_data')
  return colour && range ? { ...colour, rgb: toRgb(colour, range) } : undefined
}

function decodeScaled(text: string, [scale = '0']: readonly string[]): number | undefined {
  return parseDecimal(text) && /^\d{1,2}$/.test(scale) ? toShown(Number(text), Number(scale)) : undefined
}

function decodeFault(text: string): string | undefined {
  const code = Number(text)
  return Number.isInteger(code)
    ? `${explain({ code, msg: faultOf(code).meaning })} (${faultOf(code).kind})`
    : undefined
}
