import { body, operation, required } from '../operation.ts'
import { pairingTokenSchema, readPairingToken } from '../shape/pairing.ts'

/** Parameter and path are spelt so. */
export const pairingTokenCreate = operation({
  id: 'pairing-token-create',
  group: 'extra',
  class: 'config',
  summary: 'Get a token with which devices join',
  method: 'POST',
  path: '/v1.0/device/paring/token',
  params: {
    paring_type: required(body('string', 'EZ, AP, BLE …')),
    uid: required(body('string')),
    time_zone_id: required(body('string', 'such as Europe/Berlin')),
    home_id: body('string'),
    extension: body('object'),
  },
  reply: pairingTokenSchema,
  read: readPairingToken,
  repeatable: false,
  source: 'public',
  confidence: 'documented',
})
