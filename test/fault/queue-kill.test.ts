import { expect, it } from 'vitest'
import { type Random, seededRandom } from '../../src/util/random.ts'
import { type CrashPoint, crashPoints } from '../support/kill/crash-point.ts'
import { KillHouse, type Sabotage } from '../support/kill/kill-house.ts'
import { expectLedger, judge } from '../support/ledger/checker.ts'
import { factId, type History } from '../support/ledger/history.ts'
import { usualLimits } from '../support/ledger/verdict.ts'

const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const deathsInAll = Number(process.env['KILL_DEATHS'] ?? 40)
const devices = 200
const eventsPerSecond = Number(process.env['KILL_EVENTS'] ?? 1_000)
const commandsPerSecond = 10
const lanCommandsPerSecond = 40

/** Longer than that nobody waits for a bridge that is to kill itself. */
const overdueMs = 60_000

/** Whether anything is late is asked elsewhere: here a busy machine must not be a fault. */
const patient = { ...usualLimits, seenWithinMs: 60_000, resultWithinMs: 60_000 }

interface Death {
  readonly at: CrashPoint | 'start' | 'work'
  /** Which passage of a point; else milliseconds, from the start of the process or from the first message. */
  readonly when: number
}

/** At each point, twice by default, and at any time: while it starts, and while it works. */
function deaths(chance: Random): Death[] {
  const most = (at: Death['at']) =>
    at.startsWith('snapshot') ? 5 : at === 'start' || at === 'work' ? 1_500 : 5_000
  const places: Death['at'][] = [...crashPoints, 'start', 'start', 'work', 'work', 'work']
  return Array.from({ length: deathsInAll }, (_, i) => places[i % places.length] as Death['at'])
    .map((at) => ({ at, when: 1 + Math.floor(chance() * most(at)), place: chance() }))
    .sort((a, b) => a.place - b.place)
}

/** Starts a bridge and sees it die, where and when it should. */
async function die(house: KillHouse, { at, when }: Death): Promise<void> {
  const point = at === 'start' || at === 'work' ? undefined : { point: at, hit: when }
  const startedMs = performance.now()
  const bridge = house.start(point)
  const kill = () => void bridge.kill()
  const timers = [setTimeout(kill, at === 'start' ? when : overdueMs)]
  if (at === 'work') house.onceDelivered(() => timers.push(setTimeout(kill, when)))
  const end = await bridge.exited
  for (const timer of timers) clearTimeout(timer)
  expect(end, `death at ${at} ${when}: ${bridge.err}`).toBe('SIGKILL')
  const tookMs = performance.now() - startedMs
  expect(tookMs, `${at} was not passed ${when} times: ${bridge.err}`).toBeLessThan(overdueMs)
}

/** Longer than a bridge lives here: it knows what its disk, the broker and the queue tell it, and nothing else. */
const tooSlowMs = 8_000

interface LifeOptions {
  /** Of the cloud, while bridges die. */
  readonly answersAfterMs?: number
  /** Devices that are on the LAN too. */
  readonly onLan?: number
  readonly deaths?: number
  /** From the first message to the death, at most. */
  readonly workMs?: number
}

/** Killed as planned, and left alone at the end. */
async function live(
  house: KillHouse,
  plan: readonly Death[],
  { answersAfterMs }: LifeOptions = {},
): Promise<{ readonly seconds: number }> {
  const { load } = house
  const { faults } = house.simulator
  load.countOnce()
  const first = house.start()
  await first.up
  expect(await house.settles(20_000), `the house is not mirrored: ${first.err}`).toBe(true)
  if (answersAfterMs) await house.isLearnt()
  load.start()
  const from = performance.now()
  await first.kill()
  if (answersAfterMs) faults.set(`latency=${answersAfterMs}`)
  for (const [i, death] of plan.entries()) {
    const startedMs = performance.now()
    await die(house, death)
    const took = ((performance.now() - startedMs) / 1000).toFixed(1)
    console.log(`${i + 1} of ${plan.length}: ${death.at} ${death.when}, after ${took} s`)
  }
  const last = house.start()
  await last.up
  // Commands to a bridge that stays must have their answers.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  load.stop()
  faults.clear('latency')
  const stoppedMs = performance.now()
  const seconds = (stoppedMs - from) / 1000
  const owed = house.simulator.queue.backlog()
  await house.settles(20_000)
  console.log(
    `${owed} messages were still owed, for ${((performance.now() - stoppedMs) / 1000).toFixed(1)} s`,
  )
  await house.closeBooks()
  expect(await last.stop(), last.err).toBe(0)
  return { seconds }
}

