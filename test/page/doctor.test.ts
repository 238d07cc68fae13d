import { expect, it } from 'vitest'
import { adviceOf, examineDevice, examineLinks, examineSettings } from '../../page/doctor.ts'
import type { HealthDocument } from '../../src/app/health.ts'
import type { PageDevice, PagePoint, PageReceipt } from '../../src/app/page/protocol.ts'

const healthy: PageDevice = {
  id: 'a',
  name: 'Lamp',
  home: 'h',
  room: null,
  category: 'dj',
  product: 'Lamp',
  gateway: null,
  sub: false,
  online: true,
  barred: false,
  model: 'm',
  dp: { switch_led: [true, 1_000, 'queue', 0], battery_percentage: [80, 1_000, 'queue', 0] },
  ways: { lan: { state: 'unused' }, cloud: { state: 'up' } },
  heardMs: 1_000,
}

const told = (code: string, measures: string) =>
  ({ code, use: { ability: 'sensor', role: 'diagnostic', measures } }) as unknown as PagePoint

const points = [
  told('fault', 'problem'),
  told('battery_percentage', 'battery'),
  told('battery_state', 'battery'),
  told('residue', 'humidity'),
]
const around = { points, gateway: undefined, last: undefined, nowMs: 61_000 }
const whats = (device: Partial<PageDevice>, more: Partial<Parameters<typeof examineDevice>[1]> = {}) =>
  examineDevice({ ...healthy, ...device }, { ...around, ...more }).map(({ what }) => what)

const failed: PageReceipt = {
  id: null,
  target: 'device/a',
  state: 'timeout',
  ok: false,
  ms: 8_000,
  timeMs: 1_000,
  path: 'cloud',
  by: null,
  reason: 'command/unconfirmed',
  message: 'The device did not report it.',
  sent: null,
  warnings: [],
}

it('a device without a fault has none', () => {
  expect(whats({})).toEqual([])
  expect(whats({}, { last: { ...failed, ok: true, state: 'confirmed' } })).toEqual([])
  expect(whats({ ways: { lan: { state: 'down', reason: 'sleeping' }, cloud: { state: 'up' } } })).toEqual([])
})

it.each([
  ['offline', { online: false }, {}, 'It is offline.'],
  [
    'behind a gateway that is',
    { online: false },
    { gateway: { name: 'Hub', online: false } },
    'Its gateway “Hub” is offline.',
  ],
  [
    'a key that changed',
    { ways: { lan: { state: 'down', reason: 'key-mismatch' }, cloud: { state: 'up' } } },
    {},
    'Over the LAN: the key does not fit.',
  ],
  [
    'no way',
    { ways: { lan: { state: 'unused' }, cloud: { state: 'down' } } },
    {},
    'No way leads to it: commands are refused.',
  ],
  ['no specification', { model: null }, {}, 'What it understands has not been read yet.'],
  [
    'stale',
    { dp: { x: [1, 1_000, 'snapshot', 1] } },
    {},
    'Its values may be old: the last is from 1 min ago.',
  ],
  [
    'stale, and with it what is derived',
    { dp: { x: [1, 1_000, 'lan', 1], 'x/total': [1, 1_000, 'lan', 1], y: [1, 1_000, 'poll', 0] } },
    {},
    '1 of its values may be old: the last is from 1 min ago.',
  ],
  [
    'odd',
    { dp: { x: [1, 1_000, 'poll', 2] } },
    {},
    'It reports values that its specification does not know: x.',
  ],
  ['a fault', { dp: { fault: [['ov_cr'], 1_000, 'poll', 0] } }, {}, 'It reports a fault: ov_cr.'],
  ['battery', { dp: { battery_percentage: [9, 1_000, 'poll', 0] } }, {}, 'Its battery is at 9 %.'],
  ['battery in words', { dp: { battery_state: ['low', 1_000, 'poll', 0] } }, {}, 'Its battery is low.'],
  [
    'a command that failed',
    {},
    { last: failed },
    'Its last command, 1 min ago, failed: The device did not report it.',
  ],
] as const)('finds what is wrong: %s', (_name, device, more, what) => {
  expect(whats(device as Partial<PageDevice>, more as never)).toEqual([what])
})

it('only what measures the battery tells of it', () => {
  expect(whats({ dp: { residue: [3, 1_000, 'poll', 0] } })).toEqual([])
})

it('a value that was refused is not the device’s fault', () => {
  expect(whats({}, { last: { ...failed, state: 'rejected', reason: 'command/out-of-range' } })).toEqual([])
  expect(whats({}, { last: { ...failed, state: 'rejected', reason: 'command/no-path' } })).toHaveLength(1)
})

const up = { state: 'up', sinceMs: 0, reason: null, lastMs: null } as const
const document: HealthDocument = {
  timeMs: 0,
  links: {
    mqtt: up,
    cloud: up,
    queue: { ...up, state: 'unused' },
    lan: { state: 'unused', up: 0, down: 0, reasons: {} },
  },
  budget: { used: 10, limit: 800, resetMs: 0 },
  queues: {},
  counts: {},
}

it('links are named with their reason and what to do', () => {
  expect(examineLinks(document)).toEqual([])
  const [found] = examineLinks({
    ...document,
    links: { ...document.links, cloud: { ...up, state: 'down', reason: 'quota' } },
  })
  expect(found).toEqual({
    grade: 'bad',
    what: 'Cloud: the quota of the plan is used up.',
    todo: 'Extend the plan or wait; the bridge asks once an hour.',
  })
  const budget = (used: number) => examineLinks({ ...document, budget: { used, limit: 800, resetMs: 0 } })
  expect(budget(639)).toEqual([])
  expect(budget(640)[0]?.grade).toBe('warn')
  expect(budget(800)[0]?.grade).toBe('bad')
})

it('a reason that nobody knows is shown as it came', () => {
  expect(adviceOf('brand-new')).toEqual(['Brand-new', 'Look at the log.'])
  expect(adviceOf(null)[0]).toBe('no reason is known')
  expect(adviceOf('lan/timeout')[0]).toBe('it does not answer')
})

it('every word for what is insecure has a sentence', () => {
  const source =
    'custom-endpoint queue-tls-unverified mqtt-tls-unverified mqtt-plaintext broker-anonymous broker-plaintext page-plaintext'
  for (const found of examineSettings({ insecure: source.split(' ') }))
    expect(found.what).toMatch(/^[A-Z].*\.$/)
  expect(examineSettings({ insecure: ['something-new'] })[0]?.what).toBe('Something-new')
})
