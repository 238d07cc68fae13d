import { body, operation, path, required } from '../operation.ts'
import { bindingDoneSchema, readBindingDone } from '../shape/scene.ts'

export const deviceSceneBind = operation({
  id: 'device-scene-bind',
  group: 'scene-binding',
  class: 'config',
  summary: 'Bind a key of a scene switch to a scene',
  method: 'POST',
  path: '/v1.0/devices/{device_id}/scenes/{scene_id}',
  params: {
    device_id: path('string'),
    scene_id: path('string'),
    code: required(body('string', 'of the key')),
    value: required(body('string', 'of the key that runs the scene')),
  },
  reply: bindingDoneSchema,
  read: readBindingDone,
  repeatable: false,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
