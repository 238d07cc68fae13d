import {
  chooseBy,
  code,
  comment,
  type Draft,
  debug,
  inject,
  mqttIn,
  mqttOut,
} from '../../../src/integration/node-red/node.ts'
import { demo, example } from './house.ts'

const { base, lamp } = demo

const buttons = (to: string): readonly Draft[] => [
  inject({ key: 'fits', at: [140, 100], to: [[to]] }, 'brightness 500', {
    payload: '{"bright_value_v2":500}',
    as: 'json',
  }),
  inject({ key: 'cannot', at: [140, 140], to: [[to]] }, 'brightness 5000', {
    payload: '{"bright_value_v2":5000}',
    as: 'json',
  }),
]

const judged: readonly Draft[] = [
  chooseBy({ key: 'ok', at: [560, 220], to: [['done'], ['refused']] }, 'done?', 'payload.ok', [true, false]),
  debug({ key: 'done', at: [720, 200] }, 'done', 'payload.state'),
  debug({ key: 'refused', at: [720, 240] }, 'refused', 'payload.reason'),
]

/** MQTT 3.1.1 has no Response Topic: the command itself names who wants the answer. */
export const commandWithReceipt = example(
  {
    name: 'command-with-receipt',
    label: 'Command with receipt',
    info: 'Two commands, one of which cannot work. Each is answered once, for this flow alone, below reply/<from>. Works with every broker.',
  },
  [
    comment({ key: 'head', at: [240, 40] }, '"from" names the answer’s topic, "id" the command'),
    ...buttons('ask'),
    code({ key: 'ask', at: [340, 120], to: [['command']] }, 'add id and from', [
      "msg.payload = { dp: msg.payload, id: RED.util.generateId(), from: 'nodered' };",
      "flow.set('asked', msg.payload.id);",
      'return msg;',
    ]),
    mqttOut({ key: 'command', at: [540, 120] }, 'command the lamp', `${base}/cmd/device/${lamp}`),
    mqttIn({ key: 'reply', at: [130, 220], to: [['mine']] }, 'answers to us', `${base}/reply/nodered`),
    code({ key: 'mine', at: [350, 220], to: [['ok']] }, 'to the last command', [
      "return msg.payload.id === flow.get('asked') ? msg : null;",
    ]),
    ...judged,
  ],
)

export const commandWithResponseTopic = example(
  {
    name: 'command-with-response-topic',
    label: 'Command with response topic (MQTT 5)',
    info: 'The same with the properties of MQTT 5: the answer goes to the Response Topic and brings the Correlation Data back. Needs a broker that speaks MQTT 5, such as mosquitto; the broker inside dp2mqtt speaks 3.1.1.',
  },
  [
    comment({ key: 'head', at: [260, 40] }, 'Response Topic and Correlation Data; payload as plain values'),
    ...buttons('ask'),
    code({ key: 'ask', at: [350, 120], to: [['command']] }, 'ask for an answer', [
      `msg.responseTopic = '${base}/reply/nodered5';`,
      'const id = RED.util.generateId();',
      "flow.set('asked', id);",
      'msg.correlationData = Buffer.from(id);',
      'return msg;',
    ]),
    mqttOut({ key: 'command', at: [560, 120] }, 'command the lamp', `${base}/cmd/device/${lamp}`),
    mqttIn({ key: 'reply', at: [130, 220], to: [['mine']] }, 'answers to us', `${base}/reply/nodered5`),
    code({ key: 'mine', at: [350, 220], to: [['ok']] }, 'to the last command', [
      "return msg.correlationData?.toString() === flow.get('asked') ? msg : null;",
    ]),
    ...judged,
  ],
  5,
)
