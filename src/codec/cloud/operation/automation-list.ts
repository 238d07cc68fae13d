import { operation, path } from '../operation.ts'
import { automationListSchema, readAutomations } from '../shape/automation.ts'

export const automationList = operation({
  id: 'automation-list',
  group: 'automation',
  class: 'read',
  summary: 'List the automations of a home',
  method: 'GET',
  path: '/v1.1/homes/{home_id}/automations',
  params: {
    home_id: path('long'),
  },
  reply: automationListSchema,
  read: readAutomations,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
