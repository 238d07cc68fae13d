import { operation } from '../operation.ts'
import { oneScene } from '../shape/scene.ts'
import { done } from '../shape.ts'

export const sceneEnable = operation({
  id: 'scene-enable',
  group: 'scene',
  class: 'control',
  summary: 'Enable a scene',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}/actions/enable',
  params: oneScene,
  ...done,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
