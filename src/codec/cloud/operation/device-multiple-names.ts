import { operation, path } from '../operation.ts'
import { channelNamesSchema, readChannelNames } from '../shape/name.ts'

export const deviceMultipleNames = operation({
  id: 'device-multiple-names',
  group: 'device',
  class: 'read',
  summary: 'Read the names that people gave the channels of a device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/multiple-names',
  params: {
    device_id: path('string'),
  },
  reply: channelNamesSchema,
  read: readChannelNames,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
