import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaves, readConfigSchema } from '../../src/app/config-shape.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries } from '../support/canary.ts'
import type { testConfig } from '../support/config.ts'
import { House } from '../support/house.ts'
import { sharedHouse } from '../support/shared-house.ts'
import { demo } from '../support/simulator-desk.ts'
import { until } from '../support/until.ts'

type Changes = Parameters<typeof testConfig>[0]

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const at = sharedHouse({ config: { bridge: { remoteAdmin: true } } as never })
const text = (topic: string) => at.house.on(topic).at(-1)?.payload
const says = (topic: string, condition: (payload: string) => boolean) =>
  until(() => condition(text(topic) ?? ''), 20_000, `${topic} being right`)

interface Live {
  readonly change: Changes
  /** What shows that it has an effect; what is asked for before the change is the opposite. */
  readonly shows: () => Promise<void>
  /** What shows that it has none any more; by default nobody looks. */
  readonly shown?: () => Promise<void>
}

const homeOf = () => [...at.house.bridge.inventory.homes.keys()]
const answerTo = (topic: string, payload: unknown) => at.ask(topic, payload)

const lock = demo.lock
const reportOf = (device: string) => `event/device/${device}/report`
let brightness = 100

const brighter = () => at.house.simulator.world.report(lamp, { bright_value_v2: ++brightness })
const unlock = () => at.house.simulator.world.report(lock, { unlock_fingerprint: 7 })

/** Somebody came in a quarter of an hour ago, and the platform tells it now. */
function oldUnlock(): void {
  const t = Date.now() - 15 * 60_000 + ++brightness
  at.house.simulator.queue.publish({
    protocol: 4,
    bizCode: null,
    key: lock,
    body: { dataId: `old${t}`, devId: lock, productKey: 'p', status: [{ code: 'unlock_card', t, value: 3 }] },
  })
}

