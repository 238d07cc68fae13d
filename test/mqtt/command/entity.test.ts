import { describe, expect, it } from 'vitest'
import { askEntity } from '../../../src/mqtt/command/entity.ts'
import type { BridgeError } from '../../../src/util/error.ts'
import { targetOf } from '../../support/command-desk.ts'
import { modelOf, specificationOf } from '../../support/model.ts'

const { dps, category } = modelOf('lamp_v2')
const lamp = targetOf('lamp', [...specificationOf(dps).points.values()], { switch_led: false }, { category })

function refusal(run: () => unknown): BridgeError {
  try {
    run()
  } catch (thrown) {
    return thrown as BridgeError
  }
  throw new Error('it was accepted')
}

describe('a command to an entity', () => {
  it('asks for shown values of several points together', () => {
    expect(askEntity(lamp, 'light', '', '{"state":"ON","color_temp":2000}')).toEqual([
      { code: 'work_mode', as: 'shown', value: 'white' },
      { code: 'temp_value_v2', as: 'shown', value: 0 },
      { code: 'switch_led', as: 'shown', value: true },
    ])
  })

  it('an entity that the device lacks is unknown, and those that it has are named', () => {
    expect(refusal(() => askEntity(lamp, 'cover', '', 'OPEN'))).toMatchObject({
      code: 'command/unknown-entity',
      details: [{ entity: 'light' }],
    })
  })

  it('what the entity does not take is refused with its reason', () => {
    expect(refusal(() => askEntity(lamp, 'light', '', 'blue'))).toMatchObject({ code: 'command/bad-value' })
    expect(refusal(() => askEntity(lamp, 'light', 'position', '3')).message).toContain('position')
  })
})
