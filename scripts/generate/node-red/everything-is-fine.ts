import { code, comment, debug, httpIn, httpResponse, mqttIn } from '../../../src/integration/node-red/node.ts'
import { demo, example } from './house.ts'

const { base } = demo

const note = [
  '// <base>/state/device/<id>, and the same with /availability behind it',
  "const levels = msg.topic.split('/');",
  "const id = levels[levels.indexOf('device') + 1];",
  "const devices = flow.get('devices') || {};",
  "if (msg.payload === '') delete devices[id];",
  'else {',
  '  const device = (devices[id] = devices[id] || { stale: false, online: true });',
  "  if (msg.topic.endsWith('/availability')) device.online = msg.payload === 'online';",
  '  else device.stale = JSON.parse(msg.payload).stale;',
  '}',
  "flow.set('devices', devices);",
]

const judge = [
  "const health = flow.get('health');",
  "const running = flow.get('running') === 'online';",
  "const devices = Object.entries(flow.get('devices') || {});",
  'const links = Object.entries((health && health.links) || {});',
  'const budget = health && health.budget;',
  'const faults = [];',
  "if (!running) faults.push('the bridge does not run');",
  "for (const [name, { state, reason }] of links) if (state === 'down' || state === 'degraded') faults.push('link ' + name + ': ' + (reason || state));",
  "if (budget && budget.used > 0.9 * budget.limit) faults.push('the cloud budget is nearly used up');",
  'const stale = devices.filter(([, device]) => device.stale).map(([id]) => id);',
  'const away = devices.filter(([, device]) => !device.online).map(([id]) => id);',
  "if (stale.length > 0) faults.push(stale.length + ' devices are stale');",
  'msg.verdict = { fine: faults.length === 0, faults, links: Object.fromEntries(links.map(([name, { state }]) => [name, state])), budget, devices: devices.length, stale, offline: away };',
  "node.status({ fill: faults.length === 0 ? 'green' : 'red', shape: 'dot', text: faults[0] || 'everything is fine' });",
  'return msg;',
]

const page = [
  'const { fine, faults, links, budget, devices, stale, offline } = msg.verdict;',
  "const safe = (text) => String(text).replace(/[&<>]/g, (c) => '&#' + c.charCodeAt(0) + ';');",
  "const list = (items) => items.map((item) => '<li>' + safe(item) + '</li>').join('');",
  'msg.payload = [',
  '  \'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>dp2mqtt</title>\',',
  '  \'<body style="font-family:sans-serif;margin:2em">\',',
  '  fine ? \'<h1 style="color:#080">Everything is fine</h1>\' : \'<h1 style="color:#b00">Look here</h1>\',',
  "  '<ul>' + list(faults) + '</ul><h2>Links</h2><ul>',",
  "  list(Object.entries(links).map(([name, state]) => name + ': ' + state)) + '</ul><p>',",
  "  budget ? 'Cloud calls today: ' + safe(budget.used) + ' of ' + safe(budget.limit) : 'No cloud budget.',",
  "  '</p><p>' + devices + ' devices, ' + stale.length + ' stale, ' + offline.length + ' offline</p>',",
  "  '<ul>' + list(offline) + '</ul>',",
  "].join('');",
  'return msg;',
]

const below = (y: number) => [430, y] as const

export const everythingIsFine = example(
  {
    name: 'everything-is-fine',
    label: 'Everything is fine',
    info: 'One page that says whether all is well: http://127.0.0.1:1880/fine, and the same as JSON on /fine.json. Needs core nodes only. Reachable is what the bridge and the device both call online.',
  },
  [
    comment({ key: 'head', at: [190, 40] }, 'Open http://127.0.0.1:1880/fine'),
    mqttIn(
      { key: 'running', at: [140, 100], to: [['keep running']] },
      'bridge/state',
      `${base}/bridge/state`,
      'utf8',
    ),
    code({ key: 'keep running', at: below(100), to: [['judge']] }, 'whether it runs', [
      "flow.set('running', msg.payload);",
      'return msg;',
    ]),
    mqttIn(
      { key: 'health', at: [140, 150], to: [['keep health']] },
      'bridge/health',
      `${base}/bridge/health`,
    ),
    code({ key: 'keep health', at: below(150), to: [['judge']] }, 'links and budget', [
      "flow.set('health', msg.payload);",
      'return msg;',
    ]),
    mqttIn(
      { key: 'documents', at: [150, 200], to: [['note']] },
      'every document',
      `${base}/state/device/+`,
      'utf8',
    ),
    mqttIn(
      { key: 'reach', at: [150, 250], to: [['note']] },
      'who is reachable',
      `${base}/state/device/+/availability`,
      'utf8',
    ),
    code({ key: 'note', at: below(220), to: [[]] }, 'stale and offline', note),
    code({ key: 'judge', at: [640, 120], to: [['verdict']] }, 'judge', judge),
    debug({ key: 'verdict', at: [820, 120] }, 'verdict', 'verdict.fine'),
    httpIn({ key: 'page', at: [120, 340], to: [['judge page']] }, '/fine'),
    code({ key: 'judge page', at: [310, 340], to: [['draw']] }, 'judge', judge),
    code({ key: 'draw', at: [470, 340], to: [['answer']] }, 'page', page),
    httpResponse({ key: 'answer', at: [650, 340] }, 'text/html; charset=utf-8'),
    httpIn({ key: 'json', at: [130, 400], to: [['judge json']] }, '/fine.json'),
    code({ key: 'judge json', at: [310, 400], to: [['bare']] }, 'judge', judge),
    code({ key: 'bare', at: [470, 400], to: [['answer json']] }, 'bare', [
      'msg.payload = msg.verdict;',
      'return msg;',
    ]),
    httpResponse({ key: 'answer json', at: [650, 400] }, 'application/json'),
  ],
)
