import { operation } from '../operation.ts'
import { roomDevices } from '../shape/body.ts'
import { done } from '../shape.ts'

export const roomDevicesAdd = operation({
  id: 'room-devices-add',
  group: 'room',
  class: 'config',
  summary: 'Put devices into a room',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}/devices',
  params: roomDevices,
  ...done,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
