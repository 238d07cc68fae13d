import { expect, it } from 'vitest'
import { mqttAccessConfig } from '../../../src/codec/cloud/operation/mqtt-access-config.ts'
import { type HubAccess, hubConfig } from '../../../src/transport/queue/hub-config.ts'

const access: HubAccess = {
  url: 'ssl://m1.example:8883',
  clientId: 'cloud_1',
  username: 'cloud_1_1',
  password: '00112233445566778899aabbccddeeff',
  sourceTopic: { device: 'cloud/token/in/1' },
  expireTime: 7_200,
}

it('reads what the operation gives', () => {
  const answer = {
    url: 'ssl://m1.example:8883',
    client_id: 'cloud_1',
    username: 'cloud_1_1',
    password: '00112233445566778899aabbccddeeff',
    source_topic: { device: 'cloud/token/in/1' },
    expire_time: 7_200,
  }
  const config = hubConfig(mqttAccessConfig.read(answer as never))
  expect(config).toMatchObject({
    url: 'mqtts://m1.example:8883',
    clientId: 'cloud_1',
    username: 'cloud_1_1',
    topics: ['cloud/token/in/1'],
    lifetimeMs: 7_200_000,
  })
  expect(config.password.reveal()).toBe(access.password)
  expect(JSON.stringify(config)).not.toContain(access.password)
})

it.each([
  ['ssl://m1.example:8883', 'mqtts://m1.example:8883'],
  ['tls://m1.example', 'mqtts://m1.example'],
  ['mqtts://user:word@m1.example:8883/path?query', 'mqtts://m1.example:8883'],
  ['tcp://127.0.0.1:1883', 'mqtt://127.0.0.1:1883'],
])('%s is %s', (url, expected) => {
  expect(hubConfig({ ...access, url }).url).toBe(expected)
})

it.each(['tcp://m1.example:1883', 'mqtt://192.168.1.1', 'https://m1.example', 'constructor:x', '', 'ssl://'])(
  'does not connect to %s',
  (url) => {
    expect(() => hubConfig({ ...access, url })).toThrow(/Open Hub/)
  },
)

it.each([
  ['a/b', ['a/b']],
  [{ device: 'a', other: 'b' }, ['a', 'b']],
  [{ device: 'a', wild: '#', plus: 'a/+', control: 'a\u0000', empty: '', number: 7 }, ['a']],
])('topics are taken from %j', (sourceTopic, topics) => {
  expect(hubConfig({ ...access, sourceTopic }).topics).toEqual(topics)
})

it.each([null, undefined, {}, '', 7, ['#']])(
  'without a topic (%j) there is nothing to connect for',
  (sourceTopic) => {
    expect(() => hubConfig({ ...access, sourceTopic })).toThrow(/no topic/)
  },
)

it('no more topics than anybody needs', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, `topic/${i}`]))
  expect(hubConfig({ ...access, sourceTopic: many }).topics).toHaveLength(16)
})

it.each([
  [7_200, 7_200],
  ['3600', 3_600],
  [null, 7_200],
  [-5, 7_200],
  [Number.NaN, 7_200],
  [1, 60],
  [1e12, 86_400],
])('a life of %s s is taken for %i s', (expireTime, seconds) => {
  expect(hubConfig({ ...access, expireTime }).lifetimeMs).toBe(seconds * 1_000)
})
