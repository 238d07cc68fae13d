import { operation } from '../operation.ts'
import { oneAutomation } from '../shape/automation.ts'
import { done } from '../shape.ts'

export const automationDisable = operation({
  id: 'automation-disable',
  group: 'automation',
  class: 'control',
  summary: 'Disable an automation',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}/actions/disable',
  params: oneAutomation,
  ...done,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
