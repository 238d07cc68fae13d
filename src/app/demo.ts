import type { Simulator } from '../simulator/simulator.ts'
import { Secret } from '../util/secret.ts'
import type { Config } from './config-types.ts'
import type { SnapshotDisk } from './snapshot-file.ts'

const usualPort = 6668

/** The demo's configuration: the simulated cloud, every class of operations, and no thrift. */
export function demoConfig(config: Config, simulator: Simulator): Config {
  const { cloud, queue, lan = [], udp = [] } = simulator.address
  return {
    ...config,
    tuya: {
      region: 'eu',
      endpoint: cloud.endpoint,
      accessId: cloud.accessId,
      accessSecret: new Secret(cloud.accessSecret),
      accessSecretFile: null,
      uid: null,
      homes: [],
      schema: 'smartlife',
    },
    lan: {
      ...config.lan,
      subnets: ['127.0.0.0/8'],
      udpPorts: [...udp],
      // Where a system has one loopback address alone, devices have ports of their own, which they do not announce.
      // What is said in 3.1 proves nothing, so those have to be known.
      devices: lan
        .filter(({ port, version }) => port !== usualPort || version === '3.1')
        .map(({ id, ip, port }) => ({ id, ip, port })),
    },
    queue: { ...config.queue, channel: 'pulsar', url: queue.url, environment: queue.environment },
    budget: { cloudCallsPerDay: 1_000_000 },
    poll: { minSeconds: 1 },
    operations: { ...config.operations, allow: ['config', 'firmware', 'personal', 'lock', 'destructive'] },
    bridge: { remoteAdmin: true },
  }
}

/** The demo leaves nothing behind. */
export function memoryDisk(): SnapshotDisk {
  const files = new Map<string, string>()
  const missing = () => Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return {
    read: async (path) => {
      const text = files.get(path)
      if (text === undefined) throw missing()
      return Buffer.from(text)
    },
    write: async (path, data) => {
      files.set(path, data)
    },
    rename: async (from, to) => {
      const text = files.get(from)
      if (text === undefined) throw missing()
      files.delete(from)
      files.set(to, text)
    },
    remove: async (path) => {
      files.delete(path)
    },
    makeFolder: async () => {},
  }
}

/** What to try next, with the demo's own ids. */
export function demoHints(broker: string, base: string, http: string): string {
  const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
  const { host, port } = hostAndPort(broker)
  const at = `${host === '127.0.0.1' ? '' : ` -h ${host}`}${port === '1883' ? '' : ` -p ${port}`}`
  return `
The demo runs: a simulated cloud with two homes and twenty devices, and a broker on ${broker}
It talks to nothing outside this machine. Ctrl-C ends it.

  look      mosquitto_sub${at} -v -t '${base}/#'
  one lamp  mosquitto_sub${at} -v -t '${base}/+/device/${lamp}/#'
  command   mosquitto_pub${at} -t ${base}/cmd/device/${lamp}/dp/switch_led -m toggle
  by name   mosquitto_pub${at} -t '${base}/cmd/named/device/Desk lamp/dp/bright_value_v2' -m 800
  answers   mosquitto_sub${at} -v -t '${base}/result/#'
  refused   mosquitto_pub${at} -t ${base}/cmd/device/${lamp}/dp/bright_value_v2 -m 5000

Without mosquitto's clients: npx dp2mqtt watch, npx dp2mqtt send ${lamp} switch_led=toggle
See and try it all in a browser: ${http}/
State of the bridge: ${http}/readyz and ${http}/metrics
Your own homes: see README.md, "Your own devices".
`
}

function hostAndPort(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port }
}
