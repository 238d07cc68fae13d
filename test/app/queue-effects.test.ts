import { describe, expect, it } from 'vitest'
import { reportOf } from '../../src/app/queue-effects.ts'
import { readMessage } from '../../src/codec/queue/message/index.ts'
import { deviceOf, homeOf } from '../support/device.ts'
import { EffectsBench } from '../support/effects-bench.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { message, presence } from '../support/told-message.ts'
import { vector } from '../support/vector.ts'

interface Example {
  readonly family: string
  readonly protocol: number | null
  readonly bizCode: string | null
  readonly body: Readonly<Record<string, unknown>>
}

interface Effect {
  /** Events without a copy. */
  readonly event?: readonly string[]
  /** Events each with its copy. */
  readonly told?: readonly string[]
  /** Retained topics that the message is settled with. */
  readonly state?: readonly string[]
  readonly known?: Readonly<Record<string, unknown>>
  /** What is to be read, with a call or two. */
  readonly read?: object
}

const { examples } = vector<{ examples: readonly Example[] }>('event-examples.json')
const at = 1_767_225_600_000
const lamp = 'bf0examplelamp000000x1'
const valve = 'bf0exampletrv000000x2'
const home = '2420001'

const registration = (deviceId: string, more: object = {}) => ({
  of: 'registration',
  deviceId,
  homeId: null,
  toldGone: false,
  isComing: false,
  isUnknown: false,
  ...more,
})

/** R-T3: nothing that the platform may say is without an effect that was thought of. */
const effects: Readonly<Record<string, Effect>> = {
  'legacy null': {
    event: [`device/${lamp}/report`],
    known: { [`${lamp} switch_led`]: true, [`${lamp} bright_value_v2`]: 350 },
  },
  'legacy online': {
    told: [`device/${lamp}/online`],
    state: [`state/device/${lamp}/availability`],
    known: { [`${lamp} online`]: true },
  },
  'legacy offline': {
    told: [`device/${lamp}/offline`],
    state: [`state/device/${lamp}/availability`],
    known: { [`${lamp} online`]: false },
  },
  'legacy nameUpdate': { told: [`device/${lamp}/renamed`], read: registration(lamp) },
  'legacy dpNameUpdate': { told: ['queue/dpNameUpdate'], read: { of: 'names', deviceId: lamp } },
  'legacy bindUser': {
    told: [`device/${lamp}/bound`],
    read: registration(lamp, { homeId: home, isComing: true }),
  },
  'legacy delete': { told: [`device/${lamp}/unbound`], read: registration(lamp, { toldGone: true }) },
  'legacy upgradeStatus': { told: [`device/${lamp}/ota`] },
  'legacy event_notify': { told: [`device/${lamp}/doorbell/ac_doorbell`] },
  'legacy share': { told: [`device/${lamp}/shared`] },
  'legacy deviceSignal': { told: ['queue/deviceSignal'] },
  'legacy deviceDpCommand': { told: ['queue/deviceDpCommand'] },
  'legacy userRegister': { told: ['queue/userRegister'] },
  'legacy userUpdate': { told: ['queue/userUpdate'] },
  'legacy userDelete': { told: ['queue/userDelete'] },
  'legacy homeCreate': {
    told: [`home/${home}/created`],
    read: { of: 'home', homeId: home, toldGone: false },
  },
  'legacy homeUpdate': {
    told: [`home/${home}/updated`],
    read: { of: 'home', homeId: home, toldGone: false },
  },
  'legacy homeDelete': { told: [`home/${home}/deleted`], read: { of: 'home', homeId: home, toldGone: true } },
  'legacy roomCreate': {
    told: [`home/${home}/room_created`],
    read: { of: 'roomNames', homeId: home, toldGone: false },
  },
  'legacy roomNameUpdate': {
    told: [`home/${home}/room_renamed`],
    read: { of: 'roomNames', homeId: home, toldGone: false },
  },
  'legacy roomSort': {
    told: [`home/${home}/rooms_sorted`],
    read: { of: 'roomNames', homeId: home, toldGone: false },
  },
  'legacy roomDelete': {
    told: [`home/${home}/room_deleted`],
    read: { of: 'roomNames', homeId: home, toldGone: true },
  },
  'legacy automationExternalAction': {
    told: ['automation/Wn4TexampleAAAA/external_action', 'action/alarm-on'],
  },
  'legacy sceneExecute': { told: ['scene/mK7hexampleBBBB/run'] },
  'iotcore devicePropertyMessage': {
    event: [`device/${valve}/report`],
    known: { [`${valve} temp_set`]: 21.5 },
  },
  'iotcore deviceQueryPropertyMessage': {
    event: [`device/${valve}/report`],
    known: { [`${valve} temp_set`]: 21.5 },
  },
  'iotcore deviceEventMessage': { told: [`device/${valve}/doorbell/doorbell`] },
  'iotcore deviceActionResponseMessage': { told: [`device/${valve}/momentary/selfTest`] },
  'iotcore deviceOnline': {
    told: [`device/${valve}/online`],
    state: [`state/device/${valve}/availability`],
    known: { [`${valve} online`]: true },
  },
  'iotcore deviceOffline': {
    told: [`device/${valve}/offline`],
    state: [`state/device/${valve}/availability`],
    known: { [`${valve} online`]: false },
  },
  'iotcore deviceNameUpdate': { told: [`device/${valve}/renamed`], read: registration(valve) },
  'iotcore deviceBindSpace': {
    told: [`device/${valve}/bound`],
    read: registration(valve, { homeId: home, isComing: true }),
  },
  'iotcore deviceUnbindSpace': {
    told: [`device/${valve}/unbound`],
    read: registration(valve, { toldGone: true }),
  },
  'iotcore deviceTransfer': { told: ['queue/deviceTransfer'], read: registration(valve, { toldGone: true }) },
  'iotcore deviceFreeze': { told: ['queue/deviceFreeze'], read: registration(valve, { toldGone: true }) },
  'iotcore deviceUnFreeze': { told: ['queue/deviceUnFreeze'], read: registration(valve, { toldGone: true }) },
  'iotcore deviceOtaProgress': { told: [`device/${valve}/ota`] },
  'iotcore spaceCreate': {
    told: [`home/${home}/created`],
    read: { of: 'home', homeId: home, toldGone: false },
  },
  'notice HighPriorityNotice': { told: ['queue/HighPriorityNotice'] },
}

