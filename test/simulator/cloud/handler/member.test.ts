import { describe, expect, it } from 'vitest'
import { type Arguments, demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

const { home, uid } = demo

describe('members', () => {
  const robin = { country_code: '43', member_account: demo.robin, admin: false, name: 'Robin' }
  const add = { home_id: home, app_schema: 'demoApp', member: robin }
  const robinUid = 'eu1650509988776rQbNd'

  it('are added by account, made administrators, and removed', async () => {
    const desk = new SimulatorDesk()
    await desk.get('member-add', add)
    await desk.get('member-update', { home_id: home, uid: robinUid, admin: true })
    expect(await desk.get('member-list', { home_id: home })).toMatchObject([
      { uid: demo.uid },
      { uid: demo.kim, admin: false },
      { uid: robinUid, admin: true, name: 'Robin', country_code: '43' },
    ])
    await desk.get('member-delete', { home_id: home, uid: robinUid })
    expect(await desk.get('member-list', { home_id: home })).toHaveLength(2)
  })

  it('have masked accounts', async () => {
    const text = JSON.stringify(await new SimulatorDesk().get('member-list', { home_id: home }))
    expect(text).toContain('kim******org')
    expect(text).not.toContain('kim@example.org')
  })

  it('the owner can be neither removed nor demoted', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('member-delete', { home_id: home, uid })).toBe(2508)
    expect(await desk.refused('member-update', { home_id: home, uid, admin: false })).toBe(2508)
  })

  it.each<[string, Arguments, number]>([
    ['an account that there is not', { ...robin, member_account: 'nobody@example.org' }, 2006],
    ['a name that is taken', { ...robin, name: 'Kim' }, 2510],
    ['somebody who lives here', { ...robin, member_account: 'kim@example.org', name: 'Kim again' }, 2510],
    ['nobody’s rights', { country_code: '43', member_account: demo.robin, name: 'Robin' }, 1100],
    ['rights in words', { ...robin, admin: 'yes' }, 1109],
    ['no country', { member_account: demo.robin, name: 'Robin', admin: true }, 1100],
  ])('%s are refused', async (_what, member, code) => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('member-add', { ...add, member })).toBe(code)
    expect(await desk.get('member-list', { home_id: home })).toHaveLength(2)
  })

  it('that there are not are unknown', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('member-delete', { home_id: home, uid: robinUid })).toBe(2509)
  })

  it('are twenty at most', async () => {
    const desk = new SimulatorDesk()
    const join = async (i: number) => {
      const username = `guest${i}@example.org`
      const sync = { schema: 'demoApp', country_code: '1', username, password: 'x', username_type: 2 }
      await desk.get('user-sync', sync)
      const member = { ...robin, member_account: username, name: `Guest ${i}` }
      return desk.refused('member-add', { ...add, member })
    }
    for (let i = 2; i < 20; i++) expect(await join(i)).toBeUndefined()
    expect(await join(20)).toBe(1101)
  })
})
