import { operation, path } from '../operation.ts'
import { automationBody } from '../shape/automation.ts'
import { newId } from '../shape.ts'

export const automationCreate = operation({
  id: 'automation-create',
  group: 'automation',
  class: 'config',
  summary: 'Make an automation',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/automations',
  params: {
    home_id: path('long'),
    ...automationBody,
  },
  ...newId,
  repeatable: false,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
