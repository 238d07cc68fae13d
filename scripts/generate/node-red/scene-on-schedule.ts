import { chooseBy, comment, debug, inject, mqttIn, mqttOut } from '../../../src/integration/node-red/node.ts'
import { demo, example } from './house.ts'

const { base, scene } = demo

export const sceneOnSchedule = example(
  {
    name: 'scene-on-schedule',
    label: 'Scene on a schedule',
    info: 'Runs a scene each evening at ten, and at a press of the button. The answer says whether the cloud took it; the event says what each device made of it.',
  },
  [
    comment({ key: 'head', at: [190, 40] }, 'Every evening at 22:00, or by hand'),
    inject({ key: 'evening', at: [150, 100], to: [['run']] }, 'at ten', {
      payload: 'run',
      as: 'str',
      crontab: '00 22 * * *',
    }),
    mqttOut({ key: 'run', at: [340, 100] }, 'run the scene', `${base}/cmd/scene/${scene}/trigger`),
    mqttIn(
      { key: 'answer', at: [150, 180], to: [['ok']] },
      'what the cloud says',
      `${base}/result/scene/${scene}`,
    ),
    chooseBy({ key: 'ok', at: [330, 180], to: [['taken'], ['refused']] }, 'taken?', 'payload.ok', [
      true,
      false,
    ]),
    debug({ key: 'taken', at: [500, 160] }, 'taken', 'payload.state'),
    debug({ key: 'refused', at: [500, 200] }, 'refused', 'payload.reason'),
    mqttIn(
      { key: 'ran', at: [140, 280], to: [['told']] },
      'what came of it',
      `${base}/event/scene/${scene}/run`,
    ),
    debug({ key: 'told', at: [350, 280] }, 'each device', 'payload.kind'),
  ],
)
