import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { installationOf, treesOf } from '../../src/app/installation.ts'
import { asyncApi } from '../../src/mqtt/asyncapi.ts'
import { homeAssistantTopics, homie4Topics, homie5Topics } from '../../src/mqtt/convention-topics.ts'
import { topics, tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import type { Topic } from '../../src/mqtt/topic-entry.ts'
import { testConfig } from '../support/config.ts'

type Changes = Parameters<typeof testConfig>[0]

interface Document {
  readonly servers: { readonly broker: Record<string, unknown> }
  readonly channels: Record<string, { readonly address: string | null; readonly messages: object }>
  readonly operations: Record<string, { readonly action: string; readonly reply?: unknown }>
  readonly components: {
    readonly messages: Record<string, { readonly payload: { readonly schema: object } }>
    readonly schemas: Record<string, { readonly schema: object }>
  }
}

const documentOf = (changes: Changes = {}) =>
  asyncApi(installationOf(testConfig(changes))) as unknown as Document

const everything = {
  names: 'mirror',
  members: 'roles',
  publish: { entities: true, homeassistant: true, homie4: true, homie5: true },
  log: { mqttLevel: 'info' },
} as const

const elsewhere = { mqtt: { url: 'mqtts://broker.example:8883', base: 'house/tuya', username: 'bridge' } }

describe('the description of an installation', () => {
  it('has every topic of the table below the base, with its direction', () => {
    const { channels, operations } = documentOf({ ...everything, ...elsewhere })
    for (const [name, { pattern, direction }] of Object.entries(topics)) {
      expect(channels[name]?.address, name).toBe(`house/tuya/${pattern}`)
      expect(operations[name]?.action, name).toBe(direction === 'publish' ? 'send' : 'receive')
    }
  })

  it('has the tree of tuya-mqtt where that is on', () => {
    const { channels } = documentOf({ tuyaMqtt: { enabled: true, base: 'legacy' } })
    for (const [name, { pattern }] of Object.entries(tuyaMqttTopics))
      expect(channels[name]?.address, name).toBe(`legacy/${pattern}`)
    expect(Object.keys(documentOf().channels)).not.toContain('tuyaMqttDp')
  })

  it.each([
    ['Home Assistant', { homeassistant: true, homeassistantPrefix: 'ha' }, 'ha', homeAssistantTopics],
    ['Homie 5', { homie5: true, homieDomain: 'convention' }, 'convention', homie5Topics],
    ['Homie 4', { homie4: true, homieDomain: 'convention' }, 'convention', homie4Topics],
  ] as const)('has the tree of %s where that is on', (_, publish, base, table) => {
    const { channels, operations } = documentOf({ publish })
    const off = documentOf()
    for (const [name, { pattern, direction }] of Object.entries<Topic>(table)) {
      expect(channels[name]?.address, name).toBe(`${base}/${pattern}`)
      expect(operations[name]?.action, name).toBe(direction === 'publish' ? 'send' : 'receive')
      expect(operations[name]?.reply, name).toBeUndefined()
      expect(off.channels[name], name).toBeUndefined()
    }
  })

  it('leaves out what the settings switch off', () => {
    const off = {
      names: 'off',
      publish: { scalars: false, views: false, reports: false, last: false },
      members: 'off',
    } as const
    const names = Object.keys(documentOf(off).channels)
    expect(names).toContain('stateDevice')
    for (const gone of ['stateDp', 'stateView', 'eventReport', 'lastAction', 'commandNamed', 'metaMembers'])
      expect(names).not.toContain(gone)
    expect(Object.keys(treesOf(testConfig())[0]?.topics ?? {})).not.toContain('stateNamedDp')
  })

  it('names the broker and never a password', () => {
    const address = { mqtt: { ...elsewhere.mqtt, url: 'mqtts://me:canary-9d1@broker.example:8883' } }
    const document = documentOf(address)
    expect(document.servers.broker).toMatchObject({
      host: 'broker.example:8883',
      protocol: 'secure-mqtt',
      protocolVersion: '5.0',
      security: [{ $ref: '#/components/securitySchemes/user' }],
    })
    expect(JSON.stringify(document)).not.toContain('canary-9d1')
  })

  it('says where answers go: where the Response Topic wants them, and over 3.1.1 by the name of who asked', () => {
    expect(documentOf(elsewhere).operations['commandDevice']?.reply).toMatchObject({
      address: { location: '$message.header#/responseTopic' },
    })
    expect(documentOf().operations['commandDevice']?.reply).toMatchObject({
      channel: { $ref: '#/channels/reply' },
    })
  })

  it('offers the operations that may be called and no other', () => {
    const calls = (changes: Changes) =>
      Object.keys(documentOf(changes).channels['commandOperation']?.messages ?? {})
    expect(calls({})).toContain('call-device-status')
    expect(calls({})).not.toContain('call-home-create')
    expect(calls({ operations: { allow: ['config'] } })).toContain('call-home-create')
    expect(calls({ operations: { allow: ['room-delete'] } })).toContain('call-room-delete')
  })

  it('asks for no parameter that the bridge fills in', () => {
    const check = new Ajv({ strict: false }).compile(
      documentOf().components.messages['call-scene-list']?.payload.schema ?? {},
    )
    expect(check({ params: {} })).toBe(true)
    expect(check({ params: { home: 1 } })).toBe(false)
  })

  it('leads every reference somewhere', () => {
    const document = documentOf({ ...everything, ...elsewhere })
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path = '']) => path,
    )
    expect(references.length).toBeGreaterThan(200)
    for (const path of new Set(references)) {
      const found = path
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], document)
      expect(found, path).toBeDefined()
    }
  })
})
