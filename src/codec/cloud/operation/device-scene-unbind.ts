import { body, operation, path, required } from '../operation.ts'
import { bindingDoneSchema, readBindingDone } from '../shape/scene.ts'

/** One of the two operations that send a body with DELETE. */
export const deviceSceneUnbind = operation({
  id: 'device-scene-unbind',
  group: 'scene-binding',
  class: 'config',
  summary: 'Free a key of a scene switch',
  method: 'DELETE',
  path: '/v1.0/devices/{device_id}/scenes/{scene_id}',
  params: {
    device_id: path('string'),
    scene_id: path('string'),
    code: required(body('string', 'of the key')),
  },
  reply: bindingDoneSchema,
  read: readBindingDone,
  repeatable: false,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
