import { operation, path } from '../operation.ts'
import { linkDevicesSchema, readLinkDevices } from '../shape/scene.ts'

export const sceneDevices = operation({
  id: 'scene-devices',
  group: 'scene',
  class: 'read',
  summary: 'List the devices that scenes can use',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/scene/devices',
  params: {
    home_id: path('long'),
  },
  reply: linkDevicesSchema,
  read: readLinkDevices,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
