import { operation } from '../operation.ts'
import { oneScene } from '../shape/scene.ts'
import { done } from '../shape.ts'

export const sceneTrigger = operation({
  id: 'scene-trigger',
  group: 'scene',
  class: 'control',
  summary: 'Run a scene',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/scenes/{scene_id}/trigger',
  params: oneScene,
  ...done,
  repeatable: false,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
