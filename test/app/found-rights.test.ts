import { describe, expect, it } from 'vitest'
import type { ConfigFault } from '../../src/app/config-fault.ts'
import { checkTogether } from '../../src/app/config-rules.ts'
import { foundRights, furtherRights } from '../../src/app/further-tree.ts'
import { rightsOf } from '../../src/mqtt/rights.ts'
import { testConfig } from '../support/config.ts'

describe('rights in the trees of Home Assistant and Homie', () => {
  it('controllers find devices there and command them, dashboards only find them', () => {
    const rights = foundRights(testConfig({ publish: { homeassistantPrefix: 'ha', homieDomain: 'house' } }))
    expect(rights.controller).toEqual({
      read: ['ha/#', 'house/#'],
      write: ['ha/status', 'house/5/+/+/+/set', 'house/+/+/+/set'],
    })
    expect(rights.dashboard).toEqual({ read: ['ha/#', 'house/#'], write: [] })
    expect(rightsOf('controller', 'tuya', 'hass', [rights]).write).toContain('house/5/+/+/+/set')
  })

  it('are written into access lists only where one of the trees is on', () => {
    expect(furtherRights(testConfig())).toEqual([])
    expect(furtherRights(testConfig({ publish: { homie5: true } }))).toHaveLength(1)
    expect(furtherRights(testConfig({ publish: { homie4: true } }))).toHaveLength(1)
    expect(furtherRights(testConfig({ publish: { homeassistant: true } }))).toHaveLength(1)
  })
})

describe('discovery for Home Assistant', () => {
  it.each(['scalars', 'views'] as const)('is a fault of the configuration without publish.%s', (missing) => {
    const faults: ConfigFault[] = []
    checkTogether(testConfig({ publish: { homeassistant: true, [missing]: false } }), true, faults)
    expect(faults).toMatchObject([{ path: 'publish.homeassistant' }])
    const none: ConfigFault[] = []
    checkTogether(testConfig({ publish: { homeassistant: true } }), true, none)
    expect(none).toEqual([])
  })
})
