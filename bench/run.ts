import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../src/cli/table.ts'
import { atRest } from './at-rest.ts'
import { commandLatency } from './command-latency.ts'
import { commandStorm } from './command-storm.ts'
import { lanCommand } from './lan-command.ts'
import { lanFleet } from './lan-fleet.ts'
import { lanOutage } from './lan-outage.ts'
import { lanRoundTrip } from './lan-round-trip.ts'
import { mirrorRate } from './mirror-rate.ts'
import { queueLoad } from './queue-load.ts'
import { queueRate } from './queue-rate.ts'
import type { Figure } from './statistics.ts'
import { queueDay, steadyDay } from './steady-day.ts'

/**
 * Speed as ratios within one run, since machines are noisy; sizes and counts as they are.
 * `--smoke`: short, to see that everything runs; its figures mean little. `--strict`: a goal that is missed fails.
 * What was not measured fails always.
 * Names as arguments run those alone.
 */
const smoke = process.argv.includes('--smoke')
const chosen = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const directory = mkdtempSync(join(tmpdir(), 'dp2mqtt-bench-'))

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  'command-latency': () => commandLatency(join(directory, 'a'), smoke ? 20 : 500),
  'lan-round-trip': () => lanRoundTrip(smoke ? 5 : 200),
  'lan-command': () => lanCommand(join(directory, 'f'), smoke ? 20 : 300, smoke ? 50 : 1_500),
  'lan-outage': () => lanOutage(join(directory, 'g'), smoke ? 1 : 10),
  'lan-fleet': () => (smoke ? lanFleet(50, 2, 1) : lanFleet(1_000, 60, 4)),
  'mirror-rate': () => (smoke ? mirrorRate(200, 2) : mirrorRate(2_000, 11)),
  'queue-rate': () => (smoke ? queueRate(200, 2) : queueRate(2_000, 21)),
  'queue-load': () => queueLoad(join(directory, 'c'), smoke ? 3 : 20, smoke ? 3 : 60),
  'command-storm': () => commandStorm(join(directory, 'd'), smoke ? 2 : 10, smoke ? 1 : 3),
  'at-rest': () => atRest(join(directory, 'b'), smoke ? 3 : 30),
  'steady-day': () => steadyDay(smoke ? 2 : 24),
  'queue-day': () => queueDay(smoke ? 2 : 24),
}

const unknown = chosen.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(
    `No such benchmark: ${unknown.join(', ')}. There are ${Object.keys(benches).join(', ')}.\n`,
  )
  rmSync(directory, { recursive: true })
  process.exit(1)
}

/** So long something may take to end after the last figure. */
const lingerMs = 5_000

const figures: Figure[] = []
try {
  for (const [name, run] of Object.entries(benches)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    figures.push(...(await run()))
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

const rows = figures.map(({ what, measured, goal, met }) => [verdict(met), goal, measured, what])
process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? ''}\n`)
process.stdout.write(`${table(['', 'goal', 'measured', 'what'], rows)}\n`)
const unmeasured = figures.filter(({ measured }) => !/\d/.test(measured) || /NaN|Infinity/.test(measured))
for (const { what } of unmeasured) process.stderr.write(`not measured: ${what}\n`)
if (figures.length === 0 || unmeasured.length > 0) process.exitCode = 1
if (process.argv.includes('--strict') && figures.some(({ met }) => met === false)) process.exitCode = 1
// Node's own way out waits, at full speed and for ever, for what was asked of a socket that is gone.
process.once('beforeExit', () => process.exit())
// What should have ended by now is named, and does not keep whoever waits for the figures.
setTimeout(() => {
  process.stderr.write(`still held by ${process.getActiveResourcesInfo().join(', ')}\n`)
  process.exit()
}, lingerMs).unref()

function verdict(met: boolean | null): string {
  if (met === null) return '-'
  return met ? 'met' : 'MISSED'
}
