import { describe, expect, it } from 'vitest'
import type { SyncParts } from '../../src/inventory/sync.ts'
import type { BridgeError } from '../../src/util/error.ts'
import { deviceOf, homeOf } from '../support/device.ts'
import { lampModel, sceneSwitchModel } from '../support/fake-directory.ts'
import { automationOf, sceneOf } from '../support/rule.ts'
import { dayMs, hourMs, minuteMs } from '../support/span.ts'
import { forbidden, SyncBench, unavailable } from '../support/sync-bench.ts'

describe('scenes, automations, members and scene keys', () => {
  /** One scene, one automation, a scene switch with a bound key. */
  async function richHome(changes: Partial<SyncParts> = {}): Promise<SyncBench> {
    const bench = new SyncBench({ members: true, ...changes })
    const { directory } = bench
    directory.scenesNow = [sceneOf('s1', { name: 'Dinner' })]
    directory.automationsNow = [automationOf('a1', { name: 'Bedtime' })]
    directory.membersNow = [{ uid: 'u1', name: 'Kim', admin: false }]
    directory.models = { p1: lampModel, keys: sceneSwitchModel }
    directory.devicesNow.push(deviceOf('bfkeys', { product: { id: 'keys', name: 'Scene switch' } }))
    directory.bindingsNow = [{ code: 'switch_mode1', value: 'click', sceneId: 's1', sceneName: 'Dinner' }]
    return bench
  }

  const sceneIds = ({ inventory }: SyncBench) => [...inventory.scenes.all.keys()]
  const automationIds = ({ inventory }: SyncBench) => [...inventory.automations.all.keys()]

  function follow({ inventory }: SyncBench): string[] {
    const told: string[] = []
    inventory.events.on('members', ({ members }) => told.push(`members ${members.map(({ name }) => name)}`))
    inventory.events.on('bindings', ({ deviceId, bindings }) =>
      told.push(`keys ${deviceId} ${bindings.map(({ code, sceneName }) => `${code}=${sceneName}`)}`),
    )
    return told
  }

  it('are read at the start', async () => {
    const bench = await richHome()
    const told = follow(bench)
    await bench.started()
    await bench.clock.advance(5_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    expect(told).toEqual(['members Kim', 'keys bfkeys switch_mode1=Dinner'])
    expect(bench.listed.slice(-2)).toEqual([
      { kind: 'scene', ids: ['s1'] },
      { kind: 'automation', ids: ['a1'] },
    ])
    expect(bench.reads).toBe(1)
  })

  it('keys are asked for where a device has some, once, also when its specification comes late', async () => {
    const bench = await richHome()
    bench.directory.trouble = (call) =>
      call.startsWith('model')
        ? new Promise((resolve) => bench.clock.after(10_000, () => resolve(0)))
        : undefined
    await bench.started()
    expect(bench.directory.count('bindings')).toBe(0)
    await bench.clock.advance(minuteMs)
    expect(bench.directory.calls.filter((call) => call.startsWith('bindings'))).toEqual(['bindings bfkeys'])
  })

  it('members are not asked for unless they are wanted', async () => {
    const bench = await (await richHome({ members: false })).started()
    bench.sync.changed({ of: 'members', homeId: 'h1' })
    await bench.clock.advance(7 * hourMs)
    expect(bench.directory.count('members')).toBe(0)
  })

  it('are not polled: between the full readings nobody asks for them (R-C6)', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const calls = await bench.calls(5 * hourMs)
    expect(calls.filter((call) => !call.startsWith('devices'))).toEqual([])
  })

  it('that we changed show within 5 s; many changes are one reading of each list', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const told = follow(bench)
    const { directory, inventory } = bench
    directory.scenesNow = [sceneOf('s1', { name: 'Supper' }), sceneOf('s2')]
    directory.automationsNow = [automationOf('a1', { enabled: false })]
    directory.membersNow = [{ uid: 'u1', name: 'Kim', admin: true }]
    directory.bindingsNow = []
    const before = directory.calls.length
    for (let i = 0; i < 10; i++) {
      bench.sync.changed({ of: 'scenes', homeId: 'h1' }, { of: 'automations', homeId: 'h1' })
      bench.sync.changed({ of: 'members', homeId: 'h1' }, { of: 'bindings', deviceId: 'bfkeys' })
    }
    await bench.clock.advance(5_000)
    expect([inventory.scenes.get('s1')?.name, sceneIds(bench)]).toEqual(['Supper', ['s1', 's2']])
    expect(inventory.automations.get('a1')?.enabled).toBe(false)
    expect(told).toEqual(['members Kim', 'keys bfkeys '])
    expect(directory.calls.slice(before)).toEqual([
      'scenes h1',
      'automations h1',
      'members h1',
      'bindings bfkeys',
    ])
  })

  it('a home that we made shows within 5 s with all that is in it', async () => {
    const bench = await (await richHome()).started()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.scenesNow.push(sceneOf('s2', { homeId: 'h2' }))
    bench.sync.changed({ of: 'homes' })
    await bench.clock.advance(5_000)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1', 'h2'])
    expect(sceneIds(bench)).toEqual(['s1', 's2'])
  })

  it('what there is no more is not asked for', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.sync.changed({ of: 'scenes', homeId: 'h9' }, { of: 'bindings', deviceId: 'bf9' })
    expect((await bench.calls(5_000)).filter((call) => !call.startsWith('devices'))).toEqual([])
  })

  it('that somebody else deleted go after two lists a minute apart, the last one too', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = []
    bench.directory.automationsNow = []
    await bench.sync.resync({ kind: 'all' })
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    await bench.clock.advance(59_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    await bench.clock.advance(3_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([[], []])
  })

  it('the second list follows soon after a change of ours too, however rare polling is', async () => {
    const bench = await (await richHome({ leastPollMs: 2 * hourMs })).started()
    await bench.clock.advance(10 * minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    expect(sceneIds(bench)).toEqual(['s1'])
    await bench.clock.advance(minuteMs)
    expect(sceneIds(bench)).toEqual([])
  })

  it('that come back meanwhile stay', async () => {
    const bench = await (await richHome()).started()
    const { scenesNow } = bench.directory
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    bench.directory.scenesNow = scenesNow
    await bench.clock.advance(10 * minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    expect(sceneIds(bench)).toEqual(['s1'])
  })

  it('another list that an earlier run’s leftovers wait for comes after a minute', async () => {
    let pending = true
    const bench = await new SyncBench({ onListed: (kind) => kind === 'scene' && pending }).started()
    pending = false
    expect((await bench.calls(62_000)).filter((call) => call === 'scenes h1')).toHaveLength(1)
    expect((await bench.calls(hourMs)).filter((call) => call === 'scenes h1')).toHaveLength(0)
  })

  it('lists that are refused are told once, do not hold up the rest, and are asked for again only with everything', async () => {
    const bench = await richHome()
    const refused = ['scenes h1', 'automations h1', 'members h1', 'bindings bfkeys']
    bench.directory.trouble = (call) => (refused.includes(call) ? forbidden : undefined)
    await bench.started()
    await bench.clock.advance(5_000)
    expect(bench.sync.ready).toBe(true)
    expect(bench.reads).toBe(1)
    expect(bench.errors.sort()).toEqual([
      'reading the automations of home h1: cloud/permission',
      'reading the members of home h1: cloud/permission',
      'reading the scene keys of bfkeys: cloud/permission',
      'reading the scenes of home h1: cloud/permission',
    ])
    const calls = await bench.calls(13 * hourMs)
    expect(calls.filter((call) => refused.includes(call))).toHaveLength(2 * refused.length)
    expect(calls.filter((call) => call === 'homes')).toHaveLength(2)
    expect(bench.errors).toHaveLength(4)
  })

  it('a list that is refused proves nothing: what is known stays, and nobody is told a list', async () => {
    const bench = await (await richHome()).started()
    bench.directory.trouble = (call) => (call === 'scenes h1' ? forbidden : undefined)
    bench.listed.length = 0
    await bench.clock.advance(dayMs)
    expect(sceneIds(bench)).toEqual(['s1'])
    expect(bench.listed.filter(({ kind }) => kind === 'scene')).toEqual([])
    expect(bench.listed.filter(({ kind }) => kind === 'automation').length).toBeGreaterThan(2)
  })

  it('a reading after a change that is refused is told once, and again when it had worked in between', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const change = async (trouble: BridgeError | undefined) => {
      bench.directory.trouble = (call) => (call === 'scenes h1' ? trouble : undefined)
      bench.sync.changed({ of: 'scenes', homeId: 'h1' })
      await bench.clock.advance(5_000)
    }
    for (const trouble of [forbidden, forbidden, undefined, forbidden]) await change(trouble)
    expect(bench.errors).toEqual([
      'reading the scenes again: cloud/permission',
      'reading the scenes again: cloud/permission',
    ])
  })

  it('trouble on the way is tried again until the change shows', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = [sceneOf('s2')]
    bench.directory.trouble = (call) => (call === 'scenes h1' ? unavailable : undefined)
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5 * minuteMs)
    expect(sceneIds(bench)).toEqual(['s1'])
    expect(bench.errors).toEqual(['reading what was changed: cloud/unavailable'])
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(sceneIds(bench)).toContain('s2')
  })

  it('nothing is read after the stop, whatever was changed before and after', async () => {
    const bench = await (await richHome()).started()
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.sync.stop()
    bench.sync.changed({ of: 'automations', homeId: 'h1' })
    expect(await bench.calls(dayMs)).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })
})
