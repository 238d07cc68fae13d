import { expect, it } from 'vitest'
import { CommandDesk } from '../support/command-desk.ts'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

it('attack 14: inherited names as device, point, view, operation, verb and member are unknown, and pollute nothing', async () => {
  const desk = new CommandDesk()
  for (const name of names) {
    const reasons = [
      await desk.ask(`device/${name}/dp/switch_led`, 'on'),
      await desk.ask(`device/bf1/dp/${name}`, 'on'),
      await desk.ask(`device/bf1/view/colour/${name}`, '1,2,3'),
      await desk.ask(`named/device/${name}/get`, '1'),
      await desk.ask(`op/${name}`, {}),
      await desk.ask(`bridge/${name}`, '1'),
      await desk.ask('device/bf1', `{"${name}":true}`),
      await desk.ask('device/bf1', `{"dp":{"${name}":{"polluted":true}}}`),
      await desk.ask('device/bf1', `{"dp":{"colour":{"${name}":{"polluted":true},"h":1,"s":1,"v":1}}}`),
    ]
    // A member that nobody knows inside of a colour is left out; such a name is refused there too where it is poison.
    for (const { reason, state } of reasons.slice(0, -1)) {
      expect(state, String(reason)).toBe('rejected')
      expect(reason).toMatch(/^command\/(unknown-|bad-)/)
    }
  }
  expect(desk.defects).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})

it('attack 14: a cloud whose devices and points are called so is mirrored like any other', async () => {
  const { devices, ...rest } = canaryWorld()
  const point = { type: 'Boolean', access: 'rw', values: {}, initial: true } as const
  const dps = names.map((code, i) => ({ ...point, id: i + 1, code }))
  const model = { category: 'kg', productId: 'inherited000001', productName: 'Inherited', dps }
  const odd = names.map((name) => ({ id: name, name, model: 'inherited', home: '3182004' }))
  const world = { ...rest, models: { inherited: model }, devices: [...devices.slice(0, 2), ...odd] }
  await using house = await (await House.open({ world })).ready()
  const client = await house.observe()
  await house.quiet()
  for (const id of names) {
    expect(house.last(`meta/device/${id}`), id).toMatchObject({ name: id })
    for (const code of names)
      expect(house.on(`state/device/${id}/dp/${code}`).at(-1)?.payload, code).toBe('true')
    await house.publish(client, `cmd/device/${id}/dp/${id}`, 'false')
    expect(await house.answer(`device/${id}`)).toMatchObject({ state: 'confirmed' })
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  await until(() => house.on('state/device/constructor/dp/constructor').at(-1)?.payload === 'false')
})
