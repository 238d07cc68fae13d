import { operation } from '../operation.ts'
import { oneAutomation, oneAutomationSchema, readOneAutomation } from '../shape/automation.ts'

export const automationGet = operation({
  id: 'automation-get',
  group: 'automation',
  class: 'read',
  summary: 'Read one automation',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}',
  params: oneAutomation,
  reply: oneAutomationSchema,
  read: readOneAutomation,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
