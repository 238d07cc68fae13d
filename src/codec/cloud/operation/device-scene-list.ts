import { operation, path } from '../operation.ts'
import { bindingsSchema, readBindings } from '../shape/scene.ts'

export const deviceSceneList = operation({
  id: 'device-scene-list',
  group: 'scene-binding',
  class: 'read',
  summary: 'List the scenes that are bound to a scene switch',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/scenes',
  params: {
    device_id: path('string'),
  },
  reply: bindingsSchema,
  read: readBindings,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
