import type { ConfiguredDevice } from '../../src/app/lan-import.ts'

/** A device of the configuration of which nothing is said but its id. */
export function configuredDevice(id: string, more: Partial<ConfiguredDevice> = {}): ConfiguredDevice {
  return {
    id,
    name: null,
    localKey: null,
    address: null,
    port: 6668,
    version: null,
    cid: null,
    gatewayId: null,
    category: null,
    points: [],
    ...more,
  }
}
