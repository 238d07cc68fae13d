import { describe, expect, it } from 'vitest'
import { demoWorld } from '../../../../src/simulator/world-file.ts'
import { SimulatorDesk } from '../../../support/simulator-desk.ts'

const sam = { schema: 'demoApp', country_code: '43', username: 'sam@example.org', username_type: 2 }

describe('app users', () => {
  it('are registered once and changed after that', async () => {
    const desk = new SimulatorDesk()
    const first = await desk.get<{ uid: string }>('user-sync', { ...sam, password: 'x', nick_name: 'Sam' })
    expect(first.uid).toMatch(/^eu\d{13}[a-z0-9]{5}$/)
    const second = await desk.get('user-sync', { ...sam, password: 'x', nick_name: 'Samuel' })
    expect(second).toEqual(first)
    expect(await desk.get('user-info', first)).toMatchObject({
      ...first,
      username: 'sam@example.org',
      nick_name: 'Samuel',
      country_code: '43',
      create_time: Math.floor(desk.clock.now() / 1_000),
    })
    expect(desk.told('userRegister')).toMatchObject([{ bizData: { ...first, schema: 'demoApp' } }])
    expect(desk.told('userUpdate')).toHaveLength(1)
  })

  it('are listed masked, in pages, by thirty days at most', async () => {
    const desk = new SimulatorDesk()
    for (let i = 0; i < 5; i++)
      await desk.get('user-sync', { ...sam, username: `guest${i}@example.org`, password: 'x' })
    const page = (page_no: number, more = {}) =>
      desk.get<{ list: { username: string }[]; has_more: boolean; total: number }>('user-list', {
        schema: 'demoApp',
        page_no,
        page_size: 4,
        ...more,
      })
    expect(await page(1)).toMatchObject({ has_more: true, total: 6 })
    const last = await page(2)
    expect(last).toMatchObject({ has_more: false })
    expect(last.list.map(({ username }) => username)).toEqual(['gue******org', 'gue******org'])
    const now = Math.floor(desk.clock.now() / 1_000)
    expect(await page(1, { start_time: now, end_time: now })).toMatchObject({ total: 5 })
    const span = { start_time: now - 31 * 86_400, end_time: now }
    expect(await desk.refused('user-list', { schema: 'demoApp', page_no: 1, page_size: 4, ...span })).toBe(
      1109,
    )
  })

  it('belong to an app of the project', async () => {
    const world = demoWorld()
    const desk = new SimulatorDesk({ world: { ...world, project: { ...world.project, schemas: ['ours'] } } })
    expect(await desk.refused('user-list', { schema: 'other', page_no: 1, page_size: 1 })).toBe(2017)
    expect(await desk.refused('user-list', { schema: 'ours', page_no: 1, page_size: 1 })).toBeUndefined()
  })
})
