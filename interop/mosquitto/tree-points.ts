import assert from 'node:assert/strict'
import { contentTypes, converged, difference, stored } from './expected.ts'
import { type Point, plug } from './point.ts'

/** What is retained, and how. */
export const treePoints: readonly Point[] = [
  {
    name: 'the bridge says that it is online, what it is, and what it can',
    show: async (rig) => {
      const observer = await rig.observe()
      // It looks at its own figures once a second.
      const counted = () =>
        observer.json('bridge/info')?.['counts'].devices === rig.simulator.world.devices.size
      await rig.until(counted, 5_000, 'the number of devices')
      assert.equal(observer.text('bridge/state'), 'online')
      assert.equal(observer.json('bridge/info')?.['contract'], '1.0')
      assert.equal(observer.json('bridge/health')?.['links'].mqtt.state, 'up')
      assert.ok(observer.json('bridge/catalog')?.['operations'].length >= 18)
    },
  },
  {
    name: 'the retained tree is complete and shows the true values',
    show: async (rig) => {
      await converged(rig, 10_000)
      return `${(await stored(rig)).size} topics`
    },
  },
  {
    name: 'a client of MQTT 3.1.1 sees the same tree as one of MQTT 5',
    show: async (rig) => {
      for (const version of [4, 5] as const)
        assert.equal(difference(await stored(rig, { version }), rig.simulator.world), undefined)
    },
  },
  {
    name: 'documents are kept at QoS 1, scalars and views at QoS 0',
    show: async (rig) => {
      for (const { topic, qos } of (await stored(rig)).values())
        assert.equal(qos, /\/(dp|view)\//.test(topic) ? 0 : 1, topic)
    },
  },
  {
    name: 'over MQTT 5 every message tells its content type and the bridge that speaks',
    show: async (rig) => {
      const expected = contentTypes(rig.simulator.world)
      for (const { topic, properties } of (await stored(rig)).values()) {
        if (rig.version === 4) {
          assert.equal(properties?.contentType, undefined, topic)
          continue
        }
        assert.equal(properties?.userProperties?.['bridge'], 'main', topic)
        assert.equal(properties?.payloadFormatIndicator, true, topic)
        const type = expected.get(topic)
        if (type !== undefined) assert.equal(properties?.contentType, type, topic)
        if (!/^tuya\/state\/device\/\w+(\/dp\/\w+)?$/.test(topic)) continue
        assert.match(String(properties?.userProperties?.['source']), /^(poll|snapshot)$/, topic)
        assert.match(String(properties?.userProperties?.['timeMs']), /^\d{13}$/, topic)
      }
    },
  },
  {
    name: 'what a device reports by itself appears',
    show: async (rig) => {
      const observer = await rig.observe()
      await observer.quiet()
      rig.simulator.world.report(plug, { cur_voltage: 2301, fault: 2 })
      await rig.until(
        () => observer.text(`state/device/${plug}/dp/cur_voltage`) === '230.1',
        10_000,
        'the voltage',
      )
      const fault = () => observer.text(`state/device/${plug}/dp/fault`) === '["ov_vol"]'
      await rig.until(fault, 3_000, 'the fault')
      await rig.until(() => observer.text(`state/device/${plug}/view/fault/mask`) === '2', 3_000, 'the mask')
      rig.simulator.world.report(plug, { cur_voltage: 2297, fault: 0 })
    },
  },
]
