import { otaConfirmUpgrade } from '../../../codec/cloud/operation/ota-confirm-upgrade.ts'
import { otaUpdateFirmware } from '../../../codec/cloud/operation/ota-update-firmware.ts'
import { otaUpgradeInfos } from '../../../codec/cloud/operation/ota-upgrade-infos.ts'
import { upgradeStatus } from '../../world/firmware.ts'
import { deviceOf, ownDeviceOf } from '../access.ts'
import { illegal } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderModule } from '../render/record.ts'
import { type Calling, serve } from '../serve.ts'

export const firmwareHandlers = [
  serve(otaUpgradeInfos, (calling, { device_id }) => deviceOf(calling, device_id).modules.map(renderModule)),
  serve(otaConfirmUpgrade, (calling, { device_id, module_type }) => upgrade(calling, device_id, module_type)),
  serve(otaUpdateFirmware, (calling, { device_id, module_type }) => upgrade(calling, device_id, module_type)),
]

/** What runs is not started again; what failed is. */
function upgrade(calling: Calling, id: string, type: number): boolean {
  const device = ownDeviceOf(calling, id)
  const module = device.modules.find((each) => each.type === type)
  if (!module) throw illegal()
  if (!device.online) throw new Refusal(2001, 'device is offline')
  switch (module.status) {
    case upgradeStatus.running:
      throw new Refusal(1113, 'the upgrade is running')
    case upgradeStatus.none:
    case upgradeStatus.done:
      throw new Refusal(2003, 'there is nothing to upgrade')
    default:
      calling.world.upgrades.start(device, module, calling.faults.has('upgrade-fails'))
      return true
  }
}
