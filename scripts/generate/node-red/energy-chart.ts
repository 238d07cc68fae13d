import { code, comment, debug, httpIn, httpResponse, mqttIn } from '../../../src/integration/node-red/node.ts'
import { demo, example } from './house.ts'

const { base, plug } = demo
const state = `${base}/state/device/${plug}`

const keep = [
  '// The last thousand values, in memory: enough for about an hour.',
  "const power = flow.get('power') || [];",
  'power.push([Date.now(), msg.payload]);',
  "flow.set('power', power.slice(-1000));",
  "node.status({ text: msg.payload + ' W' });",
]

const draw = [
  "const power = flow.get('power') || [];",
  "const total = flow.get('total');",
  'const [width, height] = [900, 300];',
  'const from = power.length > 0 ? power[0][0] : 0;',
  'const span = Math.max(1, (power.length > 0 ? power[power.length - 1][0] : 1) - from);',
  'const most = Math.max(10, ...power.map(([, watt]) => watt)) * 1.1;',
  'const x = (ms) => (((ms - from) / span) * width).toFixed(1);',
  'const y = (watt) => (height - (watt / most) * height).toFixed(1);',
  "const line = power.map(([ms, watt]) => x(ms) + ',' + y(watt)).join(' ');",
  'const last = power.length > 0 ? power[power.length - 1][1] : undefined;',
  "const seen = (value) => (value === undefined ? '–' : value);",
  'msg.payload = [',
  '  \'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Energy</title>\',',
  '  \'<body style="font-family:sans-serif;margin:2em"><h1>Washing machine</h1>\',',
  "  '<p>now <b>' + seen(last) + ' W</b>, in all <b>' + seen(total) + ' kWh</b>, ' + power.length + ' values</p>',",
  "  '<svg viewBox=\"0 0 ' + width + ' ' + height + '\" style=\"width:100%;background:#f4f6f8\">',",
  '  \'<polyline points="\' + line + \'" fill="none" stroke="#0a7" stroke-width="2"/></svg>\',',
  "].join('');",
  'return msg;',
]

export const energyChart = example(
  {
    name: 'energy-chart',
    label: 'Energy chart',
    info: 'Power of a plug over time, on http://127.0.0.1:1880/energy. Needs core nodes only. The sum in kWh is kept by the bridge and never falls.',
  },
  [
    comment({ key: 'head', at: [200, 40] }, 'Open http://127.0.0.1:1880/energy'),
    mqttIn(
      { key: 'power', at: [130, 100], to: [['keep']] },
      'power now',
      `${state}/dp/cur_power`,
      'auto-detect',
    ),
    code({ key: 'keep', at: [330, 100], to: [[]] }, 'keep the last values', keep),
    mqttIn(
      { key: 'total', at: [130, 160], to: [['sum']] },
      'energy in all',
      `${state}/view/add_ele/total`,
      'auto-detect',
    ),
    code({ key: 'sum', at: [330, 160], to: [['shown']] }, 'keep the sum', [
      "flow.set('total', msg.payload);",
      'return msg;',
    ]),
    debug({ key: 'shown', at: [530, 160] }, 'kWh'),
    httpIn({ key: 'page', at: [120, 240], to: [['draw']] }, '/energy'),
    code({ key: 'draw', at: [310, 240], to: [['answer']] }, 'draw', draw),
    httpResponse({ key: 'answer', at: [510, 240] }, 'text/html; charset=utf-8'),
  ],
)
