import { operation } from '../operation.ts'
import { oneAutomation } from '../shape/automation.ts'
import { done } from '../shape.ts'

export const automationDelete = operation({
  id: 'automation-delete',
  group: 'automation',
  class: 'destructive',
  summary: 'Delete an automation',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}',
  params: oneAutomation,
  ...done,
  repeatable: false,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
