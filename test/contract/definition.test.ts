import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAutomation, checkScene } from '../../src/codec/cloud/automation/check.ts'
import { readAutomation, readScene } from '../../src/codec/cloud/automation/read.ts'
import { writeAutomation } from '../../src/codec/cloud/automation/write.ts'
import type { Condition } from '../../src/domain/condition.ts'
import type { Checked } from '../../src/domain/definition.ts'
import { CloudCaller } from '../support/cloud-caller.ts'
import { context, homeId, unread } from '../support/definition.ts'
import { automations, scenes } from '../support/definition-arbitrary.ts'
import { definitionWorld } from '../support/definition-world.ts'

/** What was checked here is taken there: the two know the platform's rules from the same page and share no code. */

const automationPath = `/v1.0/homes/${homeId}/automations`

/** Devices that nobody has read cannot be checked, and are not part of the simulated world. */
const checkable = (input: object) => !JSON.stringify(input).includes(unread.id)

/** As it comes out of a message: JSON has no zero below zero. */
const asSent = <T>(input: T): T => JSON.parse(JSON.stringify(input))

function accepted<T>(checked: Checked<T>): Extract<Checked<T>, { ok: true }> {
  if (!checked.ok) throw new Error(checked.faults[0]?.message)
  return checked
}

const withoutId = (condition: Condition) =>
  condition.kind === 'external' ? { ...condition, id: null } : condition

describe('the platform', () => {
  it('takes every automation that was checked, and gives it back as it was meant', async () => {
    const caller = new CloudCaller({ world: definitionWorld() })
    await fc.assert(
      fc.asyncProperty(automations.filter(checkable).map(asSent), async (input) => {
        const { body, definition } = accepted(checkAutomation(input, context))
        const id = await caller.result('POST', automationPath, { body })
        const path = `${automationPath}/${id}`
        const read = readAutomation(await caller.result('GET', path))
        expect({ ...read, conditions: read.conditions.map(withoutId) }).toEqual(definition)
        // Sent back, its external conditions keep the ids that they were given.
        await caller.result('PUT', path, { body: writeAutomation(read) })
        expect(readAutomation(await caller.result('GET', path))).toEqual(read)
        await caller.result('DELETE', path)
        await caller.clock.advance(1_000)
      }),
      { numRuns: 100 },
    )
  })

  it('takes every scene that was checked, and gives it back as it was meant', async () => {
    const caller = new CloudCaller({ world: definitionWorld() })
    const path = `/v1.0/homes/${homeId}/scenes`
    await fc.assert(
      fc.asyncProperty(scenes.filter(checkable).map(asSent), async (input) => {
        const { body, definition } = accepted(checkScene(input, context))
        const id = await caller.result('POST', path, { body })
        const list = (await caller.result('GET', `/v1.1/homes/${homeId}/scenes`)) as { scene_id: string }[]
        expect(readScene(list.find(({ scene_id }) => scene_id === id))).toEqual(definition)
        await caller.result('DELETE', `${path}/${id}`)
        await caller.clock.advance(1_000)
      }),
      { numRuns: 60 },
    )
  })
})
