import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAutomation, checkScene } from '../../../../src/codec/cloud/automation/check.ts'
import type { Checked } from '../../../../src/domain/definition.ts'
import { context } from '../../../support/definition.ts'
import { automations, scenes, spoiled } from '../../../support/definition-arbitrary.ts'

/** Each fault has a place in the text and a whole sentence. */
function explained(checked: Checked<unknown>): boolean {
  if (checked.ok || checked.faults.length === 0) return false
  return checked.faults.every(
    ({ path, message }) => (path === '' || path.startsWith('/')) && /^\S.*[.?]$/su.test(message),
  )
}

describe('what people write', () => {
  it('is accepted when nothing is wrong with it', () => {
    const accepts = (check: typeof checkScene | typeof checkAutomation) => (input: object) => {
      expect(check(input, context)).toMatchObject({ ok: true })
    }
    fc.assert(fc.property(automations, accepts(checkAutomation)), { numRuns: 150 })
    fc.assert(fc.property(scenes, accepts(checkScene)), { numRuns: 100 })
  })

  it('as an automation with one thing wrong is never accepted and always explained', () => {
    fc.assert(
      fc.property(spoiled(automations), (input) => {
        expect(explained(checkAutomation(input, context))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('as a scene with one thing wrong is never accepted and always explained', () => {
    fc.assert(
      fc.property(spoiled(scenes), (input) => {
        expect(explained(checkScene(input, context))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('never makes the check throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(explained(checkAutomation(input, context))).toBe(true)
        expect(explained(checkScene(input, context))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('goes out the same when it was checked before', () => {
    fc.assert(
      fc.property(automations, (input) => {
        const once = checkAutomation(input, context)
        const twice = checkAutomation(once.ok && once.body, context)
        expect(twice).toEqual(once)
      }),
      { numRuns: 100 },
    )
  })
})
