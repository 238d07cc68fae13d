import type { BridgeParts } from '../../../src/app/bridge.ts'
import { type CrashPlan, CrashPlan as Plan } from './crash-point.ts'
import { acknowledgeEarly, forgetful } from './sabotage.ts'
import { crashingDisk, wrapConnector, wrapDecode, wrapSink, wrapSocket } from './wrap.ts'

// The real bridge, out of `dist`, whose address is the argument; everything else comes by the environment. Where
// KILL_AT names a point, it kills itself there: what is released knows nothing of it.
const dist = process.argv[2] ?? ''
const { loadConfig } = (await import(`${dist}app/config.js`)) as typeof import('../../../src/app/config.ts')
const { Log } = (await import(`${dist}app/log.js`)) as typeof import('../../../src/app/log.ts')
const { Redactor } = (await import(`${dist}util/redact.js`)) as typeof import('../../../src/util/redact.ts')
const { wsOpener } = (await import(
  `${dist}transport/queue/ws-socket.js`
)) as typeof import('../../../src/transport/queue/ws-socket.ts')
const { Bridge } = (await import(`${dist}app/bridge.js`)) as typeof import('../../../src/app/bridge.ts')

/** Often enough that a death in the middle of saving comes soon. */
const saveEveryMs = 200

const { config, secrets } = loadConfig({ directory: '/nonexistent', env: process.env, demo: false })
const redactor = new Redactor()
for (const secret of secrets) redactor.learn(secret)
const { level, format } = config.log
const plan = Plan.fromEnv(process.env)
const bridge = new Bridge({
  config,
  redactor,
  log: new Log({ level, format, redactor }),
  pace: { perSecond: 500, burst: 500, perOperation: false },
  ...(plan ? seams(plan) : sabotage(process.env['KILL_SABOTAGE'])),
})

function seams(plan: CrashPlan): Partial<BridgeParts> {
  return {
    disk: crashingDisk(plan),
    queueSockets: { pulsar: wrapSocket(wsOpener({ insecure: false }), plan) },
    seams: {
      decode: (decode) => wrapDecode(decode, plan),
      sink: (sink) => wrapSink(sink, plan),
      connector: (connector) => wrapConnector(connector, plan),
    },
  }
}

/** A bridge that breaks a promise on purpose: whoever watches it has to notice. */
function sabotage(name: string | undefined): Partial<BridgeParts> {
  if (name === 'acknowledges-early') return { seams: { sink: acknowledgeEarly } }
  return name === 'forgets-source-times' ? { seams: { connector: forgetful } } : {}
}

// Whoever started it is gone: so is it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('SIGTERM', () => {
  void bridge[Symbol.asyncDispose]().then(() => process.exit(0))
})
await bridge.start()
const save = (): unknown => setTimeout(() => void bridge.saveNow().then(save), saveEveryMs).unref()
save()
const watch = setInterval(() => {
  if (bridge.health.links.mqtt.state !== 'up') return
  clearInterval(watch)
  process.send?.('up')
}, 20)
