import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { demoWorld } from '../../../../src/simulator/world-file.ts'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')
const md5 = (text: string) => digest('md5', text)

const login = { country_code: '49', username: 'demo@example.org', schema: 'demoApp' }
/** The demo's world with Kim linked as well. */
function withKim(): SimulatorDesk {
  const world = demoWorld()
  const users = world.users.map((user) => ({
    ...user,
    linked: user.uid === demo.uid || user.uid === demo.kim,
  }))
  return new SimulatorDesk({ world: { ...world, users } })
}

describe('who logs in', () => {
  it('gets tokens of his own, which live beside those of the project', async () => {
    const desk = new SimulatorDesk()
    const token = await desk.get<{ access_token: string; uid: string; expire_time: number }>('app-login', {
      ...login,
      password: md5('demo-password'),
    })
    expect(token).toMatchObject({ uid: demo.uid, expire_time: 7_200 })
    desk.useToken(token.access_token)
    expect(await desk.refused('home-get', { home_id: demo.home })).toBeUndefined()
    desk.useToken(undefined)
    expect(await desk.refused('home-get', { home_id: demo.home })).toBeUndefined()
  })

  it.each([
    ['a wrong password', { password: md5('wrong') }, 2401],
    ['a password that is no digest', { password: 'demo-password' }, 2401],
    ['a stranger', { username: 'nobody@example.org', password: md5('') }, 2401],
    ['another country', { password: md5('demo-password'), country_code: '1' }, 2402],
    ['somebody who is not linked', { username: 'kim@example.org', password: md5('kim-password') }, 2406],
    ['somebody without a password', { username: demo.robin, password: md5('') }, 2401],
  ])('%s is refused', async (_what, changes, code) => {
    expect(await new SimulatorDesk().refused('app-login', { ...login, ...changes })).toBe(code)
  })

  it('in a custom project sends another digest and gets another name for the life of the token', async () => {
    const desk = new SimulatorDesk()
    const password = digest('sha256', 'demo-password')
    const token = await desk.get('custom-login', { username: 'demo@example.org', password })
    expect(token).toMatchObject({ uid: demo.uid, expire: 7_200 })
    expect(token).not.toHaveProperty('expire_time')
  })

  it('sees and changes only what is his: a member without rights reads and runs, and changes nothing', async () => {
    const desk = withKim()
    const { access_token } = await desk.get<{ access_token: string }>('app-login', {
      ...login,
      username: 'kim@example.org',
      password: md5('kim-password'),
    })
    desk.useToken(access_token)
    const { home } = demo
    expect(await desk.refused('home-get', { home_id: home })).toBeUndefined()
    expect(await desk.refused('home-get', { home_id: demo.cabin })).toBe(1106)
    expect(await desk.refused('device-get', { device_id: demo.cabinPlug })).toBe(1106)
    expect(await desk.refused('user-homes', { uid: demo.uid })).toBe(1106)
    expect(await desk.refused('scene-trigger', { home_id: home, scene_id: demo.goodNight })).toBeUndefined()
    for (const [id, args] of [
      ['home-update', { home_id: home, name: 'x' }],
      ['home-delete', { home_id: home }],
      ['room-create', { home_id: home, name: 'x' }],
      ['member-delete', { home_id: home, uid: demo.uid }],
      ['scene-delete', { home_id: home, scene_id: demo.goodNight }],
      ['device-rename', { device_id: demo.lamp, name: 'x' }],
      ['device-delete', { device_id: demo.lamp }],
    ] as const)
      expect(await desk.refused(id, args), id).toBe(2508)
    const all = await desk.get<{ total: number }>('associated-devices')
    expect(all.total).toBe(18)
  })
})
