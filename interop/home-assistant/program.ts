import { createHmac, randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../test/support/until.ts'
import { Child } from '../child.ts'
import { HomeAssistantClient } from './client.ts'

export interface HomeAssistantOptions {
  /** The words that start the program, before its arguments. */
  readonly command: readonly string[]
  readonly brokerPort: number
}

/** Home Assistant itself, headless, with its MQTT integration set up as its own dialogue would leave it. */
export class HomeAssistant implements AsyncDisposable {
  readonly client: HomeAssistantClient
  readonly #child: Child
  readonly #folder: string

  private constructor(child: Child, folder: string, client: HomeAssistantClient) {
    this.#child = child
    this.#folder = folder
    this.client = client
  }

  static async start({ command, brokerPort }: HomeAssistantOptions): Promise<HomeAssistant> {
    const folder = await mkdtemp(join(tmpdir(), 'dp2mqtt-hass-'))
    const port = await freePort()
    const token = await writeFolder(folder, port, brokerPort)
    const [name = '', ...words] = command
    const child = new Child(name, [...words, '-c', folder, '--skip-pip'], { cwd: folder })
    const client = new HomeAssistantClient(`http://127.0.0.1:${port}`, token)
    let reached = false
    const asking = setInterval(() => {
      client.get('/api/').then(
        () => {
          reached = true
        },
        () => {},
      )
    }, 500)
    const program = new HomeAssistant(child, folder, client)
    try {
      await until(() => reached || !child.running, 90_000, 'an answer of Home Assistant')
      if (!child.running) throw new Error('Home Assistant ended.')
      return program
    } catch (thrown) {
      await program[Symbol.asyncDispose]()
      throw new Error(`${thrown instanceof Error ? thrown.message : thrown}\n${child.err.slice(-4_000)}`)
    } finally {
      clearInterval(asking)
    }
  }

  /** What it said besides the normal story. */
  get complaints(): readonly string[] {
    const lines = `${this.#child.out}\n${this.#child.err}`.split('\n')
    return lines.filter((line) => /\b(WARNING|ERROR|CRITICAL)\b/.test(line) && !harmless.test(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close()
    await this.#child.stop('SIGTERM', 20_000)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/**
 * What it says of the machine that it runs on, of what was left out of its configuration, and (its version 2025.4) of
 * devices with hidden entities that go.
 */
const harmless =
  /Skipping pip|homeassistant\.setup\](?!.*mqtt)|No device components to cleanup|bluetooth|ffmpeg|turbojpeg|libpcap|dhcp|ssdp|zeroconf|hassio|custom integration|recorder|not been tested|running as root|http.*ban|open file limit|database|network interface|aiohttp_fast_zlib|zlib_ng|isal|Python version|deprecat.*python/i

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const configuration = (port: number) => `
homeassistant:
  name: Judge
  unit_system: metric
  time_zone: UTC
  currency: EUR
  country: DE
http:
  server_host: 127.0.0.1
  server_port: ${port}
frontend:
energy:
judge:
logger:
  default: warning
`

const components = fileURLToPath(new URL('custom_components/', import.meta.url))

/** What is kept of a set-up that people made by hand: the owner, a token, and the MQTT integration. */
async function writeFolder(folder: string, port: number, brokerPort: number): Promise<string> {
  const storage = join(folder, '.storage')
  await mkdir(storage)
  await writeFile(join(folder, 'configuration.yaml'), configuration(port))
  await cp(components, join(folder, 'custom_components'), { recursive: true })
  const keep = (key: string, data: unknown, version = 1, minor = 1) =>
    writeFile(join(storage, key), JSON.stringify({ version, minor_version: minor, key, data }))
  const now = new Date().toISOString().replace('Z', '+00:00')
  const secret = randomBytes(64).toString('hex')
  const [user, session] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
  await keep('auth', {
    users: [
      {
        id: user,
        group_ids: ['system-admin'],
        is_owner: true,
        is_active: true,
        name: 'Judge',
        system_generated: false,
        local_only: false,
      },
    ],
    groups: [
      { id: 'system-admin', name: 'Administrators' },
      { id: 'system-users', name: 'Users' },
      { id: 'system-read-only', name: 'Read Only' },
    ],
    credentials: [],
    refresh_tokens: [
      {
        id: session,
        user_id: user,
        client_id: null,
        client_name: 'judge',
        client_icon: null,
        token_type: 'long_lived_access_token',
        created_at: now,
        access_token_expiration: 315_360_000,
        token: randomBytes(64).toString('hex'),
        jwt_key: secret,
        last_used_at: null,
        last_used_ip: null,
        expire_at: null,
        credential_id: null,
        version: null,
      },
    ],
  })
  await keep('onboarding', { done: ['user', 'core_config', 'analytics', 'integration'] }, 4)
  await keep('core.config_entries', { entries: [mqttEntry(brokerPort, now)] }, 1, 4)
  return token(session, secret)
}

function mqttEntry(port: number, now: string): object {
  return {
    created_at: now,
    modified_at: now,
    data: {
      broker: '127.0.0.1',
      port,
      protocol: '3.1.1',
      discovery: true,
      discovery_prefix: 'homeassistant',
    },
    options: {},
    disabled_by: null,
    discovery_keys: {},
    domain: 'mqtt',
    entry_id: randomBytes(16).toString('hex'),
    minor_version: 2,
    pref_disable_new_entities: false,
    pref_disable_polling: false,
    source: 'user',
    subentries: [],
    title: 'dp2mqtt',
    unique_id: null,
    version: 1,
  }
}

/** A signed token, as Home Assistant's own page for long-lived ones makes them. */
function token(issuer: string, secret: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  const part = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: issuer, iat: seconds - 60, exp: seconds + 86_400 })}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}
