import { operation, path } from '../operation.ts'
import { pairingProgressSchema, readPairingProgress } from '../shape/pairing.ts'

/** The path is spelt so. */
export const pairingTokenDevices = operation({
  id: 'pairing-token-devices',
  group: 'network',
  class: 'read',
  summary: 'Read who has joined with a pairing token',
  method: 'GET',
  path: '/v1.0/device/paring/tokens/{token}',
  params: {
    token: path('string'),
  },
  reply: pairingProgressSchema,
  read: readPairingProgress,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
