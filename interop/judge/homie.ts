import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../child.ts'
import type { Judge } from '../court.ts'
import { Demo } from '../home-assistant/demo.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { hearLines, script } from './lines.ts'

export const homie: Judge = {
  name: 'homie',
  about:
    'the controller of ebus-sdk 0.27.0, a reader of Homie 5, finds the demo’s tree, checks every value and commands it',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: async (court) => {
    const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-judge-'))
    try {
      await using demo = await Demo.start(place, { homie5: true })
      const given = JSON.stringify({ port: demo.port })
      await hearLines(court, await runToEnd(python, ['-B', script('homie5.py'), given]))
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  },
}
