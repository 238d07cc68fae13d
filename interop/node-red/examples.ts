import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from '../../test/support/until.ts'
import type { Court } from '../court.ts'
import { type FlowNode, flowFile, type NodeRed } from './editor.ts'
import type { DemoHouse } from './house.ts'

const folder = fileURLToPath(new URL('../../examples/node-red/', import.meta.url))
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const sceneSwitch = 'bf96e3a4d0c7b8f152le5u'
const scene = '53IYSXI3gEn2w3Oc'
const version5 = 'command-with-response-topic.json'

/** A flow needs nothing of a broker that the other version has, with one exception. */
export const fileNames = (version: 4 | 5): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.json') && (version === 5 || name !== version5))

/** Everything that is asked of a running Node-RED with all example flows. */
export interface Bench {
  readonly house: DemoHouse
  readonly editor: NodeRed
  readonly version: 4 | 5
}

/** All files at once, as somebody who imports the lot would have them. */
export async function deployAll({ house, editor, version }: Bench): Promise<string> {
  const nodes = new Map<string, FlowNode>()
  for (const name of fileNames(version))
    for (const node of flowFile(folder + name, { port: house.port, version })) nodes.set(node.id, node)
  await editor.deploy([...nodes.values()])
  const deployed = await editor.flows()
  assert.deepEqual(deployed.map(({ id }) => id).sort(), [...nodes.keys()].sort())
  assert.deepEqual(editor.complaints, [])
  return `${fileNames(version).length} files, ${deployed.length} nodes`
}

export async function judgeExamples(court: Court, bench: Bench): Promise<void> {
  const { editor, version } = bench
  const check = (what: string, show: (bench: Bench) => Promise<unknown>) =>
    court.check(`${version === 5 ? 'MQTT 5' : 'MQTT 3.1.1'}: ${what}`, () => show(bench))
  await check('all example flows load and connect', deployAll)
  await check('light-by-button: one press toggles, two make it bright, a long one dims', presses)
  await check('light-by-button: after a restart of Node-RED nothing happens again', restarts)
  await check('energy-chart: the page draws what the plug said', energy)
  await check('scene-on-schedule: the button runs the scene, and the answer arrives', runsScene)
  await check('scene-on-schedule: so does the clock', scheduled)
  await check('command-with-receipt: one command is done, the other refused with its reason', () =>
    receipts(editor, 'command-with-receipt.json', bench),
  )
  if (version === 5)
    await check('command-with-response-topic: the same by Response Topic and Correlation Data', () =>
      receipts(editor, version5, bench),
    )
  await check('bedtime: the condition is taken, and the external action comes back', bedtime)
  await check('everything-is-fine: all is well, and then the bridge stops', fine)
  await check('Node-RED complained of nothing', async () => {
    assert.deepEqual(editor.complaints, [])
  })
}

/** The nodes of one file, by their names. */
function nodesOf(name: string, { house, version }: Bench): (type: string, called: string) => FlowNode {
  const nodes = flowFile(folder + name, { port: house.port, version })
  return (type, called) => {
    const node = nodes.find((one) => one.type === type && one['name'] === called)
    assert.ok(node, `${name} has no ${type} "${called}"`)
    return node
  }
}

async function presses({ house, editor }: Bench): Promise<void> {
  const { observer } = house
  const value = (code: string) => observer.text(`state/device/${lamp}/dp/${code}`)
  await until(() => value('switch_led') !== undefined, 5_000, 'the state of the lamp')
  const before = value('switch_led')
  const answer = await editor.shows('answer', () => house.report(sceneSwitch, { switch_mode1: 'click' }))
  assert.equal(answer.state, 'confirmed')
  await until(() => value('switch_led') === String(before !== 'true'), 10_000, 'the lamp toggled')
  house.report(sceneSwitch, { switch_mode1: 'double_click' })
  await until(() => value('bright_value_v2') === '1000', 10_000, 'the lamp bright')
  house.report(sceneSwitch, { switch_mode1: 'press' })
  await until(() => value('bright_value_v2') === '100', 10_000, 'the lamp dim')
}

