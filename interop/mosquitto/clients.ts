import assert from 'node:assert/strict'
import { Child, runToEnd } from '../child.ts'
import type { Court } from '../court.ts'
import { Mosquitto, type Role } from './broker.ts'
import { contentTypes } from './expected.ts'
import type { Document } from './observer.ts'
import { lamp } from './point.ts'
import { named, Rig, versions } from './rig.ts'

/** mosquitto_pub, _sub and _rr, as people use them. */
export async function judgeClients(court: Court): Promise<void> {
  await using broker = await Mosquitto.start({ ours: {} })
  for (const version of versions) {
    await using rig = await Rig.open({ broker: broker.place, version })
    await rig.ready()
    const at = (name: string) => `mosquitto's clients, bridge on ${named(version)}: ${name}`
    const rr = (...args: string[]) =>
      runToEnd('mosquitto_rr', [...as(rig, 'controller'), '-W', '10', ...args])

    await court.check(at('mosquitto_sub reads one value'), async () => {
      const topic = `tuya/state/device/${lamp}/dp/work_mode`
      const printed = await runToEnd('mosquitto_sub', [
        ...as(rig, 'dashboard'),
        '-C',
        '1',
        '-W',
        '5',
        '-t',
        topic,
      ])
      assert.equal(printed.trim(), 'white')
    })
    await court.check(at('mosquitto_sub -F shows flags and properties of every document'), async () => {
      const topic = `tuya/state/device/${lamp}`
      const format = ['-V', '5', '-F', '%t retain=%r %C|%P|%p']
      const printed = await runToEnd('mosquitto_sub', [
        ...as(rig, 'dashboard'),
        ...['-C', '1', '-W', '5', '-q', '1', '-t', topic],
        ...format,
      ])
      const expected = version === 5 ? contentTypes(rig.simulator.world).get(topic) : ''
      assert.match(printed, new RegExp(`^${topic} retain=1 ${expected ?? ''}\\|`))
      if (version === 5) assert.match(printed, /bridge:main.*source:/)
    })
    await court.check(at('mosquitto_pub -m toggle switches the lamp, mosquitto_sub -R sees it'), async () => {
      const { status } = rig.simulator.world.device(lamp)
      const before = status.get('switch_led')
      await using watcher = new Child('mosquitto_sub', [
        ...as(rig, 'controller'),
        ...['-v', '-R', '-W', '15', '-C', '1', '-t', `tuya/result/device/${lamp}`],
      ])
      await new Promise((resolve) => setTimeout(resolve, 300))
      await runToEnd('mosquitto_pub', [
        ...as(rig, 'controller'),
        ...['-q', '1', '-t', `tuya/cmd/device/${lamp}/dp/switch_led`, '-m', 'toggle'],
      ])
      const line = await watcher.firstLine(15_000)
      const result = JSON.parse(line.slice(line.indexOf('{'))) as Document
      assert.deepEqual([result['state'], result['sent']], ['confirmed', { switch_led: !before }])
      assert.equal(status.get('switch_led'), !before)
    })
    if (version === 5) {
      await court.check(
        at('mosquitto_rr gets its answer on its Response Topic, with its Correlation Data'),
        async () => {
          const printed = await rr(
            ...['-V', '5', '-q', '1', '-t', `tuya/cmd/device/${lamp}`, '-e', 'tuya/reply/controller/rr'],
            ...['-D', 'publish', 'correlation-data', 'abc-123', '-F', '%t %D %C %p'],
            ...['-m', '{"dp":{"bright_value_v2":333},"id":"r1"}'],
          )
          assert.match(printed, /^tuya\/reply\/controller\/rr abc-123 application\/json \{"id":"r1"/)
          assert.equal(rig.simulator.world.device(lamp).status.get('bright_value_v2'), 333)
        },
      )
      await court.check(at('mosquitto_rr is told why a value is refused'), async () => {
        const answer = JSON.parse(
          await rr(
            ...[
              '-V',
              '5',
              '-t',
              `tuya/cmd/device/${lamp}/dp/bright_value_v2`,
              '-e',
              'tuya/reply/controller/rr',
            ],
            ...['-m', '5'],
          ),
        ) as Document
        assert.equal(answer['reason'], 'command/out-of-range')
        assert.deepEqual(answer['details'], [{ dp: 'bright_value_v2', value: 5, min: 10, max: 1000 }])
      })
    }
    await court.check(at('mosquitto_rr -V 311 gets its answer by "from"'), async () => {
      const answer = JSON.parse(
        await rr(
          ...['-V', '311', '-q', '1', '-t', `tuya/cmd/device/${lamp}`, '-e', 'tuya/reply/controller'],
          ...['-m', '{"dp":{"bright_value_v2":444},"id":"r2","from":"controller"}'],
        ),
      ) as Document
      assert.deepEqual([answer['id'], answer['state']], ['r2', 'confirmed'])
    })
    await court.check(
      at('mosquitto_sub --remove-retained cleans a tree; republish fills it again'),
      async () => {
        await runToEnd('mosquitto_sub', [
          ...as(rig, 'bridge'),
          ...['-t', `tuya/state/device/${lamp}/#`, '--remove-retained', '--retained-only', '-W', '1'],
        ]).catch(() => '')
        await runToEnd('mosquitto_pub', [
          ...as(rig, 'administrator'),
          '-t',
          'tuya/cmd/bridge/republish',
          '-m',
          '1',
        ])
        const printed = await runToEnd('mosquitto_sub', [
          ...as(rig, 'dashboard'),
          ...['-C', '1', '-W', '8', '-t', `tuya/state/device/${lamp}/dp/work_mode`],
        ])
        assert.equal(printed.trim(), 'white')
      },
    )
    await rig.stopBridge()
  }
}

/** Host, port and user of a client program. */
function as({ broker: { url, password } }: Rig, role: Role): string[] {
  const { hostname, port } = new URL(url)
  const user = password ? ['-u', role, '-P', password(role)] : []
  return ['-h', hostname, '-p', port, ...user]
}
