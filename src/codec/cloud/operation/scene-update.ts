import { operation, path } from '../operation.ts'
import { sceneBody } from '../shape/scene.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const sceneUpdate = operation({
  id: 'scene-update',
  group: 'scene',
  class: 'config',
  summary: 'Replace a scene',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}',
  params: {
    home_id: path('long'),
    scene_id: path('string'),
    ...sceneBody,
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
