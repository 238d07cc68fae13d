import { operation, path } from '../operation.ts'
import { automationListSchema, readAutomations } from '../shape/automation.ts'

export const automationListV10 = operation({
  id: 'automation-list-v1-0',
  group: 'extra',
  class: 'read',
  summary: 'List the automations of a home, by the older path',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/automations',
  params: {
    home_id: path('long'),
  },
  reply: automationListSchema,
  read: readAutomations,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
