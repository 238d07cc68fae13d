import { operation } from '../operation.ts'
import { oneScene, sceneBody } from '../shape/scene.ts'
import { done } from '../shape.ts'

export const sceneUpdate = operation({
  id: 'scene-update',
  group: 'scene',
  class: 'config',
  summary: 'Replace a scene',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}',
  params: {
    ...oneScene,
    ...sceneBody,
  },
  ...done,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
