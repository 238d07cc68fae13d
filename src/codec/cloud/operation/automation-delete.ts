import { operation, path } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const automationDelete = operation({
  id: 'automation-delete',
  group: 'automation',
  class: 'destructive',
  summary: 'Delete an automation',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}/automations/{automation_id}',
  params: {
    home_id: path('long'),
    automation_id: path('string'),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: false,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
