import { spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Folder } from '../support/folder.ts'
import { becomesReady, install, isReady, startCloud } from '../support/installation.ts'
import { program as file, Program } from '../support/process.ts'
import { until } from '../support/until.ts'

it('P5: a state directory that cannot be made is told, and the bridge goes on', async () => {
  using folder = new Folder()
  await using cloud = await startCloud()
  writeFileSync(folder.file('file'), 'in the way')
  const { env, http } = await install({
    endpoint: cloud.address.cloud.endpoint,
    env: { DP2MQTT_STATE_DIRECTORY: folder.file('file/state') },
  })
  await using program = new Program({ env })
  await becomesReady(http)
  await program.says('the snapshot cannot be saved')
  expect((await fetch(`http://127.0.0.1:${http}/livez`)).status).toBe(200)
  expect(await (await fetch(`http://127.0.0.1:${http}/metrics`)).text()).toContain(
    'dp2mqtt_snapshot_failing 1',
  )
})

describe('P7: standard output that nobody reads', () => {
  it('full: the program lives', async () => {
    const full = openSync('/dev/full', 'w')
    const { env, http } = await install()
    await using program = new Program({ env, stdout: full })
    closeSync(full)
    await becomesReady(http)
    expect(program.child.exitCode).toBeNull()
  })

  it('closed: the program lives', async () => {
    const { env, http } = await install({ env: { DP2MQTT_LOG_LEVEL: 'trace' } })
    await using program = new Program({ env })
    program.child.stdout?.destroy()
    program.child.stderr?.destroy()
    await becomesReady(http)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(program.child.exitCode).toBeNull()
    expect(await isReady(http)).toBe(true)
  })
})

it('P11: without file descriptors left it lives on, and recovers', async () => {
  const { env, http } = await install()
  // Fewer would not do for the start: Node opens all modules at once.
  const command = `ulimit -n 512; exec "${process.execPath}" "${file}" serve --demo`
  const child = spawn('sh', ['-c', command], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'ignore',
  })
  try {
    await becomesReady(http)
    let open = 0
    const sockets = Array.from({ length: 700 }, () =>
      connect(http, '127.0.0.1', () => open++).on('error', () => {}),
    )
    await until(() => open === 700, 20_000, 'the system taking all connections')
    // They are there, and the program cannot even refuse them all.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    for (const socket of sockets) socket.destroy()
    await becomesReady(http, 60_000)
    expect(child.exitCode).toBeNull()
  } finally {
    child.kill('SIGKILL')
  }
}, 120_000)
