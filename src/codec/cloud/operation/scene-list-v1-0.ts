import { operation, path } from '../operation.ts'
import { readScenes, sceneListSchema } from '../shape/scene.ts'

export const sceneListV10 = operation({
  id: 'scene-list-v1-0',
  group: 'extra',
  class: 'read',
  summary: 'List the scenes of a home, by the older path',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/scenes',
  params: {
    home_id: path('long'),
  },
  reply: sceneListSchema,
  read: readScenes,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
