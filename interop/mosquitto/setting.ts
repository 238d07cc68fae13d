import assert from 'node:assert/strict'
import type { Court } from '../court.ts'
import { Mosquitto, type MosquittoOptions } from './broker.ts'
import { converged, difference, expectedTree, stored } from './expected.ts'
import { named, Rig, type Version, versions } from './rig.ts'
import { largeWorld } from './world.ts'

const persistence = ['persistence true', 'persistence_location FOLDER/data/', 'autosave_interval 1']

/** Brokers that are set differently; the default and our own file carry the whole contract elsewhere. */
const settings: readonly (readonly [string, MosquittoOptions])[] = [
  ['default', {}],
  ['max_queued_messages 10000', { lines: ['max_queued_messages 10000'] }],
  ['our file under per_listener_settings', { ours: { first: 'per_listener_settings true' } }],
  ['persistence', { lines: persistence }],
]

/** The retained tree under each setting and both versions. */
export async function judgeSettings(court: Court): Promise<void> {
  await Promise.all(
    settings.map(async ([name, options]) => {
      for (const version of versions) {
        await court.check(`${name}, ${named(version)}: the tree is complete`, () =>
          complete(options, version),
        )
      }
    }),
  )
  await court.check('persistence: killed with -9, the broker shows the tree before the bridge is back', () =>
    outlives(),
  )
  await Promise.all([
    court.check(
      'default: of 250 devices every scalar reaches a subscriber at QoS 1, and everything one at QoS 0',
      () => large({}, false),
    ),
    court.check('our mosquitto.conf: of 250 devices everything reaches a subscriber at QoS 1', () =>
      large({ ours: {} }, true),
    ),
  ])
}

async function complete(options: MosquittoOptions, version: Version): Promise<void> {
  await using broker = await Mosquitto.start(options)
  await using rig = await Rig.open({ broker: broker.place, version })
  await rig.ready()
  await converged(rig, 10_000)
}

async function outlives(): Promise<void> {
  await using broker = await Mosquitto.start({ lines: persistence })
  await using rig = await Rig.open({ broker: broker.place, version: 5 })
  await rig.ready()
  await converged(rig, 10_000)
  // The broker saves on its own timer.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  await rig.stopBridge('SIGKILL')
  await broker.stop('SIGKILL')
  await broker.startAgain()
  assert.equal(difference(withoutWill(await stored(rig)), rig.simulator.world), undefined)
}

/** The Will may or may not have been saved in time. */
function withoutWill(tree: Awaited<ReturnType<typeof stored>>): typeof tree {
  const state = tree.get('tuya/bridge/state')
  if (state) tree.set('tuya/bridge/state', { ...state, payload: 'online' })
  return tree
}

async function large(options: MosquittoOptions, allAtQos1: boolean): Promise<string> {
  await using broker = await Mosquitto.start(options)
  await using rig = await Rig.open({ broker: broker.place, version: 5, world: largeWorld(250) })
  await rig.ready()
  await converged(rig, 30_000)
  const tree = await stored(rig, { qos: 1 })
  const all = [...expectedTree(rig.simulator.world).keys()]
  assert.ok(all.length > 3_000, `only ${all.length} topics`)
  const lost = all.filter((topic) => !tree.has(topic))
  if (allAtQos1) assert.deepEqual(lost, [])
  else
    assert.deepEqual(
      lost.filter((topic) => /\/(dp|view)\//.test(topic)),
      [],
    )
  return `${all.length} topics, ${lost.length} lost at QoS 1`
}
