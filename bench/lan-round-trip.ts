import { type LanVersion, lanVersions } from '../src/codec/lan/version.ts'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { type Random, seededRandom } from '../src/util/random.ts'
import { startTelling } from './child.ts'
import { bare, ours, type Party, tinytuya, tuyapi } from './lan-peers.ts'
import { type Figure, figure, median } from './statistics.ts'

type Verb = 'get' | 'set'
/** By party, verb and version. */
type Times = Map<string, number[]>

/**
 * Rounds before those that count, for each of them: programs that have run for a while are compared, with the best code
 * that the engine makes of them. Questions go at full speed, what waits for the pace of a device goes at that.
 */
const warmUpShare = { get: 10, set: 2 } as const
/** Devices want sets at this distance; in a round each device is set once, by its only client. */
const roundMs = 60
/** What a device pushes after a set is out of the way then. */
const betweenMs = 1
const bareGoal = 1.3

/**
 * From the call to the answer, on connections that stand: our link, a bare client, and the libraries that people know,
 * each with devices of its own, turn by turn. No call has to wait for the pace of its device.
 */
export async function lanRoundTrip(rounds: number): Promise<Figure[]> {
  const makers = [ours, bare, tuyapi, tinytuya]
  const perParty = lanVersions.length
  const { child, told } = await startTelling<LanDeviceAddress[]>('lan-units.ts', [
    String(perParty * makers.length),
  ])
  await using _units = child
  const parties: Party[] = []
  try {
    for (const [i, make] of makers.entries()) {
      const party = await make(told.slice(i * perParty, (i + 1) * perParty))
      if (party) parties.push(party)
    }
    const times: Times = new Map()
    const compiled = parties.filter(({ isCompiled }) => isCompiled)
    await askMany(compiled, rounds * warmUpShare.get)
    // Some libraries cannot read any more once a device has pushed.
    for (const verb of ['get', 'set'] as const) {
      await measure(parties, verb, rounds * warmUpShare.set, new Map())
      await measure(parties, verb, rounds, times)
    }
    return (['set', 'get'] as const).flatMap((verb) => [
      beside(times, verb, 'bare client', bareGoal),
      beside(times, verb, 'tuyapi 7.7.1', 1),
      beside(times, verb, 'tinytuya 1.20.0', 1),
    ])
  } finally {
    for (const party of parties) await party.end()
  }
}

/** At full speed, where nothing waits for the pace of a device. */
async function askMany(parties: readonly Party[], rounds: number): Promise<void> {
  const unpaced = lanVersions.filter((version) => version !== '3.2')
  for (let round = 0; round < rounds; round++)
    for (const party of parties) for (const version of unpaced) await party.get(version).catch(() => {})
}

async function measure(parties: readonly Party[], verb: Verb, rounds: number, times: Times): Promise<void> {
  const random = seededRandom(rounds)
  for (let round = 0; round < rounds; round++) {
    const pace = new Promise((resolve) => setTimeout(resolve, roundMs))
    // Whoever comes after one who waits long finds everything cold.
    for (const version of lanVersions)
      for (const party of shuffled(parties, random)) {
        const key = keyOf(party.name, verb, version)
        const all = times.get(key) ?? []
        times.set(key, all)
        // Whoever got no answer would wait for one each time.
        if (all.some(Number.isNaN)) continue
        const ms = await (verb === 'get' ? party.get(version) : party.set(version, round % 2 === 0)).catch(
          () => Number.NaN,
        )
        all.push(ms)
        await new Promise((resolve) => setTimeout(resolve, betweenMs))
      }
    await pace
  }
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

const keyOf = (name: string, verb: Verb, version: LanVersion) => `${name} ${verb} ${version}`

/** Our medians as shares of another's. */
function beside(times: Times, verb: Verb, other: string, goal: number): Figure {
  const what = `LAN ${verb}, our round trip beside that of ${other}; 3.1 to 3.5`
  const medianOf = (name: string, version: LanVersion) => {
    const all = times.get(keyOf(name, verb, version))
    return all === undefined || all.some(Number.isNaN) ? undefined : median(all)
  }
  const pairs = lanVersions.map(
    (version) => [medianOf('dp2mqtt', version), medianOf(other, version)] as const,
  )
  if (lanVersions.every((version) => !times.has(keyOf(other, verb, version))))
    return figure(`${what}: not compared, it is not installed`, '0 rounds', `<= ${goal}`, null)
  const ratios = pairs.map(([mine, theirs]) =>
    theirs === undefined ? undefined : (mine ?? Number.NaN) / theirs,
  )
  const shown = ratios.map((ratio) => ratio?.toFixed(2) ?? 'none').join(' ')
  const ms = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined)
    return `${Math.min(...known).toFixed(2)}-${Math.max(...known).toFixed(2)} ms`
  }
  return figure(
    what,
    `${shown} (${ms(pairs.map(([mine]) => mine))} against ${ms(pairs.map(([, theirs]) => theirs))})`,
    `<= ${goal}`,
    ratios.every((ratio) => ratio === undefined || ratio <= goal),
  )
}
