import { operation, path } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const sceneEnable = operation({
  id: 'scene-enable',
  group: 'scene',
  class: 'control',
  summary: 'Enable a scene',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}/actions/enable',
  params: {
    home_id: path('long'),
    scene_id: path('string'),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
