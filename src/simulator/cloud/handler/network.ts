import { gatewayEnableDiscovery } from '../../../codec/cloud/operation/gateway-enable-discovery.ts'
import { gatewayListSub } from '../../../codec/cloud/operation/gateway-list-sub.ts'
import { pairingTokenCreate } from '../../../codec/cloud/operation/pairing-token-create.ts'
import { pairingTokenDevices } from '../../../codec/cloud/operation/pairing-token-devices.ts'
import { isTimeZone } from '../../../domain/schedule.ts'
import { isGateway } from '../../world/device.ts'
import { deviceOf, listed, ownDeviceOf, ownHomeOf, userOf } from '../access.ts'
import { illegal } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderSubDevice } from '../render/device.ts'
import { serve } from '../serve.ts'

const usualSearchSeconds = 100
const longestSearchSeconds = 3_600

/** Devices join: through a gateway, or with a token. */
export const networkHandlers = [
  serve(gatewayListSub, (calling, { device_id, discovery_time = 0 }) =>
    listed(calling, calling.world.subDevicesOf(deviceOf(calling, device_id).id))
      .filter(({ createdMs }) => createdMs / 1000 >= discovery_time)
      .map(renderSubDevice),
  ),
  serve(gatewayEnableDiscovery, (calling, { device_id, duration = usualSearchSeconds }) => {
    const gateway = ownDeviceOf(calling, device_id)
    const { pairing } = calling.world
    if (!isGateway(gateway)) throw new Refusal(2009, 'device not support')
    if (!gateway.online) throw new Refusal(2001, 'device is offline')
    if (duration < 0 || duration > longestSearchSeconds) throw illegal()
    if (duration === 0) pairing.endSearch(gateway.id)
    else pairing.search(gateway, duration * 1000)
    return true
  }),
  serve(pairingTokenCreate, (calling, { uid, time_zone_id, home_id, extension = {} }) => {
    const { world } = calling
    userOf(calling, uid)
    if (!isTimeZone(time_zone_id)) throw illegal()
    const home =
      home_id === undefined
        ? [...world.homes.values()].find(({ owner }) => owner === uid)
        : ownHomeOf(calling, home_id)
    if (!home) throw new Refusal(2501, 'home not exist')
    const { token, secret, lifeSeconds } = world.pairing.open(uid, home.id)
    return { region: 'EU', token, secret, expire_time: lifeSeconds, extension }
  }),
  serve(pairingTokenDevices, ({ world }, { token: text }) => {
    const token = world.pairing.token(text)
    if (!token || !world.pairing.lives(token)) throw new Refusal(2007, 'token expired')
    return {
      successDevices: token.joined.map((device) => ({ ...renderSubDevice(device), uuid: device.uuid })),
      errorDevices: token.failed.map(({ id, name, code }) => ({ device_id: id, name, code, msg: code })),
    }
  }),
]
