import { Command, CommanderError } from 'commander'
import { version } from '../app/version.ts'
import { addCall } from './call.ts'
import { addCheck } from './check.ts'
import { addDecode } from './decode.ts'
import { addDevices } from './devices.ts'
import { addDump } from './dump.ts'
import { CommandFailed, exit } from './exit.ts'
import { addExport } from './export.ts'
import { addHash } from './hash.ts'
import { addSend } from './send.ts'
import { addServe } from './serve.ts'
import { addSimulate } from './simulate.ts'
import { addWatch } from './watch.ts'

const commands = [
  addServe,
  addCheck,
  addSimulate,
  addDevices,
  addWatch,
  addSend,
  addCall,
  addDecode,
  addDump,
  addExport,
  addHash,
]

/** Argument words to one command, and its end to an exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('dp2mqtt')
    .description('Joins Tuya-based smart homes to MQTT.')
    .version(version)
    .option('--config <file>', 'configuration file; else dp2mqtt.yaml here; else the environment alone')
    .exitOverride()
    .showHelpAfterError('(see --help)')
  for (const add of commands) add(program)
  for (const command of program.commands) command.exitOverride()
  try {
    await program.parseAsync([...argv])
  } catch (thrown) {
    process.exitCode = codeOf(thrown)
  }
}

function codeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exit.stopped : exit.usage
  if (thrown instanceof CommandFailed) {
    process.stderr.write(`${thrown.message}\n`)
    return thrown.code
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  process.stderr.write(`dp2mqtt has a defect; please report it:\n${text}\n`)
  return exit.internal
}