const keyOf = ({ family, bizCode }: Example) => `${family} ${bizCode}`

/** A home with both devices of the examples, half a second after what they tell. */
function house(caps: ConstructorParameters<typeof EffectsBench>[0] = {}): EffectsBench {
  const bench = new EffectsBench(caps)
  bench.clock.jump(at + 500 - bench.clock.now())
  const { inventory } = bench
  inventory.setHome(homeOf(home))
  inventory.setDevices([deviceOf(lamp, { homeId: home }), deviceOf(valve, { homeId: home })])
  const points = [
    point('boolean', { code: 'switch_led', dpId: 20 }),
    point('integer', { code: 'bright_value_v2', dpId: 22 }),
  ]
  inventory.setSpecification(lamp, specification(points))
  inventory.setSpecification(
    valve,
    specification([point('integer', { code: 'temp_set', dpId: 4, scale: 1 })]),
  )
  bench.topics()
  return bench
}

function bodyOf(example: Example, receivedMs: number) {
  return readMessage(example.body as never, {
    protocol: example.protocol ?? 20,
    t: at,
    publishTimeMs: at,
    receivedMs,
  })
}

function knownOf({ inventory }: EffectsBench): Record<string, unknown> {
  return Object.fromEntries(
    [...inventory.devices.values()].flatMap(({ device, state }) => [
      [`${device.id} online`, device.online],
      ...[...state.entries()].map(([code, { value }]) => [`${device.id} ${code}`, value]),
    ]),
  )
}

describe('what becomes of everything that the platform tells', () => {
  it('each example has an effect that is written down, and nothing else has', () => {
    expect(Object.keys(effects).sort()).toEqual(examples.map(keyOf).sort())
  })

  it.each(examples.map((example) => [keyOf(example), example] as const))('%s', (key, example) => {
    const bench = house()
    const { event = [], told = [], state = [], known = {}, read } = effects[key] ?? {}
    bench.take(bodyOf(example, bench.clock.now()))
    expect(bench.fates, 'settled before anybody has it').toEqual([])
    const topics = [
      ...event.map((one) => `event/${one}`),
      ...told.flatMap((one) => [`event/${one}`, `last/${one}`]),
      ...state,
    ]
    expect(bench.topics().sort()).toEqual(topics.sort())
    expect(bench.fates).toEqual(['message delivered'])
    expect(bench.areas).toEqual(read === undefined ? [] : [read])
    const both = { [`${lamp} online`]: true, [`${valve} online`]: true }
    expect(knownOf(bench)).toEqual({ ...both, ...known })
  })

  it.each(examples.map((example) => [keyOf(example), example] as const))(
    '%s: sent again it changes nothing, is told no second time, and is settled',
    (key, example) => {
      const bench = house()
      bench.take(bodyOf(example, bench.clock.now()), 'first')
      bench.topics()
      const known = knownOf(bench)
      bench.take(bodyOf(example, bench.clock.now()), 'second')
      // What is retained may be said again: that is how it is known to be there.
      expect(bench.topics()).toEqual(effects[key]?.state ?? [])
      expect(knownOf(bench)).toEqual(known)
      expect(bench.fates).toEqual(['first delivered', 'second delivered'])
    },
  )

  it('where there is no room, it has to be brought again', () => {
    const bench = house({ events: 0 })
    for (const example of examples) bench.take(bodyOf(example, bench.clock.now()), keyOf(example))
    bench.topics()
    const again = bench.fates.filter((fate) => fate.endsWith(' again'))
    expect(again).toHaveLength(examples.length)
  })
})

