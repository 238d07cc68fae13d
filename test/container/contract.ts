import { mkdirSync } from 'node:fs'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { furnish, passwordOf } from '../../interop/mosquitto/broker.ts'
import { contract } from '../../interop/mosquitto/contract.ts'
import { named, Rig, type Version } from '../../interop/mosquitto/rig.ts'
import { Folder } from '../support/folder.ts'
import { ContainerChild, docker } from './container.ts'

const mosquitto = 'eclipse-mosquitto:2'

/** The whole contract between our image and mosquitto in a container, with our mosquitto.conf and access list. */
export function carriesTheContract(version: Version): void {
  describe.skipIf(inject('engineMissing') !== '')(`our image and ${mosquitto} over ${named(version)}`, () => {
    let broker: StartedTestContainer | undefined
    let rig: Rig | undefined

    beforeAll(async () => {
      broker = await startMosquitto()
      // By its address: the port may be another one for IPv6.
      const host = broker.getHost().replace('localhost', '127.0.0.1')
      const url = `mqtt://${host}:${broker.getMappedPort(1883)}`
      rig = await Rig.open({
        broker: { url, password: passwordOf },
        version,
        launch: (settings) => ContainerChild.bridge(settings),
      })
      await rig.ready()
    })

    afterAll(async () => {
      await rig?.[Symbol.asyncDispose]()
      await broker?.stop()
    })

    for (const point of contract) it(point.name, async () => void (await point.show(rig as Rig)))
  })
}

async function startMosquitto(): Promise<StartedTestContainer> {
  // Until the container has started, and not only until its start was asked for: hence the await below.
  using folder = new Folder()
  const inside = '/mosquitto/config'
  mkdirSync(folder.file('files'))
  const files = folder.file('files')
  await furnish(files, undefined, (args) =>
    docker('run', '--rm', '--volume', `${files}:${files}`, mosquitto, 'mosquitto_passwd', ...args),
  )
  const copied = ['mosquitto.conf', 'mosquitto.acl', 'mosquitto.passwords'].map((name) => ({
    source: `${files}/${name}`,
    target: `${inside}/${name}`,
    mode: 0o644,
  }))
  return await new GenericContainer(mosquitto)
    .withCopyFilesToContainer(copied)
    .withTmpFs({ '/mosquitto/data': 'rw,mode=1777' })
    .withExposedPorts(1883)
    .withWaitStrategy(Wait.forListeningPorts())
    .start()
}
