import { lanVersions } from '../../src/codec/lan/version.ts'
import { type DeviceEntry, demoWorld, type LanEntry, type WorldFile } from '../../src/simulator/world-file.ts'

const home = '3182004'
const lamp = (id: string, lan: LanEntry): DeviceEntry => ({ id, name: id, model: 'lamp_v2', home, lan })

/** A lamp of every version, gateways of two with somebody behind them, and whatever is special. */
export function lanWorld(): WorldFile {
  const children = (gateway: string): DeviceEntry[] => [
    {
      id: gateway,
      name: gateway,
      model: 'gateway',
      home,
      lan: { version: gateway.endsWith('35') ? '3.5' : '3.4' },
    },
    { id: `${gateway}-a`, name: 'A', model: 'dimmer', home, gateway, uuid: `${gateway}cid0000a` },
    {
      id: `${gateway}-b`,
      name: 'B',
      model: 'dimmer',
      home,
      gateway,
      uuid: `${gateway}cid0000b`,
      online: false,
    },
  ]
  const devices = [
    ...lanVersions.map((version) => lamp(`lamp-${version.replace('.', '')}`, { version })),
    lamp('strict-34', { version: '3.4', strict: true }),
    lamp('strict-35', { version: '3.5', strict: true }),
    lamp('null-33', { version: '3.3', nullDpsOnly: true }),
    lamp('null-34', { version: '3.4', nullDpsOnly: true }),
    { id: 'null-switch', name: 'Switch', model: 'switch', home, lan: { version: '3.3', nullDpsOnly: true } },
    lamp('push-first-34', { version: '3.4', pushFirst: true }),
    lamp('zero-35', { version: '3.5', retcode: 'zero' }),
    lamp('silent-35', { version: '3.5', silent: true }),
    { id: 'meter-34', name: 'Meter', model: 'plug', home, lan: { version: '3.4', metering: [18, 19, 20] } },
    ...children('gw34'),
    ...children('gw35'),
  ] satisfies DeviceEntry[]
  const world = demoWorld()
  const homes = world.homes.map((each) => ({ ...each, scenes: [], automations: [] }))
  return { ...world, homes, devices, pairable: [] }
}