/** Whether something is said on a topic because of that, within a moment. */
async function happens(act: () => void, topic: string): Promise<boolean> {
  const before = at.house.on(topic).length
  const done = at.house.bridge.health.counts['queueSettled'] ?? 0
  act()
  await until(
    () => (at.house.bridge.health.counts['queueSettled'] ?? 0) + dead() > done,
    5_000,
    'the message',
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  return at.house
    .on(topic)
    .slice(before)
    .some(({ payload }) => payload !== '')
}

const dead = () => at.house.bridge.health.counts['queueDead'] ?? 0

/** Each key that claims to be live, with what a user sees of it. */
const live: Readonly<Record<string, Live>> = {
  'log.level': {
    change: { log: { level: 'silent' } },
    shows: async () => {
      const lines = at.house.logLines.length
      await at.ask(`device/${lamp}/get`, 'run', `device/${lamp}`)
      expect(at.house.logLines).toHaveLength(lines)
    },
  },
  'log.format': {
    change: { log: { format: 'pretty' } },
    shows: async () => {
      await at.ask(`device/${lamp}/get`, 'run', `device/${lamp}`)
      expect(at.house.logLines.at(-1)).not.toMatch(/^\{/)
    },
    shown: async () => {
      await at.ask(`device/${lamp}/get`, 'run', `device/${lamp}`)
      expect(at.house.logLines.at(-1)).toMatch(/^\{/)
    },
  },
  'budget.cloudCallsPerDay': {
    change: { budget: { cloudCallsPerDay: 10 } },
    shows: async () => {
      expect(await at.ask(`device/${lamp}/dp/switch_led`, 'toggle', `device/${lamp}`)).toMatchObject({
        reason: 'cloud/quota',
      })
      await until(() => at.house.bridge.health.budget?.limit === 10)
    },
    shown: async () => {
      expect(await at.ask(`device/${lamp}/dp/switch_led`, 'toggle', `device/${lamp}`)).toMatchObject({
        state: 'confirmed',
      })
    },
  },
  'publish.scalars': {
    change: { publish: { scalars: false } },
    shows: () => says(`state/device/${lamp}/dp/switch_led`, (payload) => payload === '').then(() => {}),
    shown: () => says(`state/device/${lamp}/dp/switch_led`, (payload) => payload !== '').then(() => {}),
  },
  'publish.views': {
    change: { publish: { views: false } },
    shows: () =>
      says(`state/device/${lamp}/view/colour_data_v2/hsv`, (payload) => payload === '').then(() => {}),
    shown: () =>
      says(`state/device/${lamp}/view/colour_data_v2/hsv`, (payload) => payload !== '').then(() => {}),
  },
  'publish.entities': {
    change: { publish: { entities: true } },
    shows: () => says(`state/device/${lamp}/entity/light`, (payload) => payload !== '').then(() => {}),
    shown: () => says(`state/device/${lamp}/entity/light`, (payload) => payload === '').then(() => {}),
  },
  names: {
    change: { names: 'mirror' },
    shows: async () => {
      await says('state/named/device/desk_lamp/dp/switch_led', (payload) => payload !== '')
      await says('state/named/device/desk_lamp', (payload) => payload !== '')
      await says('state/named/device/desk_lamp/availability', (payload) => payload === 'online')
    },
    shown: async () => {
      await says('state/named/device/desk_lamp/dp/switch_led', (payload) => payload === '')
      await says('state/named/device/desk_lamp', (payload) => payload === '')
      await says('state/named/device/desk_lamp/availability', (payload) => payload === '')
    },
  },
  'operations.allow': {
    change: { operations: { allow: ['config'] } },
    shows: async () => {
      const [home_id] = homeOf()
      const params = { params: { home_id, name: 'Attic' } }
      expect(await answerTo('op/room-create', params)).toMatchObject({ state: 'confirmed' })
      await says('bridge/info', (payload) => payload.includes('"classes":["read","control","config"]'))
      expect(allowed('room-create')).toBe(true)
    },
    shown: async () => {
      const [home_id] = homeOf()
      const params = { params: { home_id, name: 'Cellar' } }
      expect(await answerTo('op/room-create', params)).toMatchObject({ reason: 'command/forbidden' })
      expect(allowed('room-create')).toBe(false)
    },
  },
  'publish.reports': {
    change: { publish: { reports: false } },
    shows: async () => expect(await happens(brighter, reportOf(lamp))).toBe(false),
    shown: async () => expect(await happens(brighter, reportOf(lamp))).toBe(true),
  },
  'publish.last': {
    change: { publish: { last: false } },
    shows: async () =>
      expect(await happens(unlock, `last/device/${lock}/unlock/unlock_fingerprint`)).toBe(false),
    shown: async () =>
      expect(await happens(unlock, `last/device/${lock}/unlock/unlock_fingerprint`)).toBe(true),
  },
  'events.lastTtlMs': {
    change: { events: { lastTtlMs: 1 } },
    // What is that old already leaves no copy.
    shows: async () => expect(await happens(oldUnlock, `last/device/${lock}/unlock/unlock_card`)).toBe(false),
    shown: async () => expect(await happens(oldUnlock, `last/device/${lock}/unlock/unlock_card`)).toBe(true),
  },
  'events.maxEventAgeMs': {
    change: { events: { maxEventAgeMs: 86_400_000 } },
    shows: async () => expect(await happens(oldUnlock, `event/device/${lock}/unlock/unlock_card`)).toBe(true),
    shown: async () =>
      expect(await happens(oldUnlock, `event/device/${lock}/unlock/unlock_card`)).toBe(false),
  },
  'events.stale': {
    change: { events: { stale: 'both' } },
    shows: async () => expect(await happens(oldUnlock, `event/device/${lock}/unlock/unlock_card`)).toBe(true),
    shown: async () =>
      expect(await happens(oldUnlock, `event/device/${lock}/unlock/unlock_card`)).toBe(false),
  },
  'operations.raw': {
    change: { operations: { raw: ['/v1.0/devices'] } },
    shows: async () => {
      const params = { method: 'GET', path: `/v1.0/devices/${lamp}/status` }
      expect(await answerTo('op/cloud-request', { params })).not.toMatchObject({
        reason: 'command/forbidden',
      })
    },
    shown: async () => {
      const params = { method: 'GET', path: `/v1.0/devices/${lamp}/status` }
      expect(await answerTo('op/cloud-request', { params })).toMatchObject({ reason: 'command/forbidden' })
    },
  },
  'events.actionKeys': {
    change: { events: { actionKeys: ['what'] } },
    shows: () => actionsAre(),
    shown: () => actionsAre('alarm', 'frost', 'good-morning', 'goodnight'),
  },
  'commands.requireTs': {
    change: { commands: { requireTs: true } },
    shows: async () => {
      expect(await at.ask(`device/${lamp}/get`, 'run', `device/${lamp}`)).toMatchObject({ ok: false })
    },
    shown: async () => {
      expect(await at.ask(`device/${lamp}/get`, 'run', `device/${lamp}`)).toMatchObject({ ok: true })
    },
  },
  'commands.clearRetained': {
    change: { commands: { clearRetained: false } },
    shows: async () => {
      await retained('one', 1)
    },
    shown: async () => {
      await retained('two', 2)
    },
  },
  overrides: {
    change: { overrides: { '7v9kfz4h2qpx': {} } },
    shows: async () => {
      const { product } = at.house.bridge.inventory.device(lamp)?.device ?? { product: { id: '' } }
      const correction = { overrides: { [product.id]: { bright_value_v2: { unit: 'candles', scale: 1 } } } }
      const before = Number(text(`state/device/${lamp}/dp/bright_value_v2`))
      await at.house.reload(correction)
      await says(`meta/device/${lamp}/spec`, (payload) => payload.includes('candles'))
      await says(`state/device/${lamp}/dp/bright_value_v2`, (payload) => Number(payload) === before / 10)
      const { config } = at.house.next
      at.house.next = { config: { ...config, overrides: {} } }
      await at.house.bridge.reload()
      await says(`meta/device/${lamp}/spec`, (payload) => !payload.includes('candles'))
      await says(`state/device/${lamp}/dp/bright_value_v2`, (payload) => Number(payload) === before)
    },
  },
  'expose.location': {
    change: { expose: { location: true } },
    shows: async () => {
      for (const id of homeOf()) await says(`meta/home/${id}`, (payload) => payload.includes('"lat"'))
    },
    shown: async () => {
      for (const id of homeOf()) await says(`meta/home/${id}`, (payload) => !payload.includes('"lat"'))
    },
  },
  members: {
    change: { members: 'roles' },
    shows: async () => {
      for (const id of homeOf()) await says(`meta/home/${id}/members`, (payload) => payload !== '')
      const [id] = homeOf()
      expect(text(`meta/home/${id}/members`)).not.toContain('"name"')
      await at.house.reload({ members: 'full' })
      await says(`meta/home/${id}/members`, (payload) => payload.includes('"name"'))
    },
    shown: async () => {
      for (const id of homeOf()) await says(`meta/home/${id}/members`, (payload) => payload === '')
    },
  },
  'bridge.remoteAdmin': {
    change: { bridge: { remoteAdmin: false } },
    shows: async () => {
      expect(await at.ask('bridge/clear_retained', { dryRun: true })).toMatchObject({
        reason: 'command/unknown-verb',
      })
    },
    shown: async () => {
      expect(await at.ask('bridge/clear_retained', { dryRun: true })).toMatchObject({ state: 'confirmed' })
    },
  },
  'tuya.homes': {
    change: { tuya: { homes: ['0'] } },
    shows: async () => {
      const [first = '', second = ''] = homeOf()
      await at.house.reload({ tuya: { homes: [first] } })
      await says(`meta/home/${second}`, (payload) => payload === '')
      expect(homeOf()).toEqual([first])
      await until(() => at.house.bridge.inventory.devicesOf(second).length === 0)
    },
    shown: async () => {
      await until(() => homeOf().length === 2, 20_000, 'both homes')
      const [, second = ''] = homeOf()
      await says(`meta/home/${second}`, (payload) => payload !== '')
      const all = () => [...at.house.bridge.inventory.devices.values()]
      await until(() => all().length === at.house.simulator.world.devices.size)
      await until(() => all().every(({ specification }) => specification))
    },
  },
  'tuya.uid': {
    change: { tuya: { uid: canaries.uid } },
    shows: async () => {
      const [asked, found] = [requests('user-homes'), requests('associated-devices')]
      await until(() => requests('user-homes') > asked, 20_000, 'the homes of the user')
      expect(requests('associated-devices')).toBe(found)
    },
    shown: async () => {
      const found = requests('associated-devices')
      await until(() => requests('associated-devices') > found, 20_000, 'the search for users')
    },
  },
  'mqtt.republishPerSecond': {
    change: { mqtt: { republishPerSecond: 50 } },
    shows: async () => {
      const before = at.house.seen.length
      await at.ask('bridge/republish', '1')
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(at.house.seen.length - before).toBeLessThan(80)
    },
    shown: async () => {
      const before = at.house.seen.length
      const begun = performance.now()
      await at.ask('bridge/republish', '1')
      await until(() => at.house.seen.length - before > 150)
      expect(performance.now() - begun).toBeLessThan(5_000)
    },
  },
  'http.allowedHosts': {
    change: { http: { allowedHosts: ['my.house'] } },
    shows: async () => {
      expect(await statusFor('my.house')).toBe(200)
    },
    shown: async () => {
      expect(await statusFor('my.house')).toBe(421)
    },
  },
}

/** Those that show in tests of the parts (the page's in those of the page, ways and trees of others in files of their own); nothing is polled here, and of `tuya.schema` only an operation on people knows, which is refused here. */
const elsewhere = [
  'http.password',
  'http.passwordFile',
  'http.passwordHash',
  'ota.check',
  'publish.homeassistant',
  'publish.homie4',
  'publish.homie5',
  'route.prefer',
  'route.devices',
  'tuya.schema',
  'commands.replyTopics',
  'poll.minSeconds',
]

it('every key that claims to be live is tried', () => {
  const claimed = leaves(readConfigSchema()).filter(({ schema }) => schema['x-reload'] === 'live')
  expect([...Object.keys(live), ...elsewhere].sort()).toEqual(claimed.map(({ path }) => path).sort())
})

describe('a live setting has its effect at once, and so has taking it back', () => {
  it.each(Object.keys(live))('%s', async (path) => {
    const { change, shows, shown } = live[path] as Live
    const before = at.house.next
    const token = at.house.simulator.journal.entries('request', 'token-get').length
    expect(await at.house.reload(change as object)).toEqual({
      changed: [path],
      live: [path],
      link: [],
      restart: [],
    })
    await shows()
    at.house.next = before
    await at.house.bridge.reload()
    await shown?.()
    expect(at.house.simulator.journal.entries('request', 'token-get')).toHaveLength(token)
    expect(at.house.on('bridge/state').filter(({ payload }) => payload === 'offline')).toEqual([])
  })
})

describe('cmd/bridge/reload', () => {
  it('is answered with what became of it', async () => {
    const { config } = at.house.next
    at.house.next = { config: { ...config, http: { ...config.http, port: 1 } } }
    expect(await at.ask('bridge/reload', '1')).toMatchObject({
      state: 'confirmed',
      result: { changed: ['http.port'], live: [], link: [], restart: ['http.port'] },
    })
    at.house.next = { config }
    expect(await at.ask('bridge/reload', '1')).toMatchObject({
      result: { changed: ['http.port'], restart: [] },
    })
  })

  it('many at once, with commands between them: every one is answered', async () => {
    const answers = at.answersOn('result/bridge/reload')
    const outcomes = at.answersOn(`result/device/${lamp}`)
    const ids = Array.from({ length: 20 }, (_, i) => `r${i}`)
    const { config } = at.house.next
    for (const [i, id] of ids.entries()) {
      at.house.next = { config: { ...config, names: i % 2 === 0 ? 'mirror' : 'commands' } }
      await at.house.publish(at.client, 'cmd/bridge/reload', JSON.stringify({ id: `reload-${id}` }))
      await at.house.publish(
        at.client,
        `cmd/device/${lamp}`,
        JSON.stringify({ dp: { bright_value_v2: 50 + i }, id }),
      )
    }
    await until(() => answers().length === 20 && outcomes().length === 20, 20_000, 'every answer')
    expect(answers().every(({ state }) => state === 'confirmed')).toBe(true)
    expect(
      outcomes()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort())
    expect(outcomes().filter(({ state }) => state !== 'confirmed' && state !== 'superseded')).toEqual([])
    expect(outcomes().find(({ id }) => id === 'r19')).toMatchObject({ state: 'confirmed' })
  })
})

describe('users of the broker inside', () => {
  const state = {} as { house: House }
  const user = (name: string, password: string, role = 'controller') => ({
    name,
    role,
    password: new Secret(password),
    passwordFile: null,
    passwordHash: null,
    read: [],
    write: [],
  })
  const login = (name: string, password: string): Promise<MqttClient> =>
    state.house.client({ username: name, password })
  const set = (...users: object[]) => state.house.reload({ broker: { users } } as never)
  const ended = (client: MqttClient) => until(() => !client.connected, 20_000, 'the end of a connection')

  beforeAll(async () => {
    const users = [user('anna', 'a-word', 'administrator'), user('carl', 'c-word'), user('dora', 'd-word')]
    state.house = await (await House.open({ config: { broker: { port: 0, users } } as never })).ready()
  })
  afterAll(() => state.house[Symbol.asyncDispose]())

  it('who stays as he is stays connected; who changed or left is dismissed and comes again as he is now', async () => {
    const [anna, carl, dora] = [
      await login('anna', 'a-word'),
      await login('carl', 'c-word'),
      await login('dora', 'd-word'),
    ]
    expect(
      await set(user('anna', 'a-word', 'administrator'), user('carl', 'other'), user('emil', 'e')),
    ).toMatchObject({ link: ['broker.users'], restart: [] })
    await Promise.all([ended(carl), ended(dora)])
    expect(anna.connected).toBe(true)
    await expect(login('carl', 'c-word')).rejects.toThrow()
    await expect(login('dora', 'd-word')).rejects.toThrow()
    expect((await login('carl', 'other')).connected).toBe(true)
    expect((await login('emil', 'e')).connected).toBe(true)
    expect(state.house.bridge.health.links.mqtt.state).toBe('up')
  })

  it('another role takes effect at once', async () => {
    const emil = await login('emil', 'e')
    await set(user('anna', 'a-word', 'administrator'), user('emil', 'e', 'dashboard'))
    await ended(emil)
    const again = await login('emil', 'e')
    const [granted] = await again.subscribeAsync('tuya/result/#').catch(() => [{ qos: 128 }])
    expect(granted?.qos).toBe(128)
  })

  it('from nobody needed a name to everybody does', async () => {
    await state.house.reload({ broker: { users: null } })
    const anybody = await state.house.client()
    const anna = await login('anna', 'whatever')
    await set(user('anna', 'a-word', 'administrator'))
    await Promise.all([ended(anybody), ended(anna)])
    await expect(state.house.client()).rejects.toThrow()
    expect((await login('anna', 'a-word')).connected).toBe(true)
  })
})

function requests(operation: string): number {
  return at.house.simulator.journal.entries('request', operation).length
}

function allowed(id: string): boolean {
  const catalog = at.house.last('bridge/catalog') as { operations: { id: string; allowed: boolean }[] }
  return catalog.operations.find((operation) => operation.id === id)?.allowed ?? false
}

async function retained(id: string, n: number): Promise<void> {
  const topic = `cmd/device/${lamp}/dp/countdown_${n}`
  await at.house.publish(at.client, topic, id, { retain: true })
  const cleared = () => at.house.on(topic).some(({ payload }) => payload === '')
  if (n === 1) {
    await at.house.quiet()
    expect(cleared()).toBe(false)
    await at.house.publish(at.client, topic, '', { retain: true })
  } else await until(cleared, 20_000, 'the retained command being removed')
}

/** The names of the external actions of all automations are those, and none when the key is another. */
async function actionsAre(...expected: string[]): Promise<void> {
  const { automations } = at.house.bridge.inventory
  const named = () =>
    [...automations.all.keys()].flatMap(
      (id) =>
        (at.house.last(`meta/automation/${id}`) as { external: { actions: string[] } }).external.actions,
    )
  await until(() => named().sort().join() === expected.join(), 20_000, `the actions ${expected.join()}`)
}

async function statusFor(host: string): Promise<number> {
  const { request } = await import('node:http')
  const { port } = new URL(at.house.httpUrl)
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/livez', headers: { host } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })
}
