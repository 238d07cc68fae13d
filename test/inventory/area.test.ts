import { expect, it } from 'vitest'
import { type Area, AreaSet, type RegistrationArea } from '../../src/inventory/area.ts'

const device = (deviceId: string, more: Partial<RegistrationArea> = {}): RegistrationArea => ({
  of: 'registration',
  deviceId,
  homeId: null,
  toldGone: false,
  isComing: false,
  isUnknown: false,
  ...more,
})

function taken(areas: readonly Area[], homeOf: (id: string) => string | undefined = () => 'h1'): Area[] {
  const set = new AreaSet()
  for (const area of areas) set.add(area)
  return set.take(homeOf)
}

it('an area is read once however often it was told, with all that was told of it', () => {
  expect(taken([device('a', { toldGone: true }), device('a', { homeId: 'h2' }), device('a')])).toEqual([
    device('a', { toldGone: true, homeId: 'h2' }),
  ])
  expect(
    taken([
      { of: 'home', homeId: 'h1', toldGone: true },
      { of: 'home', homeId: 'h1', toldGone: false },
      { of: 'roomNames', homeId: 'h1', toldGone: false },
    ]),
  ).toEqual([
    { of: 'home', homeId: 'h1', toldGone: true },
    { of: 'roomNames', homeId: 'h1', toldGone: false },
  ])
})

it('what was taken is gone', () => {
  const set = new AreaSet()
  set.add({ of: 'homes' })
  expect(set.take(() => undefined)).toEqual([{ of: 'homes' }])
  expect([set.size, set.take(() => undefined)]).toEqual([0, []])
})

it('up to three devices of a home are read by themselves, more by its list', () => {
  const three = ['a', 'b', 'c'].map((id) => device(id))
  expect(taken(three)).toEqual(three)
  expect(taken([...three, device('d', { toldGone: true })])).toEqual([
    { of: 'devices', homeId: 'h1', gone: ['d'] },
  ])
})

it('devices of which nobody knows where they are, or that are in many homes, are read by themselves', () => {
  const many = Array.from({ length: 9 }, (_, i) => device(`d${i}`))
  expect(taken(many, () => undefined)).toEqual(many)
  expect(taken(many, (id) => `home of ${id}`)).toEqual(many)
})

it('a list that is due anyway takes what was told of its devices along', () => {
  const four = ['a', 'b', 'c', 'd'].map((id) => device(id, { homeId: 'h9', toldGone: id === 'b' }))
  for (const areas of [
    [{ of: 'devices', homeId: 'h9' } as const, ...four],
    [...four, { of: 'devices', homeId: 'h9' } as const],
  ])
    expect(taken(areas)).toEqual([{ of: 'devices', homeId: 'h9', gone: ['b'] }])
})

it('a device that spoke and is known by now needs no look, unless more was told of it', () => {
  const spoke = device('a', { isUnknown: true })
  expect(taken([spoke])).toEqual([])
  expect(taken([spoke], () => undefined)).toEqual([spoke])
  expect(taken([spoke, device('a')])).toEqual([device('a')])
})

it('where several devices join at once the rooms are read too: no list tells where they stand', () => {
  const joining = ['a', 'b', 'c', 'd'].map((id) => device(id, { homeId: 'h1', isComing: true }))
  expect(taken(joining)).toEqual([
    { of: 'devices', homeId: 'h1', gone: [] },
    { of: 'rooms', homeId: 'h1' },
  ])
})
