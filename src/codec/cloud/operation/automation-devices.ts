import { operation, path, query } from '../operation.ts'
import { linkDevicesSchema, readLinkDevices } from '../shape/scene.ts'

export const automationDevices = operation({
  id: 'automation-devices',
  group: 'automation',
  class: 'read',
  summary: 'List the devices that automations can use',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/automation/devices',
  params: {
    home_id: path('long'),
    type: query('string', 'all when absent', { choices: ['condition', 'action'] }),
  },
  reply: linkDevicesSchema,
  read: readLinkDevices,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
