import { beforeEach, expect, it } from 'vitest'
import type { Config } from '../../src/app/config-types.ts'
import { followSettings } from '../../src/app/follow-settings.ts'
import { Settings } from '../../src/app/settings.ts'
import { Secret } from '../../src/util/secret.ts'
import { changed, testConfig } from '../support/config.ts'

type Changes = Parameters<typeof changed>[1]

const hub = { queue: { channel: 'openhub' } } as const
let did: string[]

beforeEach(() => {
  did = []
})

/** What is nudged when the settings change so. */
async function after(changes: object, first: Changes = { queue: { channel: 'pulsar' } }): Promise<string[]> {
  const config: Config = testConfig({
    tuya: {
      region: 'eu',
      endpoint: null,
      accessId: 'a',
      accessSecret: new Secret('canary-access-secret-7f3b1d'),
      accessSecretFile: null,
      uid: 'u1',
      homes: [],
      schema: null,
    },
    ...first,
  } as never)
  const settings = new Settings({ config })
  followSettings({
    settings,
    log: {} as never,
    broker: { turn: () => 'same' } as never,
    voice: { mirror: { settingsChanged: () => {} } } as never,
    cloud: { renew: (what: string) => did.push(`cloud ${what}`), replan: () => {} } as never,
    lan: { renew: () => did.push('lan') } as never,
    queue: () => ({ renew: () => did.push('queue') }) as never,
    onOperations: () => {},
  })
  await settings.take({ config: changed(config, changes as Changes) })
  return did
}

it.each<[string, object, Changes | undefined, readonly string[]]>([
  ['another subscription', { queue: { subscription: 'x-sub' } }, undefined, ['queue']],
  ['another environment', { queue: { environment: 'event-test' } }, undefined, ['queue']],
  ['signatures are wanted', { queue: { requireSign: true } }, undefined, ['queue']],
  [
    'another access secret',
    { tuya: { accessSecret: new Secret('canary-other-secret-7f3b1d0') } },
    undefined,
    ['cloud client', 'queue'],
  ],
  ['another user', { tuya: { uid: 'u2' } }, undefined, ['cloud inventory']],
  ['another user, of whom the Open Hub tells', { tuya: { uid: 'u2' } }, hub, ['cloud inventory', 'queue']],
  ['other homes', { tuya: { homes: ['1'] } }, hub, ['cloud inventory']],
  ['other networks of devices', { lan: { subnets: ['10.0.0.0/8'] } }, undefined, ['lan']],
  ['how often may be polled', { poll: { minSeconds: 77 } }, undefined, []],
  ['another channel waits for a start', { queue: { channel: 'off' } }, undefined, []],
])('%s', async (_what, changes, first, nudged) => {
  expect(await after(changes, first)).toEqual(nudged)
})
