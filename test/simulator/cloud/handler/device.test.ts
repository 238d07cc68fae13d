import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('devices', () => {
  it('are renamed; without a name they have their product’s', async () => {
    const desk = new SimulatorDesk()
    await desk.get('device-rename', { device_id: demo.lamp, name: 'Reading lamp' })
    expect(await desk.get('device-get', { device_id: demo.lamp })).toMatchObject({ name: 'Reading lamp' })
    await desk.get('device-rename', { device_id: demo.lamp, name: '' })
    const { name, product_name } = await desk.get<{ name: string; product_name: string }>('device-get', {
      device_id: demo.lamp,
    })
    expect(name).toBe(product_name)
    expect(desk.told('nameUpdate')).toHaveLength(2)
  })

  it.each(['device-delete', 'device-reset-factory'])(
    'are unlinked by %s, a gateway with all behind it',
    async (id) => {
      const desk = new SimulatorDesk()
      expect(await desk.get(id, { device_id: demo.gateway })).toBe(true)
      expect(desk.told('delete').map((body) => body['devId'])).toEqual([
        demo.motion,
        demo.button,
        demo.gateway,
      ])
      expect(await desk.refused('device-get', { device_id: demo.motion })).toBe(1106)
      expect(await desk.refused(id, { device_id: demo.gateway })).toBe(1106)
    },
  )

  it('come from a factory: an address with colons, for Zigbee its own id, and no serial number', async () => {
    const desk = new SimulatorDesk()
    const [lamp, motion] = await desk.get<{ mac: string; uuid: string; sn?: string }[]>(
      'device-factory-infos',
      {
        device_ids: `${demo.lamp},${demo.motion}`,
      },
    )
    expect(lamp?.mac).toMatch(/^5c:cf:7f(:[0-9a-f]{2}){3}$/)
    expect(motion?.mac).toBe(motion?.uuid)
    expect(lamp).not.toHaveProperty('sn')
  })
})

describe('names of channels', () => {
  const names = (desk: SimulatorDesk) => desk.get('device-multiple-names', { device_id: demo.ceiling })

  it('are those that people gave, else the code; main is the device', async () => {
    const desk = new SimulatorDesk()
    expect(await names(desk)).toEqual([
      { identifier: 'main', name: 'Ceiling switch' },
      { identifier: 'switch_1', name: 'Dining table' },
      { identifier: 'switch_2', name: 'Reading corner' },
    ])
  })

  it('are set for a channel or for the device, and told', async () => {
    const desk = new SimulatorDesk()
    const set = (identifier: string, name: string) =>
      desk.refused('device-multiple-name-set', { device_id: demo.ceiling, identifier, name })
    expect(await set('switch_2', 'Sofa')).toBeUndefined()
    expect(await set('main', 'Ceiling')).toBeUndefined()
    expect(await set('relay_status', 'x')).toBe(1109)
    expect(await names(desk)).toMatchObject([{ name: 'Ceiling' }, {}, { name: 'Sofa' }])
    expect(desk.told('dpNameUpdate')).toMatchObject([{ bizData: { dpId: '2', name: 'Sofa' } }])
    expect(desk.told('nameUpdate')).toMatchObject([{ bizData: { name: 'Ceiling' } }])
  })

  it('of any function may be changed, and show in the shadow', async () => {
    const desk = new SimulatorDesk()
    const rename = (function_code: string) =>
      desk.refused('device-function-rename', { device_id: demo.plug, function_code, name: 'Lock' })
    expect(await rename('child_lock')).toBeUndefined()
    expect(await rename('cur_power')).toBe(2003)
    expect(await rename('nothing')).toBe(2003)
    expect(await desk.get('thing-properties', { device_id: demo.plug, codes: 'child_lock' })).toMatchObject({
      properties: [{ custom_name: 'Lock' }],
    })
  })
})
