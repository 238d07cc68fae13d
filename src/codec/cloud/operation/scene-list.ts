import { operation, path } from '../operation.ts'
import { readScenes, sceneListSchema } from '../shape/scene.ts'

export const sceneList = operation({
  id: 'scene-list',
  group: 'scene',
  class: 'read',
  summary: 'List the scenes of a home',
  method: 'GET',
  path: '/v1.1/homes/{home_id}/scenes',
  params: {
    home_id: path('long'),
  },
  reply: sceneListSchema,
  read: readScenes,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