describe('single effects', () => {
  it('what nobody can use is settled and told nobody', () => {
    const bench = house()
    bench.take(message('ignored', {}))
    expect(bench.topics()).toEqual([])
    expect(bench.fates).toEqual(['message delivered'])
  })

  it('old presence is an old event and no news', () => {
    const bench = house()
    bench.take(presence(at, false, lamp))
    bench.take(presence(at - 90_000, true, lamp))
    expect(knownOf(bench)[`${lamp} online`]).toBe(false)
    expect(bench.topics()).not.toContain(`event/device/${lamp}/online`)
    expect(bench.fates).toEqual(['message delivered', 'message delivered'])
  })

  it('what devices and homes that are not mirrored do is nobody’s business, but a reason to look for them', () => {
    const bench = house()
    bench.take(presence(at, true, 'stranger'))
    expect(bench.topics()).toEqual([])
    expect(bench.fates).toEqual(['message refused'])
    expect(bench.areas).toEqual([registration('stranger', { isUnknown: true })])
  })

  it('points without a code go by their number, and those with neither are left out', () => {
    const status = message('status', {
      deviceId: lamp,
      productId: null,
      dataId: null,
      points: [
        { code: null, dpId: 101, value: 1, timeMs: 7 },
        { code: 'x', dpId: null, value: 2, timeMs: 8 },
        { code: null, dpId: null, value: 3, timeMs: 9 },
      ],
    })
    expect(reportOf(status, 10)).toEqual({
      deviceId: lamp,
      source: 'queue',
      receivedMs: 10,
      points: [
        { code: 'dp_101', dpId: 101, raw: 1, timeMs: 7 },
        { code: 'x', raw: 2, timeMs: 8 },
      ],
    })
  })
})

describe('I-1: what a device says on the LAN and to the cloud', () => {
  /** The lamp, heard on the LAN, has said that it is on. */
  function heard(caps: ConstructorParameters<typeof EffectsBench>[0] = {}) {
    const bench = house(caps)
    bench.inventory.setLan(lamp, true)
    bench.topics()
    return bench
  }

  const onLan = ({ inventory, clock }: EffectsBench, bright = 350) =>
    inventory.apply({
      deviceId: lamp,
      source: 'lan',
      receivedMs: clock.now(),
      points: [{ code: 'bright_value_v2', dpId: 22, raw: bright, timeMs: clock.now() }],
    })

  const inQueue = ({ clock }: EffectsBench, bright = 350) =>
    message('status', {
      deviceId: lamp,
      productId: null,
      dataId: null,
      points: [{ code: 'bright_value_v2', dpId: 22, value: bright, timeMs: clock.now() }],
    })

  it('is told once, and acknowledged when the broker has that', () => {
    const bench = heard()
    onLan(bench)
    bench.take(inQueue(bench))
    expect(bench.fates, 'nobody has it').toEqual([])
    expect(bench.topics()).toEqual([`event/device/${lamp}/report`])
    expect(bench.fates).toEqual(['message delivered'])
    onLan(bench, 351)
    expect(bench.topics()).toEqual([`event/device/${lamp}/report`])
    bench.take(inQueue(bench, 351))
    expect([bench.topics(), bench.fates.length], 'it has it already').toEqual([[], 2])
  })

  it('is told by the queue where there was no room when the LAN said it', () => {
    const bench = heard({ events: 1 })
    onLan(bench, 349)
    onLan(bench, 350)
    bench.take(inQueue(bench, 350), 'no room')
    expect(bench.fates).toEqual(['no room again'])
    expect(bench.topics()).toEqual([`event/device/${lamp}/report`])
    bench.take(inQueue(bench, 350), 'brought again')
    expect(bench.topics()).toEqual([`event/device/${lamp}/report`])
    expect(bench.fates).toEqual(['no room again', 'brought again delivered'])
  })
})
