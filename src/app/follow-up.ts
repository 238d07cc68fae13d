import type { AnyArguments, AnyOperation } from '../codec/cloud/operation.ts'

/** What is watched after something was begun that takes its time. */
export interface FollowUps {
  /** An upgrade of the firmware was taken by the cloud. */
  upgrade(deviceId: string): void
  /** A gateway pairs for so long. */
  pairing(gatewayId: string, seconds: number): void
}

/** The platform's own, where a call tells none. */
const usualPairingSeconds = 100

export function followUp({ id }: Pick<AnyOperation, 'id'>, params: AnyArguments, follow: FollowUps): void {
  const deviceId = String(params['device_id'])
  if (id === 'ota-confirm-upgrade' || id === 'ota-update-firmware') follow.upgrade(deviceId)
  if (id === 'gateway-enable-discovery')
    follow.pairing(deviceId, Number(params['duration'] ?? usualPairingSeconds))
}
