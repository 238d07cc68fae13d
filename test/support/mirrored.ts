import type { DataPoint, DataPointType, Specification } from '../../src/domain/data-point.ts'
import type { Device } from '../../src/domain/device.ts'
import { deviceOf } from './device.ts'
import { point } from './point.ts'

/** A device of which little is known, with what the test wants said of it. */
export function device(id: string, changes: Partial<Device> = {}): Device {
  return deviceOf(id, { name: id, product: { id: 'product', name: 'Product' }, homeId: '1', ...changes })
}

/** A specification of points of one type, or of the points themselves. */
export function specification(
  points: readonly (string | DataPoint)[],
  type: DataPointType = 'integer',
): Specification {
  const all = points.map((one) => (typeof one === 'string' ? point(type, { code: one }) : one))
  return { source: 'cloud', points: new Map(all.map((one) => [one.code, one])) }
}
