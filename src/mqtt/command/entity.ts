import { writeEntity } from '../../domain/ability/composite.ts'
import { entitiesOf } from '../../domain/ability.ts'
import { BridgeError } from '../../util/error.ts'
import type { Asked, Target } from './write.ts'

/** What a command to an entity, or a part of it, asks of the data points. Throws BridgeError. */
export function askEntity(target: Target, key: string, part: string, payload: string): readonly Asked[] {
  const { device, specification, state } = target
  const entities = entitiesOf(device.category, specification)
  const entity = entities.find((one) => one.key === key)
  if (!entity) {
    throw new BridgeError('command/unknown-entity', `The device has no entity "${key.slice(0, 64)}".`, {
      details: entities.map((one) => ({ entity: one.key })),
    })
  }
  const written = writeEntity(entity, part, payload, (code) => state.get(code)?.value)
  if ('fault' in written)
    throw new BridgeError('command/bad-value', written.fault, { details: [{ entity: key, part }] })
  return Object.entries(written.values).map(([code, value]) => ({ code, as: 'shown', value }))
}
