import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { ConfigError } from '../../src/app/config-fault.ts'
import { Program } from '../support/process.ts'

const project = { DP2MQTT_TUYA_ACCESS_ID: 'abc', DP2MQTT_TUYA_ACCESS_SECRET: 'a-secret-of-some-length' }

function faults(env: Record<string, string>): string[] {
  try {
    loadConfig({ directory: '/nonexistent', env: { ...project, ...env } })
    return []
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigError)
    return (thrown as ConfigError).faults.map(({ path }) => path)
  }
}

describe('attack 24: a broker that everyone can reach', () => {
  const users = JSON.stringify([{ name: 'panel', role: 'controller', password: 'a-password' }])
  const tls = JSON.stringify({ cert: 'cert.pem', key: 'key.pem' })

  it.each(['0.0.0.0', '::', '192.168.1.2', 'broker.example', '[::]', '10.0.0.1', '127.0.0.1.example'])(
    'does not start on %s without users, nor without TLS',
    (host) => {
      const env = { DP2MQTT_BROKER_HOST: host }
      expect(faults(env)).toEqual(expect.arrayContaining(['broker.users', 'broker.tls']))
      expect(faults({ ...env, DP2MQTT_BROKER_USERS: users })).toEqual(['broker.tls'])
      expect(faults({ ...env, DP2MQTT_BROKER_TLS: tls })).toContain('broker.users')
      expect(faults({ ...env, DP2MQTT_BROKER_ALLOW_PLAINTEXT: 'true' })).toEqual(['broker.users'])
    },
  )

  it.each(['127.0.0.1', '::1', 'localhost', '127.8.8.8'])('starts on %s without either', (host) => {
    expect(faults({ DP2MQTT_BROKER_HOST: host })).toEqual([])
  })

  it('an empty list of users is no list of users', () => {
    const env = {
      DP2MQTT_BROKER_HOST: '0.0.0.0',
      DP2MQTT_BROKER_ALLOW_PLAINTEXT: 'true',
      DP2MQTT_BROKER_USERS: '[]',
    }
    // Nobody may come in, which is safe; it must never mean that everybody may.
    const { config } = loadConfig({ directory: '/nonexistent', env: { ...project, ...env } })
    expect(config.broker.users).toEqual([])
  })

  it('the program says so and ends with 78', async () => {
    await using program = new Program({
      env: { ...project, DP2MQTT_BROKER_HOST: '0.0.0.0', DP2MQTT_BROKER_PORT: '0', DP2MQTT_HTTP_PORT: '0' },
    })
    expect((await program.exited).code).toBe(78)
    expect(program.err).toContain('broker.users')
    expect(program.err).toContain('broker.tls')
    expect(program.err).not.toContain(project.DP2MQTT_TUYA_ACCESS_SECRET)
  })
})
