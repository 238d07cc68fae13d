import { expect, it } from 'vitest'
import { VirtualDesk } from '../support/virtual-desk.ts'

const home_id = '3182004'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const city = '10'
const minuteMs = 60_000

const waiting = (order_num: number, code: string, operator: string, value: unknown) => ({
  entity_type: 3,
  entity_id: city,
  order_num,
  display: { code, operator, value },
})

function automation(name: string, conditions: readonly object[], values: object, match_type = 1) {
  return {
    home_id,
    name,
    background: 'https://images.tuyaeu.com/smart/rule/cover/starry.png',
    match_type,
    conditions,
    preconditions: [],
    actions: [{ action_executor: 'dpIssue', entity_id: lamp, executor_property: values }],
  }
}

async function open(faults: readonly string[] = []) {
  const config = { operations: { allow: ['config'], raw: false }, poll: { minSeconds: 10 } }
  const at = await VirtualDesk.open({ config: config as never, faults }, ['tuya/state/#'])
  await at.house.time.pass(5_000)
  const { simulator } = at.house
  return {
    at,
    weather: simulator.world.weather,
    value: (code: string) =>
      at.house.seen.findLast(({ topic }) => topic === `tuya/state/device/${lamp}/dp/${code}`)?.payload,
    asked: () => simulator.journal.entries('request', 'automation-weather-conditions').length,
    made: () => simulator.journal.entries('request', 'automation-create').length,
    follows: (code: string, value: string) =>
      at.until(
        () =>
          at.house.seen.findLast(({ topic }) => topic === `tuya/state/device/${lamp}/dp/${code}`)?.payload ===
          value,
        15_000,
        `${code} being ${value}`,
      ),
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]()
    },
  }
}

it('the weather fires automations that were made over MQTT, and the state topics follow', async () => {
  await using house = await open()
  const { at, weather, value, follows } = house
  await at.result('device-commands', {
    device_id: lamp,
    commands: [
      { code: 'switch_led', value: false },
      { code: 'work_mode', value: 'white' },
    ],
  })
  await follows('switch_led', 'false')
  await at.result(
    'automation-create',
    automation('Rain', [waiting(1, 'condition', '==', 'rainy')], { switch_led: true }),
  )
  await at.result(
    'automation-create',
    automation(
      'Cold and foul',
      [waiting(1, 'temp', '<', '0'), waiting(2, '$pm25', '==', 'polluted')],
      { bright_value_v2: 1000 },
      2,
    ),
  )

  weather.change('elsewhere', { condition: 'rainy' })
  await at.house.time.pass(minuteMs)
  expect(value('switch_led')).toBe('false')
  weather.change(city, { condition: 'rainy' })
  await follows('switch_led', 'true')

  weather.change(city, { temp: -3 })
  await at.house.time.pass(minuteMs)
  expect(value('bright_value_v2')).not.toBe('1000')
  weather.change(city, { pm25: 'polluted' })
  await follows('bright_value_v2', '1000')
})

it('what can be waited for is asked once, and only for definitions that wait for weather', async () => {
  await using house = await open()
  const { at, asked, made } = house
  const [rain] = [automation('Rain', [waiting(1, 'condition', '==', 'rainy')], { switch_led: true })]
  const bell = { entity_type: 15, order_num: 1, display: { code: 'bell', operator: '==', value: 'true' } }
  await at.result('automation-create', automation('Bell', [bell], { switch_led: true }))
  expect(asked()).toBe(0)
  await at.result('automation-create', rain)
  await at.result('automation-create', rain)
  expect([asked(), made()]).toEqual([1, 3])

  // These words are the cloud's own: no page of the platform prints them.
  const foul = automation('Foul', [waiting(1, 'pm25', '==', 'excellent')], { switch_led: true })
  expect(await at.ask('automation-create', foul)).toMatchObject({
    state: 'rejected',
    reason: 'command/bad-param',
    details: [{ path: '/conditions/0/display/value', allowed: ['good', 'fine', 'polluted'] }],
  })
  expect([asked(), made()]).toEqual([1, 3])
})

it('without that list, what the pages of the platform name is what is checked', async () => {
  await using house = await open(['error=automation-weather-conditions:1106'])
  const { at, made } = house
  const storm = automation('Storm', [waiting(1, 'condition', '==', 'stormy')], { switch_led: true })
  expect(await at.ask('automation-create', storm)).toMatchObject({ reason: 'command/bad-param' })
  expect(made()).toBe(0)
  const rain = automation('Rain', [waiting(1, 'condition', '==', 'rainy')], { switch_led: true })
  expect(await at.ask('automation-create', rain)).toMatchObject({ ok: true })
})