async function restarts({ house, editor }: Bench): Promise<void> {
  const before = house.writes(lamp)
  assert.ok(before >= 3)
  assert.ok(house.observer.json(`last/device/${sceneSwitch}/button/switch_mode1`))
  await editor.restart()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  assert.equal(house.writes(lamp), before)
}

async function energy({ house, editor }: Bench): Promise<string> {
  const page = async () => (await fetch(`${editor.url}/energy`)).text()
  const values = async () => Number(/(\d+) values/.exec(await page())?.[1])
  const end = performance.now() + 30_000
  while ((await values()) < 3) {
    assert.ok(performance.now() < end, `the page has too few values: ${await page()}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  const text = await page()
  const shown = /now <b>([\d.]+) W/.exec(text)?.[1]
  const said = house.observer
    .on('state/device/bf5b8310dfe2a947c3jy2h/dp/cur_power')
    .map(({ payload }) => payload)
  assert.ok(said.includes(shown ?? ''), `${shown} W was never said`)
  assert.match(text, /<polyline points="[\d., ]{20,}"/)
  return `${await values()} values`
}

async function runsScene(bench: Bench): Promise<void> {
  const { house, editor } = bench
  const button = nodesOf('scene-on-schedule.json', bench)('inject', 'at ten')
  const before = house.observer.on(`event/scene/${scene}/run`).length
  const taken = await editor.shows('taken', () => editor.press(button.id))
  assert.equal(taken.state, 'confirmed')
  await house.observer.next(`event/scene/${scene}/run`, before, 15_000)
}

/** The same flow with a clock that strikes each two seconds. */
async function scheduled({ editor, house }: Bench): Promise<void> {
  const all = await editor.flows()
  const before = house.observer.on(`result/scene/${scene}`).length
  await editor.deploy(all.map((node) => (node['crontab'] ? { ...node, crontab: '*/2 * * * * *' } : node)))
  await until(() => house.observer.on(`result/scene/${scene}`).length > before + 1, 15_000, 'two runs')
  await editor.deploy(all)
}

async function receipts(editor: NodeRed, file: string, bench: Bench): Promise<void> {
  const node = nodesOf(file, bench)
  const done = await editor.shows('done', () => editor.press(node('inject', 'brightness 500').id))
  assert.deepEqual([done.state, done.sent], ['confirmed', { bright_value_v2: 500 }])
  const refused = await editor.shows('refused', () => editor.press(node('inject', 'brightness 5000').id))
  assert.deepEqual([refused.ok, refused.reason], [false, 'command/out-of-range'])
}

export async function bedtime(bench: Bench): Promise<void> {
  const { editor } = bench
  const button = nodesOf('bedtime.json', bench)('inject', 'bedtime')
  const told = editor.shows('what the automation told', () => {})
  const answer = await editor.shows('answer', () => editor.press(button.id))
  assert.equal(answer.state, 'confirmed')
  assert.deepEqual((await told).data, { action: 'goodnight', level: 3 })
}

async function fine({ editor, house }: Bench): Promise<string> {
  const verdict = async () =>
    (await (await fetch(`${editor.url}/fine.json`)).json()) as Record<string, unknown>
  const well = await verdict()
  assert.deepEqual([well['fine'], well['faults']], [true, []])
  assert.equal(well['devices'], 20)
  const { mqtt, cloud, queue } = well['links'] as Record<string, string>
  assert.deepEqual([mqtt, cloud, queue], ['up', 'up', 'up'])
  assert.match(await (await fetch(`${editor.url}/fine`)).text(), /Everything is fine/)
  const worse = await editor.shows('verdict', () => house.stopBridge())
  assert.ok(worse !== undefined)
  const after = await verdict()
  assert.equal(after['fine'], false)
  assert.ok((after['faults'] as string[]).includes('the bridge does not run'))
  return `${well['devices']} devices`
}
