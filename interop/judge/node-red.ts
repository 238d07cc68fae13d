import assert from 'node:assert/strict'
import { which } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installNodePackages } from '../install.ts'
import { Mosquitto } from '../mosquitto/broker.ts'
import { type FlowNode, NodeRed, readdressed } from '../node-red/editor.ts'
import { bedtime, deployAll, judgeExamples } from '../node-red/examples.ts'
import { DemoHouse } from '../node-red/house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

export const nodeRed: Judge = {
  name: 'node-red',
  about:
    'Node-RED 4.1.15 loads and runs every example flow, and the flows that `dp2mqtt export node-red` writes',
  lacks: () => undefined,
  prepare: installNodePackages,
  hear: async (court) => {
    await theDemo(court)
    {
      await using house = await DemoHouse.open()
      await using editor = await NodeRed.start()
      await judgeExamples(court, { house, editor, version: 4 })
    }
    if (which('mosquitto') === undefined) {
      court.skip('MQTT 5: the same', 'there is no mosquitto, and the broker inside speaks 3.1.1')
      return
    }
    await using broker = await Mosquitto.start()
    await using house = await DemoHouse.open({ port: broker.port })
    await using editor = await NodeRed.start()
    await judgeExamples(court, { house, editor, version: 5 })
  },
}

/** `dp2mqtt serve --demo` as it is, with what the exporter makes of it. */
async function theDemo(court: Court): Promise<void> {
  await using house = await DemoHouse.open({ demo: true })
  await using editor = await NodeRed.start()
  const bench = { house, editor, version: 4 } as const
  await court.check('the demo: all example flows load, and bedtime goes there and back', async () => {
    await deployAll(bench)
    await bedtime(bench)
  })
  let exported: FlowNode[] = []
  await court.check('the demo: the exported flows of all its devices load', async () => {
    exported = readdressed(JSON.parse(await house.run('export', 'node-red')) as FlowNode[], {
      port: house.port,
      version: 4,
    })
    await editor.deploy(exported)
    assert.equal((await editor.flows()).length, exported.length)
    assert.deepEqual(editor.complaints, [])
    return `${exported.length} nodes`
  })
  await court.check(
    'the demo: an exported button commands its lamp, whose value and answer are shown',
    async () => {
      const topic = `tuya/cmd/device/${lamp}/dp/switch_led`
      const out = exported.find((node) => node['topic'] === topic)
      const leadsThere = ({ wires }: FlowNode) =>
        (wires as string[][] | undefined)?.flat().includes(out?.id ?? '')
      const button = exported.find((node) => node['payload'] === 'toggle' && leadsThere(node))
      assert.ok(button)
      const before = house.observer.text(`state/device/${lamp}/dp/switch_led`)
      const shown = editor.shows('switch_led', () => {})
      const answer = await editor.shows('answer', () => editor.press(button.id))
      assert.equal(answer.state, 'confirmed')
      assert.equal(String(await shown), String(before !== 'true'))
    },
  )
}
