import assert from 'node:assert/strict'
import { formsOf } from '../../src/util/redact.ts'
import { passwordOf, roles } from './broker.ts'
import { converged, stored } from './expected.ts'
import { lamp, type Point, plug } from './point.ts'
import type { Rig } from './rig.ts'

/** Commands that the broker kept, ends of all kinds, and what must never be said. */
export const lifePoints: readonly Point[] = [
  {
    name: 'K3: a live retained command is refused and removed (MQTT 5); over 3.1.1 it runs once, and its copy never again',
    show: async (rig) => {
      const before = rig.writes(plug)
      const observer = await rig.observe()
      await observer.quiet()
      const client = await rig.client('controller', 5)
      const topic = `cmd/device/${plug}/dp/child_lock`
      await client.publishAsync(`tuya/${topic}`, 'true', { qos: 1, retain: true })
      const { payload } = await observer.next(`result/device/${plug}`, 0, 12_000)
      if (rig.version === 4) {
        assert.equal(rig.writes(plug) - before, 1)
        await restart(rig)
        assert.equal(rig.writes(plug) - before, 1)
      } else {
        assert.equal(JSON.parse(payload).reason, 'command/retained')
        assert.equal(JSON.parse((await observer.next('bridge/error')).payload).topic, `tuya/${topic}`)
        assert.equal(rig.writes(plug), before)
      }
      await until(async () => !(await stored(rig)).has(`tuya/${topic}`), 'the copy being removed')
    },
  },
  {
    name: 'K3, K6: commands that come while the bridge is away, kept or not, are never carried out; kept ones are cleared',
    show: async (rig) => {
      const client = await rig.client('controller', 5)
      const before = rig.simulator.journal.entries('command').length
      const { code } = await rig.stopBridge()
      assert.equal(code, 0)
      assert.equal((await stored(rig)).get('tuya/bridge/state')?.payload, 'offline')
      for (const [i, point] of ['switch_led', 'do_not_disturb'].entries())
        await client.publishAsync(`tuya/cmd/device/${lamp}/dp/${point}`, 'true', { qos: 2, retain: i === 0 })
      rig.startBridge()
      await rig.ready()
      await until(
        async () => ![...(await stored(rig)).keys()].some((topic) => topic.startsWith('tuya/cmd/')),
        'the kept command being cleared',
      )
      assert.equal(rig.simulator.journal.entries('command').length, before)
    },
  },
  {
    name: 'killed with -9, the Will says offline while devices still say online; started again, all is as before',
    show: async (rig) => {
      const observer = await rig.observe()
      await observer.quiet()
      await rig.stopBridge('SIGKILL')
      await rig.until(() => observer.text('bridge/state') === 'offline', 5_000, 'the Will')
      assert.equal(observer.text(`state/device/${lamp}/availability`), 'online')
      rig.startBridge()
      await rig.ready()
      await converged(rig, 10_000)
    },
  },
  {
    name: 'stopped with SIGTERM, it says offline and ends with 0 within 8 s',
    show: async (rig) => {
      const observer = await rig.observe()
      await observer.quiet()
      const startMs = performance.now()
      const { code } = await rig.stopBridge()
      const took = performance.now() - startMs
      assert.equal(code, 0)
      assert.ok(took < 8_000, `${took} ms`)
      await rig.until(() => observer.text('bridge/state') === 'offline', 2_000, 'the goodbye')
      rig.startBridge()
      await rig.ready()
      return `${Math.round(took)} ms`
    },
  },
  {
    name: 'no secret stands in any topic, page or log line',
    show: async (rig) => {
      const { accessSecret, accessId } = rig.simulator.world.project
      const keys = [...rig.simulator.world.devices.values()].map(({ localKey }) => localKey)
      const secrets = [accessSecret, ...keys, ...roles.map(passwordOf)].flatMap(formsOf)
      const pages = await Promise.all(['/readyz', '/metrics', '/livez'].map((page) => rig.page(page)))
      const said = [...(await stored(rig)).values()].map(({ topic, payload }) => `${topic} ${payload}`)
      for (const text of [...pages, ...said, rig.bridge.err, rig.bridge.out])
        assert.equal(
          secrets.find((secret) => text.includes(secret)),
          undefined,
          text.slice(0, 200),
        )
      assert.ok(accessId.length > 0 && said.length > 100)
    },
  },
]

async function restart(rig: Rig): Promise<void> {
  await rig.stopBridge()
  rig.startBridge()
  await rig.ready()
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 8_000
  while (!(await condition())) if (performance.now() > end) throw new Error(`${what} did not come true`)
}
