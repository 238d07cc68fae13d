import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('access to the message service', () => {
  const asked = {
    uid: demo.uid,
    link_id: 'one',
    link_type: 'mqtt',
    topics: 'device',
    msg_encrypted_version: '1.0',
  }

  it('is the same for the same link but for the password, and ends', async () => {
    const desk = new SimulatorDesk()
    interface Access {
      readonly client_id: string
      readonly password: string
    }
    const first = await desk.get<Access>('mqtt-access-config', asked)
    const again = await desk.get<Access>('mqtt-access-config', asked)
    const other = await desk.get<Access>('mqtt-access-config', { ...asked, link_id: 'two' })
    expect(first).toMatchObject({
      expire_time: 7_200,
      source_topic: { device: expect.stringMatching(/^cloud\/token\/in\/[0-9a-f]{32}$/) },
    })
    expect(again.client_id).toBe(first.client_id)
    expect(again.password).not.toBe(first.password)
    expect(other.client_id).not.toBe(first.client_id)
    const { pushAccess } = desk.simulator.cloud
    expect(pushAccess.of(first.client_id)?.password).toBe(again.password)
    await desk.clock.advance(7_200_000)
    expect(pushAccess.of(first.client_id)).toBeUndefined()
  })

  it('names the address of the simulator’s own service, also on its older path', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.get('mqtt-access-config', asked)).toMatchObject({ url: 'ssl://push.invalid:8883' })
    desk.simulator.cloud.pushAccess.url = 'tcp://127.0.0.1:1883'
    const path = '/v1.0/open-hub/access/config'
    expect(await desk.result('POST', path, { body: asked })).toMatchObject({ url: 'tcp://127.0.0.1:1883' })
  })

  it('is refused for other links and ciphers', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('mqtt-access-config', { ...asked, link_type: 'amqp' })).toBe(1109)
    expect(await desk.refused('mqtt-access-config', { ...asked, msg_encrypted_version: '3.0' })).toBe(1109)
    expect(await desk.refused('mqtt-access-config', { ...asked, uid: 'nobody' })).toBe(1106)
  })
})
