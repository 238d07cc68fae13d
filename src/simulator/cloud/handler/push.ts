import { mqttAccessConfig } from '../../../codec/cloud/operation/mqtt-access-config.ts'
import { userOf } from '../access.ts'
import { illegal } from '../given.ts'
import { serve } from '../serve.ts'

export const pushHandlers = [
  serve(mqttAccessConfig, (calling, { uid, link_id, link_type, topics, msg_encrypted_version }) => {
    userOf(calling, uid)
    if (link_type !== 'mqtt' || topics !== 'device') throw illegal()
    if (msg_encrypted_version !== '1.0' && msg_encrypted_version !== '2.0') throw illegal()
    const grant = calling.pushAccess.grant(uid, link_id, msg_encrypted_version)
    return {
      url: calling.world.project.pushUrl ?? calling.pushAccess.url ?? 'ssl://push.invalid:8883',
      client_id: grant.clientId,
      username: grant.username,
      password: grant.password,
      source_topic: { device: grant.topic },
      sink_topic: { device: 'cloud/token/out/{device_id}' },
      expire_time: calling.pushAccess.lifeSeconds,
    }
  }),
]
