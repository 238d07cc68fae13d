import { body, operation, required } from '../operation.ts'
import { number } from '../shape.ts'

export const mqttAccessConfig = operation({
  id: 'mqtt-access-config',
  group: 'extra',
  class: 'never',
  summary: 'Get access to the message service of a user',
  method: 'POST',
  path: '/v1.0/iot-03/open-hub/access-config',
  params: {
    uid: required(body('string')),
    link_id: required(body('string')),
    link_type: required(body('string')),
    topics: required(body('string')),
    msg_encrypted_version: required(body('string')),
  },
  reply: {
    type: 'object',
    required: ['url', 'client_id', 'username', 'password'],
    properties: {
      url: { type: 'string' },
      client_id: { type: 'string' },
      username: { type: 'string' },
      password: { type: 'string' },
      source_topic: { type: ['object', 'string', 'null'] },
      expire_time: number,
    },
  },
  read: (access: {
    url: string
    client_id: string
    username: string
    password: string
    source_topic?: unknown
    expire_time?: unknown
  }) => ({
    url: access.url,
    clientId: access.client_id,
    username: access.username,
    password: access.password,
    /** One topic, or topics by what they are about. */
    sourceTopic: access.source_topic,
    /** Seconds. */
    expireTime: access.expire_time,
  }),
  repeatable: false,
  source: 'public',
  confidence: 'seen in code',
})
