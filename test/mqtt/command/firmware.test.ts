import { describe, expect, it } from 'vitest'
import type { FirmwareModule } from '../../../src/domain/firmware.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { CommandDesk } from '../../support/command-desk.ts'
import { firmwareModule } from '../../support/firmware.ts'

const ready = firmwareModule(9, { name: 'MCU', status: 'ready', latest: '2.0.0' })

/** A desk whose one device has these modules, and what the cloud was asked. */
function bench(
  modules: readonly FirmwareModule[],
  { allowed = true, trouble }: { allowed?: boolean; trouble?: Error } = {},
) {
  const calls: unknown[] = []
  const desk = new CommandDesk({
    firmware: {
      check: async (deviceId) => {
        calls.push(['check', deviceId])
        if (trouble) throw trouble
        return modules
      },
    },
    operations: {
      describe: () => ({ class: 'firmware', allowed, private: false }),
      prepare: (id, params) => async (_signal, accepted) => {
        accepted?.()
        calls.push([id, params])
        return { state: 'confirmed', by: 'cloud', path: 'cloud', result: true }
      },
    },
  })
  return { desk, calls }
}

describe('9: check', () => {
  it('reads the versions and answers with the document of the topic', async () => {
    const { desk, calls } = bench([ready])
    expect(await desk.ask('device/bf1/ota', 'check')).toMatchObject({
      target: 'device/bf1',
      state: 'confirmed',
      by: 'cloud',
      result: { installed_version: '1.0.0', latest_version: '2.0.0', title: 'MCU' },
    })
    expect(calls).toEqual([['check', 'bf1']])
  })

  it('is allowed where upgrades are not, and works by name', async () => {
    const { desk } = bench([ready], { allowed: false })
    expect(await desk.ask('named/device/bf1/ota', ' Check ')).toMatchObject({
      target: 'device/bf1',
      state: 'confirmed',
    })
  })

  it('says what the cloud said', async () => {
    const { desk } = bench([], { trouble: new BridgeError('cloud/unsupported', 'This device cannot.') })
    expect(await desk.ask('device/bf1/ota', 'check')).toMatchObject({
      state: 'failed',
      reason: 'cloud/unsupported',
    })
  })
})

describe('9: install', () => {
  it('upgrades the module that waits', async () => {
    const { desk, calls } = bench([firmwareModule(0), ready])
    expect(await desk.ask('device/bf1/ota', 'install')).toMatchObject({ state: 'confirmed', by: 'cloud' })
    expect(calls.at(-1)).toEqual(['ota-confirm-upgrade', { device_id: 'bf1', module_type: 9 }])
  })

  it('is off until the owner allows it, and says where', async () => {
    const { desk, calls } = bench([ready], { allowed: false })
    const answer = await desk.ask('device/bf1/ota', 'install')
    expect(answer).toMatchObject({ state: 'rejected', reason: 'command/forbidden', retry: 'never' })
    expect(answer['message']).toContain('operations.allow')
    expect(calls).toEqual([])
  })

  it('starts nothing where nothing waits', async () => {
    const { desk, calls } = bench([firmwareModule(0, { name: 'Wi-Fi', current: '1.4.2', latest: '1.4.2' })])
    const answer = await desk.ask('device/bf1/ota', 'install')
    expect(answer).toMatchObject({ state: 'rejected', reason: 'command/bad-value' })
    expect(answer['message']).toContain('Wi-Fi 1.4.2')
    expect(calls).toEqual([['check', 'bf1']])
  })

  it('starts nothing while an upgrade runs', async () => {
    const { desk, calls } = bench([firmwareModule(0, { status: 'running' }), ready])
    expect(await desk.ask('device/bf1/ota', 'install')).toMatchObject({
      state: 'rejected',
      reason: 'command/busy',
      retry: 'later',
    })
    expect(calls).toEqual([['check', 'bf1']])
  })
})

it.each(['check', 'install'])('%s of a device that nobody knows is refused', async (word) => {
  const { desk, calls } = bench([ready])
  expect(await desk.ask('device/bf2/ota', word)).toMatchObject({
    reason: 'command/unknown-device',
    details: [{ device: 'bf1' }],
  })
  expect(calls).toEqual([])
})

it.each(['1', 'update', '{}', Buffer.from([0xff])])('takes no other word: %s', async (payload) => {
  const { desk, calls } = bench([ready])
  expect(await desk.ask('device/bf1/ota', payload)).toMatchObject({ reason: 'command/bad-value' })
  expect(calls).toEqual([])
})
