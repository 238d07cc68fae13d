import { operation } from '../operation.ts'
import { oneScene } from '../shape/scene.ts'
import { done } from '../shape.ts'

export const sceneDisable = operation({
  id: 'scene-disable',
  group: 'scene',
  class: 'control',
  summary: 'Disable a scene',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}/actions/disable',
  params: oneScene,
  ...done,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
