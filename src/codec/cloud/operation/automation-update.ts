import { operation } from '../operation.ts'
import { automationBody, oneAutomation } from '../shape/automation.ts'
import { done } from '../shape.ts'

/** Whether it is enabled stays as it is. */
export const automationUpdate = operation({
  id: 'automation-update',
  group: 'automation',
  class: 'config',
  summary: 'Replace an automation',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}',
  params: {
    ...oneAutomation,
    ...automationBody,
  },
  ...done,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
