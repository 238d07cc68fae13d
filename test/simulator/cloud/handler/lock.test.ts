import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('locks', () => {
  const span = { device_id: demo.lock, page_no: 1, page_size: 10, start_time: 0, end_time: 9e12 }

  it('remember who opened them, newest first, times in seconds', async () => {
    const desk = new SimulatorDesk()
    desk.world.report(demo.lock, { unlock_fingerprint: 3 })
    await desk.clock.advance(60_000)
    desk.world.report(demo.lock, { unlock_password: 7, residual_electricity: 50 })
    const { total, logs } = await desk.get<{ total: number; logs: object[] }>('lock-open-logs', span)
    expect(total).toBe(2)
    expect(logs).toEqual([
      {
        update_time: Math.floor(desk.clock.now() / 1_000),
        status: { code: 'unlock_password', value: '7' },
        nick_name: 'User 7',
        user_id: '7',
        unlock_name: 'password 7',
      },
      expect.objectContaining({ status: { code: 'unlock_fingerprint', value: '3' } }),
    ])
    const later = { ...span, start_time: desk.clock.now() }
    expect(await desk.get('lock-open-logs', later)).toMatchObject({ total: 1 })
    expect(await desk.get('lock-open-logs', { ...span, page_no: 2, page_size: 1 })).toMatchObject({
      total: 2,
      logs: [{ user_id: '3' }],
    })
  })

  it('remember alarms, by code if wanted', async () => {
    const desk = new SimulatorDesk()
    desk.world.report(demo.lock, { alarm_lock: 'pry', doorbell: true })
    const asked = { device_id: demo.lock, page_no: 1, page_size: 10 }
    expect(await desk.get('lock-alarm-logs', asked)).toMatchObject({ total: 2 })
    expect(await desk.get('lock-alarm-logs', { ...asked, codes: 'doorbell' })).toMatchObject({
      total: 1,
      records: [{ status: { code: 'doorbell', value: 'true' } }],
    })
  })

  it('have pictures of the latest opening and alarm, which can be asked for again by their place', async () => {
    const desk = new SimulatorDesk()
    const latest = (file_type: number) =>
      desk.get<{ bucket: string; file_path: string; file_url: string }>('lock-latest-media', {
        device_id: demo.lock,
        file_type,
      })
    expect(await latest(1)).toEqual({})
    desk.world.report(demo.lock, { unlock_fingerprint: 3 })
    const { bucket, file_path, file_url } = await latest(1)
    expect(file_url).toBe(`https://storage.invalid/${bucket}${file_path}`)
    expect(await latest(2)).toEqual({})
    expect(await desk.get('lock-media-url', { device_id: demo.lock, bucket, file_path })).toEqual(
      await latest(1),
    )
    expect(await desk.refused('lock-media-url', { device_id: demo.lock, bucket, file_path: '/x' })).toBe(1000)
    expect(await desk.refused('lock-latest-media', { device_id: demo.lock, file_type: 3 })).toBe(1109)
  })

  it('are not what is no lock', async () => {
    expect(await new SimulatorDesk().refused('lock-open-logs', { ...span, device_id: demo.lamp })).toBe(2004)
  })
})
