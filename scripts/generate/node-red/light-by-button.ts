import {
  chooseBy,
  comment,
  debug,
  mqttIn,
  mqttOut,
  setPayload,
} from '../../../src/integration/node-red/node.ts'
import { demo, example } from './house.ts'

const { base, lamp, sceneSwitch } = demo
const write = `${base}/cmd/device/${lamp}/dp`

export const lightByButton = example(
  {
    name: 'light-by-button',
    label: 'Light by a button',
    info: 'A press switches the lamp, two presses make it bright, a long one dims it. Events are never retained, so nothing happens again after a restart.',
  },
  [
    comment({ key: 'head', at: [170, 40] }, 'One press: toggle. Two: bright. Long: dim.'),
    mqttIn(
      { key: 'pressed', at: [130, 120], to: [['gesture']] },
      'button 1',
      `${base}/event/device/${sceneSwitch}/button/switch_mode1`,
    ),
    chooseBy(
      { key: 'gesture', at: [290, 120], to: [['toggle'], ['bright'], ['dim']] },
      'gesture',
      'payload.data.gesture',
      ['single', 'double', 'long'],
    ),
    setPayload({ key: 'toggle', at: [450, 80], to: [['switch']] }, 'toggle', 'toggle', 'str'),
    setPayload({ key: 'bright', at: [450, 120], to: [['brightness']] }, 'bright', '1000', 'str'),
    setPayload({ key: 'dim', at: [450, 160], to: [['brightness']] }, 'dim', '100', 'str'),
    mqttOut({ key: 'switch', at: [640, 80] }, 'switch', `${write}/switch_led`),
    mqttOut({ key: 'brightness', at: [650, 140] }, 'brightness', `${write}/bright_value_v2`),
    mqttIn(
      { key: 'answer', at: [130, 240], to: [['answered']] },
      'what became of it',
      `${base}/result/device/${lamp}`,
    ),
    debug({ key: 'answered', at: [340, 240] }, 'answer', 'payload.state'),
  ],
)
