import { body, operation, required, rootBody } from '../operation.ts'
import { oneAutomation } from '../shape/automation.ts'
import { firedCondition } from '../shape/body.ts'
import { done } from '../shape.ts'

/** True means accepted, also when nothing ran. The stored condition decides by its own operator. */
export const automationExternalTrigger = operation({
  id: 'automation-external-trigger',
  group: 'automation',
  class: 'control',
  summary: 'Tell an automation that external conditions hold',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}/conditions/trigger',
  params: {
    ...oneAutomation,
    [rootBody]: required(
      body('array<object>', '[{entity_id, display: {code, value}}]', { made: firedCondition, least: 1 }),
    ),
  },
  ...done,
  repeatable: false,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
