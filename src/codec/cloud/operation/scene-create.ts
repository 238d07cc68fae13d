import { operation, path } from '../operation.ts'
import { sceneBody } from '../shape/scene.ts'
import { newId } from '../shape.ts'

export const sceneCreate = operation({
  id: 'scene-create',
  group: 'scene',
  class: 'config',
  summary: 'Make a scene',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/scenes',
  params: {
    home_id: path('long'),
    ...sceneBody,
  },
  ...newId,
  repeatable: false,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