it('Q11: a bridge that is killed at every step of a message’s way loses nothing that it acknowledged', async () => {
  const replay = `KILL_SEED=${seed} KILL_DEATHS=${deathsInAll} KILL_EVENTS=${eventsPerSecond} npm run test:kill`
  console.log(`to run it again: ${replay}`)
  const random = seededRandom(seed)
  await using house = await KillHouse.open({ devices, eventsPerSecond, commandsPerSecond, seed, random })
  const plan = deaths(random)
  const { seconds } = await live(house, plan)
  const { load } = house
  const figures = expectLedger(house.ledger.entries, replay, patient)
  const rate = (load.events / seconds).toFixed(0)
  console.log(
    `${figures.deaths} deaths in ${seconds.toFixed(0)} s under ${rate} events/s, with ${house.brokerName}:`,
    JSON.stringify({ offered: load.events, ...figures }),
  )
  expect(figures.deaths).toBeGreaterThanOrEqual(plan.length)
  // Commands cause reports of their own.
  expect(figures.acknowledged).toBeGreaterThanOrEqual(load.events)
  expect(house.simulator.queue.backlog()).toBe(0)
  expect(figures.keys).toBe(devices * 3)
})

it('I-2: a bridge that is killed while the cloud is out of reach knows what it published, and steps back nowhere', async () => {
  expect(await faultsOf(undefined, seededRandom(seed), { answersAfterMs: tooSlowMs })).toEqual([])
})

it('I-2: nor does it where the cloud takes its time to answer, and much happens meanwhile', async () => {
  expect(
    await faultsOf(undefined, seededRandom(seed), { answersAfterMs: 300, deaths: 6, workMs: 4_000 }),
  ).toEqual([])
})

it('I-1, I-2: nor does one that hears some of the devices on the LAN before the queue tells of them', async () => {
  const found = await faultsOf(undefined, seededRandom(seed), { onLan: 20, deaths: 5, workMs: 4_000 })
  // What the LAN tells of now is not held up by what the queue still has to tell of before, and where that is much when
  // the bridge dies, the next one does not know what the LAN has told of it.
  const isDefect = (fault: string) => !fault.startsWith('order') && !fault.startsWith('duplicates')
  expect(found.filter(isDefect)).toEqual([])
})

it.each<[Sabotage, string, LifeOptions]>([
  ['acknowledges-early', 'I-1 lost', {}],
  // What the cloud tells at the start is the newest, and would hide that nothing was remembered.
  ['forgets-source-times', 'I-2 step-back', { answersAfterMs: tooSlowMs }],
])('a bridge that %s is caught: %s', async (sabotage, kind, options) => {
  const random = seededRandom(seed)
  // A few deaths may all come at moments at which it does no harm.
  for (let round = 1; round <= 4; round++) {
    if ((await faultsOf(sabotage, random, options)).some((violation) => violation.startsWith(kind))) return
    console.log(`${sabotage}: nothing of the kind in round ${round}`)
  }
  throw new Error(`a bridge that ${sabotage} was not caught`)
})

/** Lives through some deaths with a bridge that is broken on purpose, or with a good one: what was seen to be broken. */
async function faultsOf(
  sabotage: Sabotage | undefined,
  random: Random,
  options: LifeOptions,
): Promise<string[]> {
  await using house = await KillHouse.open({
    devices,
    eventsPerSecond,
    commandsPerSecond: options.onLan ? lanCommandsPerSecond : commandsPerSecond,
    seed,
    random,
    onLan: options.onLan ?? 0,
    ...(sabotage ? { sabotage } : {}),
  })
  const deaths = Array.from({ length: options.deaths ?? 4 }, () => ({
    at: 'work' as const,
    when: 1 + Math.floor(random() * (options.workMs ?? 400)),
  }))
  await live(house, deaths, options)
  const found = judge(house.ledger.entries, patient)
  const kinds = found.map(({ rule, fault }) => `${rule} ${fault}`)
  console.log(`${sabotage ?? 'good'}: ${found.length} violations, ${[...new Set(kinds)].join(', ')}`)
  if (options.onLan) {
    const ahead = seenBeforeDelivery(house.ledger.entries)
    const { lanCommands } = house
    console.log(
      `${ahead} events were told before the queue brought them, ${lanCommands} commands went over the LAN`,
    )
    expect(Math.min(ahead, lanCommands), 'by the LAN').toBeGreaterThan(20)
  }
  return found.map(({ text }, i) => `${kinds[i]}: ${text}`)
}

function seenBeforeDelivery(history: History): number {
  const delivered = new Set<string>()
  const ahead = new Set<string>()
  for (const entry of history) {
    if (entry.did === 'delivered') for (const fact of entry.facts) delivered.add(factId(fact))
    else if (entry.did === 'saw')
      for (const fact of entry.facts)
        if (fact.kind === 'event' && !delivered.has(factId(fact))) ahead.add(factId(fact))
  }
  return ahead.size
}
