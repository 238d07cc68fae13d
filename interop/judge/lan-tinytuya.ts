import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { Folder } from '../../test/support/folder.ts'
import { runToEnd } from '../child.ts'
import type { Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { lanWorld } from './lan-world.ts'
import { hearLines, script } from './lines.ts'

export const lanTinytuya: Judge = {
  name: 'lan-tinytuya',
  about: 'tinytuya 1.20.0, unchanged, controls simulated devices of 3.1 to 3.5 and finds them',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    using folder = new Folder()
    writeFileSync(folder.file('world.json'), JSON.stringify(lanWorld()))
    const udp = await Promise.all([1, 2, 3, 4].map(freePort))
    await using simulator = await SimulatorProcess.run(
      '--world',
      folder.file('world.json'),
      '--udp-ports',
      udp.join(','),
    )
    const given = JSON.stringify({ lan: simulator.lan, udp })
    await hearLines(court, await runToEnd(python, ['-B', script('lan.py'), given], { cwd: folder.path }))
  },
}

/** One that nobody has now. */
export function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    socket.bind(0, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}
