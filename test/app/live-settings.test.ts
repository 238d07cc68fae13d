import { expect, it } from 'vitest'
import { commandSettings, mirrorSettings } from '../../src/app/live-settings.ts'
import { Settings } from '../../src/app/settings.ts'
import { testConfig } from '../support/config.ts'

it('what is published and what is obeyed is as the settings have it at each moment', async () => {
  const settings = new Settings({ config: testConfig() })
  const [mirror, command] = [mirrorSettings(settings.config), commandSettings(settings.config)]
  const before = { mirror: { ...mirror }, command: { ...command } }
  expect(before).toEqual({
    mirror: {
      entities: false,
      scalars: true,
      views: true,
      mirrorNames: false,
      exposeLocation: false,
      members: 'off',
      actionKeys: ['action'],
    },
    command: {
      replyTopics: ['tuya/reply/#'],
      requireTs: false,
      clearRetained: true,
      locksAllowed: false,
      names: true,
    },
  })
  const others = {
    publish: { scalars: false, views: false, entities: true },
    names: 'mirror' as const,
    expose: { location: true },
    members: 'full' as const,
    events: { actionKeys: ['what'] },
    commands: { replyTopics: ['elsewhere/#'], requireTs: true, clearRetained: false },
    operations: { allow: ['lock'] },
  }
  await settings.take({ config: testConfig(others) })
  expect({ ...mirror }).toEqual({
    entities: true,
    scalars: false,
    views: false,
    mirrorNames: true,
    exposeLocation: true,
    members: 'full',
    actionKeys: ['what'],
  })
  expect({ ...command }).toEqual({
    replyTopics: ['elsewhere/#'],
    requireTs: true,
    clearRetained: false,
    locksAllowed: true,
    names: true,
  })
  await settings.take({ config: testConfig({ names: 'off' }) })
  expect([mirror.mirrorNames, command.names]).toEqual([false, false])
})
