import { expect, it } from 'vitest'
import { homeAssistantTopics, homie4Topics, homie5Topics } from '../../src/mqtt/convention-topics.ts'
import { Branch } from '../../src/mqtt/topic.ts'

const homie = new Branch('homie', homie5Topics)

it.each([
  ['homie/5/tuya-main/$state', 'homieState'],
  ['homie/5/tuya-main/$description', 'homieDescription'],
  ['homie/5/tuya-main--bf1/$alert/fault-low-battery', 'homieAlert'],
  ['homie/5/tuya-main--bf1/light/switch-led', 'homieProperty'],
  ['homie/5/tuya-main--bf1/light/switch-led/$target', 'homieTarget'],
  ['homie/5/tuya-main--bf1/light/switch-led/set', 'homieSet'],
])('%s is %s', (topic, name) => {
  expect(homie.parse(topic)?.name).toBe(name)
})

const flat = new Branch('homie', homie4Topics)

it.each([
  ['homie/tuya-main-bf1/$homie', 'homie4Version'],
  ['homie/tuya-main-bf1/$state', 'homie4State'],
  ['homie/tuya-main-bf1/light/$name', 'homie4NodeName'],
  ['homie/tuya-main-bf1/light/switch-led', 'homie4Property'],
  ['homie/tuya-main-bf1/light/switch-led/$datatype', 'homie4PropertyDatatype'],
  ['homie/tuya-main-bf1/light/switch-led/set', 'homie4Set'],
])('%s is %s', (topic, name) => {
  expect(flat.parse(topic)?.name).toBe(name)
  expect(homie.parse(topic)).toBeUndefined()
})

it('a document of discovery is told from what others say below the same prefix', () => {
  const branch = new Branch('homeassistant', homeAssistantTopics)
  expect(branch.parse('homeassistant/device/tuya_main_bf1/config')?.name).toBe('homeAssistantDocument')
  expect(branch.parse('homeassistant/status')?.name).toBe('homeAssistantStatus')
  expect(branch.parse('homeassistant/light/desk/config')).toBeUndefined()
})
