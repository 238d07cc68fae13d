import assert from 'node:assert/strict'
import { runToEnd } from '../child.ts'
import type { Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { Tap } from '../tap.ts'
import { hearLines, script } from './lines.ts'
import { performed } from './performed.ts'

export const official: Judge = {
  name: 'official',
  about: 'the platform’s own tuya-connector-python 0.1.2, unchanged, drives `dp2mqtt simulate`',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    // It asks forty things as fast as it can, which is more than an account may do in a second.
    await using simulator = await SimulatorProcess.start('throttle=1000')
    await using tap = await Tap.start(simulator.cloud.endpoint)
    const given = JSON.stringify({ ...simulator.cloud, endpoint: tap.url, now: Date.now() })
    await hearLines(court, await runToEnd(python, ['-B', script('official.py'), given]))
    await court.check('at least 25 different operations of 8 groups were taken', async () => {
      const { done, groups } = performed(tap.heard)
      assert.ok(done.size >= 25, `only ${[...done].join(', ')}`)
      assert.ok(groups.size >= 8, `only ${[...groups].join(', ')}`)
      return `${done.size} operations of ${groups.size} groups`
    })
  },
}
