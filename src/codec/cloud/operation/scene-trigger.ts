import { operation, path } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const sceneTrigger = operation({
  id: 'scene-trigger',
  group: 'scene',
  class: 'control',
  summary: 'Run a scene',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}/trigger',
  params: {
    home_id: path('long'),
    scene_id: path('string'),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: false,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
