import { expect, it } from 'vitest'
import { followUp } from '../../src/app/follow-up.ts'

function followed(id: string, params: Readonly<Record<string, unknown>>): unknown[] {
  const said: unknown[] = []
  followUp({ id }, params, {
    upgrade: (deviceId) => said.push(['upgrade', deviceId]),
    pairing: (gatewayId, seconds) => said.push(['pairing', gatewayId, seconds]),
  })
  return said
}

it.each(['ota-confirm-upgrade', 'ota-update-firmware'])('the upgrade that %s begins is followed', (id) => {
  expect(followed(id, { device_id: 'bf1', module_type: 9 })).toEqual([['upgrade', 'bf1']])
})

it('pairing is watched for as long as it lasts', () => {
  const id = 'gateway-enable-discovery'
  expect(followed(id, { device_id: 'gw', duration: '30' })).toEqual([['pairing', 'gw', 30]])
  expect(followed(id, { device_id: 'gw', duration: 0 })).toEqual([['pairing', 'gw', 0]])
  expect(followed(id, { device_id: 'gw' })).toEqual([['pairing', 'gw', 100]])
})

it('nothing follows on anything else', () => {
  expect(followed('device-rename', { device_id: 'bf1', name: 'x' })).toEqual([])
})
