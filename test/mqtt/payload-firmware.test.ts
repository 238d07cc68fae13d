import { expect, it } from 'vitest'
import { firmwareState } from '../../src/mqtt/payload-firmware.ts'
import { firmwareModule } from '../support/firmware.ts'

const parsed = (...modules: Parameters<typeof firmwareState>[0]) => JSON.parse(firmwareState(modules).text)

it('9: the versions are those of the module that could be upgraded', () => {
  const wifi = firmwareModule(0, { name: 'Wi-Fi' })
  const mcu = firmwareModule(9, {
    name: 'MCU',
    current: '1.2.0',
    latest: '1.3.0',
    status: 'ready',
    notes: 'x',
  })
  expect(parsed(wifi, mcu)).toEqual({
    installed_version: '1.2.0',
    latest_version: '1.3.0',
    in_progress: false,
    update_percentage: null,
    title: 'MCU',
    modules: [
      { type: 0, name: 'Wi-Fi', current: '1.0.0', latest: '1.0.0', status: 'none' },
      { type: 9, name: 'MCU', current: '1.2.0', latest: '1.3.0', status: 'ready' },
    ],
  })
})

it('9: an upgrade that runs is in progress', () => {
  expect(parsed(firmwareModule(0, { status: 'running' }))).toMatchObject({ in_progress: true })
})

it('9: a device without firmware of its own has no version', () => {
  expect(parsed()).toMatchObject({ installed_version: null, latest_version: null, title: null, modules: [] })
})
