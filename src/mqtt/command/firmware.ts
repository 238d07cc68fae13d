import { canUpgrade, type FirmwareModule, isUpgrading, leadingModule } from '../../domain/firmware.ts'
import { BridgeError } from '../../util/error.ts'
import { utf8 } from '../../util/json.ts'
import type { Incoming } from '../message.ts'
import { firmwareDocument } from '../payload-firmware.ts'
import type { CommandParts } from './ports.ts'
import type { Prepared } from './prepare.ts'
import { mustBeAllowed, unknownDevice } from './refusal.ts'
import { readOptions } from './request.ts'

type FirmwareParts = Pick<CommandParts, 'house' | 'operations' | 'firmware'>

/** What installs firmware over the cloud. */
const upgrade = 'ota-confirm-upgrade'

/** `check` reads the versions again, `install` upgrades what waits; throws BridgeError for other words. */
export function prepareFirmware(message: Incoming, deviceId: string, parts: FirmwareParts): Prepared {
  const { house, operations, firmware } = parts
  const word = utf8(message.payload)?.trim().toLowerCase()
  if (word !== 'check' && word !== 'install')
    throw new BridgeError('command/bad-value', 'This topic takes check or install.')
  return {
    options: readOptions({}, message.user ?? {}),
    run: async (_leftMs, progress, end) => {
      if (!house.device(deviceId)) throw unknownDevice(deviceId, house)
      if (word === 'check') {
        progress('accepted')
        const modules = await firmware.check(deviceId, end())
        return { state: 'confirmed', by: 'cloud', path: 'cloud', result: firmwareDocument(modules) }
      }
      mustBeAllowed(operations, upgrade)
      const { type } = toInstall(deviceId, await firmware.check(deviceId, end()))
      const call = operations.prepare(upgrade, { device_id: deviceId, module_type: type })
      return call(end(), () => progress('accepted'))
    },
  }
}

/** One module at a time: a device that loses two of its processors at once may not come back. */
function toInstall(deviceId: string, modules: readonly FirmwareModule[]): FirmwareModule {
  const leading = leadingModule(modules)
  if (leading && isUpgrading(leading)) {
    const message = `The firmware of ${deviceId} (${leading.name}) is being upgraded already.`
    throw new BridgeError('command/busy', message, { retry: 'later' })
  }
  if (leading && canUpgrade(leading)) return leading
  const known = modules.map(({ name, current }) => `${name} ${current ?? 'unknown'}`).join(', ')
  throw new BridgeError(
    'command/bad-value',
    `Nothing waits to be installed on ${deviceId}; it has ${known || 'no firmware that the cloud knows'}.`,
  )
}
