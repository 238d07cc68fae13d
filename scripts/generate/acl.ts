import { mosquittoAcl } from '../../src/mqtt/rights.ts'

export function aclExample(): string {
  return mosquittoAcl({ base: 'tuya' })
}
