import { operation } from '../operation.ts'
import { oneScene } from '../shape/scene.ts'
import { done } from '../shape.ts'

export const sceneDelete = operation({
  id: 'scene-delete',
  group: 'scene',
  class: 'destructive',
  summary: 'Delete a scene',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}',
  params: oneScene,
  ...done,
  repeatable: false,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
