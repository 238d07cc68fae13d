import { describe, expect, it } from 'vitest'
import { referencesTo } from '../../src/app/references.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { deviceOf, homeOf } from '../support/device.ts'
import { specification } from '../support/mirrored.ts'
import { automationOf, sceneOf } from '../support/rule.ts'

function house(): Inventory {
  const inventory = new Inventory({ codec: valueCodec, now: () => 0 })
  inventory.setHome(homeOf('h1'))
  inventory.setDevices([
    deviceOf('lamp', { name: 'Lamp' }),
    deviceOf('door', { name: 'Door', category: 'ms' }),
  ])
  inventory.setSpecification('lamp', specification(['bright']))
  inventory.scenes.set([sceneOf('s1', { name: 'Dinner' })])
  inventory.automations.set([automationOf('a1', { name: 'Bedtime' })])
  return inventory
}

describe('what scenes and automations may speak of', () => {
  it('devices with their specification, where it is known', () => {
    const references = referencesTo(house(), [])
    expect(references.device('lamp')).toMatchObject({ id: 'lamp', name: 'Lamp', homeId: 'h1' })
    expect([...(references.device('lamp')?.specification?.points.keys() ?? [])]).toEqual(['bright'])
    expect(references.device('door')?.specification).toBeUndefined()
    expect(references.device('nobody')).toBeUndefined()
  })

  it('scenes and automations', () => {
    const references = referencesTo(house(), [])
    expect(references.scene('s1')).toMatchObject({ id: 's1', name: 'Dinner', homeId: 'h1' })
    expect(references.automation('a1')).toMatchObject({ id: 'a1', name: 'Bedtime', homeId: 'h1' })
    expect([references.scene('a1'), references.automation('s1')]).toEqual([undefined, undefined])
  })

  it('locks are watched only, unless their class is allowed', () => {
    const locked = (allow: string[]) => {
      const references = referencesTo(house(), allow)
      return ['lamp', 'door'].map((id) => references.device(id)?.locked)
    }
    expect(locked([])).toEqual([false, true])
    expect(locked(['config', 'destructive'])).toEqual([false, true])
    expect(locked(['lock'])).toEqual([false, false])
  })

  it('all of a kind are there to be proposed', () => {
    const references = referencesTo(house(), [])
    const names = (kind: 'device' | 'scene' | 'automation') => references.all(kind).map(({ name }) => name)
    expect([names('device'), names('scene'), names('automation')]).toEqual([
      ['Lamp', 'Door'],
      ['Dinner'],
      ['Bedtime'],
    ])
  })

  it('what comes and goes is seen at once', () => {
    const inventory = house()
    const references = referencesTo(inventory, [])
    inventory.scenes.remove('s1')
    inventory.removeDevice('lamp')
    expect([references.scene('s1'), references.device('lamp')]).toEqual([undefined, undefined])
  })
})
