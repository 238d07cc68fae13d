import { describe, expect, it } from 'vitest'
import { OperationRunner, type OperationRunnerParts, without } from '../../src/app/operations.ts'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import { shownBy } from '../../src/codec/cloud/operation.ts'
import type { CallOptions } from '../../src/transport/cloud/client.ts'
import { BridgeError } from '../../src/util/error.ts'
import { Redactor } from '../../src/util/redact.ts'
import { canaries } from '../support/canary.ts'
import { fittingArguments } from '../support/operation-arguments.ts'

interface Asked {
  readonly id: string
  readonly params: object
  readonly options: Omit<CallOptions, 'signal'>
}

function runner(result: unknown = {}, changes: Partial<OperationRunnerParts> = {}) {
  const asked: Asked[] = []
  const occupied: string[] = []
  const made = new OperationRunner({
    client: {
      raw: async (operation, params, { signal: _signal, ...options }) => {
        asked.push({ id: operation.id, params, options })
        return result
      },
    },
    router: {
      occupy: (deviceId, work) => {
        occupied.push(deviceId)
        return work()
      },
    },
    redactor: new Redactor(),
    allow: [],
    defaults: () => ({ uid: 'eu1', schema: 'smart', home_id: '3182004' }),
    ...changes,
  })
  const run = (id: string, params: Record<string, unknown> = {}) =>
    made.prepare(id, params)(new AbortController().signal)
  return { made, run, asked, occupied }
}

describe('which operations may be called', () => {
  it('reading and controlling without being asked, tokens never, the rest when its class or name is allowed', () => {
    for (const allow of [
      [],
      ['config', 'firmware', 'personal', 'lock', 'destructive'],
      ['never', 'token-get'],
    ]) {
      const { made } = runner({}, { allow })
      for (const { id, class: kind } of operations) {
        const free = kind === 'read' || kind === 'control'
        const allowed = kind !== 'never' && (free || allow.includes(kind) || allow.includes(id))
        expect(made.describe(id), id).toEqual({
          class: kind,
          allowed,
          private: kind === 'personal' || kind === 'lock' || id === 'pairing-token-create',
        })
      }
    }
  })

  it('the catalogue lists each with class, parameters and whether it is allowed', () => {
    const { made } = runner()
    const { operations: listed } = made.catalog as {
      operations: { id: string; allowed: boolean; params: object[] }[]
    }
    expect(listed.map(({ id }) => id)).toEqual(made.ids)
    expect(made.ids).toEqual([...operations.map(({ id }) => id), 'cloud-request'])
    expect(listed.find(({ id }) => id === 'device-get')).toMatchObject({
      class: 'read',
      allowed: true,
      params: [{ name: 'device_id', type: 'string', required: true, expected: expect.any(String) }],
    })
    expect(listed.find(({ id }) => id === 'token-get')?.allowed).toBe(false)
  })

  it('what does not exist is not described', () => {
    const { made } = runner()
    for (const id of ['', 'constructor', '__proto__', 'device-gett'])
      expect(made.describe(id)).toBeUndefined()
    expect(() => made.prepare('nothing', {})).toThrow(BridgeError)
  })
})

describe('parameters', () => {
  it('defaults fill what is required and missing, and nothing else (18.7)', async () => {
    const { run, asked } = runner()
    await run('user-homes')
    await run('room-list')
    await run('room-list', { home_id: 7 })
    await run('device-get', { device_id: 'bf1' })
    await run('associated-devices', { size: '20' })
    expect(asked.map(({ params }) => params)).toEqual([
      { uid: 'eu1' },
      { home_id: '3182004' },
      { home_id: 7 },
      { device_id: 'bf1' },
      { size: '20' },
    ])
  })

  it('a default that there is none of does not fill', () => {
    const { made } = runner({}, { defaults: () => ({ uid: null, schema: null, home_id: null }) })
    expect(() => made.prepare('room-list', {})).toThrow(
      expect.objectContaining({ code: 'command/missing-param' }),
    )
  })

  it.each([
    ['device-get', {}, 'missing-param', 'device_id'],
    ['device-commands', { device_id: 'bf1' }, 'missing-param', 'commands'],
    ['device-get', { device_id: 'a/b' }, 'bad-param', 'device_id'],
    ['device-get', { device_id: '../../v1.0/token' }, 'bad-param', 'device_id'],
    ['device-get', { device_id: 7 }, 'bad-param', 'device_id'],
    ['device-get', { device_id: 'bf1', extra: 1 }, 'bad-param', 'extra'],
    ['device-get', { device_id: '' }, 'bad-param', 'device_id'],
    ['associated-devices', { size: 'many' }, 'bad-param', 'size'],
    ['device-commands', { device_id: 'bf1', commands: 'on' }, 'bad-param', 'commands'],
  ])('%s with %j is refused as %s, before anything is called', (id, params, reason, named) => {
    const { made, asked } = runner()
    try {
      made.prepare(id, params)
      throw new Error('it was accepted')
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: `command/${reason}`, retry: 'never' })
      expect(JSON.stringify(thrown instanceof BridgeError && [thrown.message, thrown.details])).toContain(
        named,
      )
    }
    expect(asked).toEqual([])
  })

  it('what controls a device waits in its lane; what reads does not', async () => {
    const { run, occupied } = runner()
    await run('device-commands', { device_id: 'bf1', commands: [{ code: 'switch', value: true }] })
    await run('thing-properties-issue', { device_id: 'bf2', properties: '{}' })
    await run('device-get', { device_id: 'bf3' })
    expect(occupied).toEqual(['bf1', 'bf2'])
  })
})

describe('what is asked of the cloud', () => {
  const everything = ['config', 'firmware', 'personal', 'lock', 'destructive']

  it.each(operations.filter((one) => one.class !== 'never').map((one) => [one.id, one] as const))(
    'R-C6: %s goes before questions if it changes something, and keeps off the reserve if it does not',
    async (id, operation) => {
      const { run, asked } = runner(true, { allow: everything })
      await run(id, fittingArguments(operation))
      expect(asked.map(({ options }) => options)).toEqual([
        operation.method === 'GET' ? { priority: 'reconcile', urgent: true } : { priority: 'command' },
      ])
    },
  )

  it('what may have changed something is told once the cloud took it', async () => {
    const changed: string[] = []
    const onChanged: OperationRunnerParts['onChanged'] = ({ id }, { home_id }) => {
      changed.push(`${id} ${home_id}`)
    }
    const { run } = runner(true, { onChanged })
    await run('scene-trigger', { scene_id: 's1' })
    await run('room-list')
    const refusing = runner(true, {
      onChanged,
      client: { raw: () => Promise.reject(new BridgeError('cloud/refused', 'no')) },
    })
    await expect(refusing.run('room-create', { name: 'Kitchen' })).rejects.toThrow('no')
    expect(changed).toEqual(['scene-trigger 3182004'])
  })

  it('a closer look may refuse the parameters, or put others in their place, before anything is asked', async () => {
    const refine: OperationRunnerParts['refine'] = (id, params) => {
      if (params['name'] === '') throw new BridgeError('command/bad-param', `${id}: the name is empty.`)
      return { ...params, name: String(params['name']).trim() }
    }
    const { made, run, asked } = runner('1408001', { refine })
    expect(() => made.prepare('room-create', { name: '' })).toThrow('room-create: the name is empty.')
    await run('room-create', { name: ' Kitchen ' })
    expect(asked.map(({ params }) => params)).toEqual([{ home_id: '3182004', name: 'Kitchen' }])
  })

  it('no default says what to remove', () => {
    const { made } = runner(true, { allow: everything })
    for (const id of ['home-delete', 'member-delete', 'member-update']) {
      expect(() => made.prepare(id, id === 'member-update' ? { admin: true } : {}), id).toThrow(
        expect.objectContaining({ code: 'command/missing-param' }),
      )
    }
  })
})

describe('locks', () => {
  const write = { device_id: 'lock1', commands: [{ code: 'automatic_lock', value: true }] }
  const isLock = (id: string) => id.startsWith('lock')

  it.each([
    ['device-commands', write],
    ['iot03-commands', write],
    ['thing-properties-issue', { device_id: 'lock1', properties: '{}' }],
  ])('%s does not write to one unless the class is allowed', async (id, params) => {
    const closed = runner(true, { isLock })
    expect(() => closed.made.prepare(id, params)).toThrow(
      expect.objectContaining({ code: 'command/forbidden', details: [{ device: 'lock1', class: 'lock' }] }),
    )
    await closed.run(id, { ...params, device_id: 'lamp1' })
    await runner(true, { isLock, allow: ['lock'] }).run(id, params)
  })
})

describe('requests of one’s own', () => {
  const rawPrefixes = ['/v1.0/devices', '/v1.0/homes/', '/v9.9/new/']
  const request = (method: string, path: string, more: object = {}) => ({ method, path, ...more })

  it('are off until path prefixes are listed', () => {
    expect(runner().made.describe('cloud-request')).toEqual({ class: 'raw', allowed: false, private: false })
    expect(() => runner().made.prepare('cloud-request', request('GET', '/v1.0/devices/bf1'))).toThrow(
      expect.objectContaining({ code: 'command/forbidden' }),
    )
    const { made } = runner({}, { rawPrefixes })
    expect(made.describe('cloud-request')).toEqual({ class: 'raw', allowed: true, private: false })
    const { operations: listed } = made.catalog as { operations: { id: string }[] }
    expect(listed.find(({ id }) => id === 'cloud-request')).toMatchObject({
      allowed: true,
      prefixes: rawPrefixes,
    })
  })

  it('go out as they are, and what comes back is redacted', async () => {
    const { run, asked } = runner(
      { id: 'bf1', local_key: 'k', list: [{ ip: '1.2.3.4', v: 1 }] },
      { rawPrefixes },
    )
    const given = request('GET', '/v9.9/new/bf1', { query: { a: 1 } })
    expect((await run('cloud-request', given)).result).toEqual({ id: 'bf1', list: [{ v: 1 }] })
    await run('cloud-request', request('POST', '/v9.9/new/bf1', { body: [1] }))
    expect(asked).toEqual([
      { id: 'cloud-request', params: given, options: { priority: 'reconcile', urgent: true } },
      {
        id: 'cloud-request',
        params: request('POST', '/v9.9/new/bf1', { body: [1] }),
        options: { priority: 'command' },
      },
    ])
  })

  it('need the right to the operation that lives at their address', async () => {
    const forbidden = runner({}, { rawPrefixes, allow: ['config'] })
    for (const given of [
      request('DELETE', '/v1.0/devices/bf1'),
      request('PUT', '/v1.0/devices/bf1/reset-factory'),
      request('DELETE', '/v1.0/homes/7'),
      request('GET', '/v1.0/homes/7/members'),
    ]) {
      expect(() => forbidden.made.prepare('cloud-request', given), JSON.stringify(given)).toThrow(
        expect.objectContaining({ code: 'command/forbidden' }),
      )
    }
    const allowed = runner(true, { rawPrefixes, allow: ['device-delete'] })
    await allowed.run('cloud-request', request('DELETE', '/v1.0/devices/bf1'))
    expect(allowed.asked.map(({ id }) => id)).toEqual(['device-delete'])
  })

  it('tell which automation they fire', () => {
    const { made } = runner({}, { rawPrefixes })
    const params = { home_id: 7, automation_id: 'a1', $root: [] }
    expect(made.describe('automation-external-trigger', params)?.fires).toBe('a1')
    const path = '/v1.0/homes/7/automations/a1/conditions/trigger'
    expect(made.describe('cloud-request', request('POST', path))?.fires).toBe('a1')
    expect(made.describe('cloud-request', request('GET', path))?.fires).toBeUndefined()
  })

  it('are as private as that operation', () => {
    const { made } = runner({}, { rawPrefixes, allow: ['personal', 'lock'] })
    const isPrivate = (method: string, path: string) =>
      made.describe('cloud-request', request(method, path))?.private
    expect(isPrivate('GET', '/v1.0/homes/7/members')).toBe(true)
    expect(isPrivate('GET', '/v1.0/Homes/7/MEMBERS')).toBe(true)
    expect(isPrivate('GET', '/v1.0/homes/7/rooms')).toBe(false)
  })

  it('wait in the lane of the device that they command, and are refused for locks', async () => {
    const { made, run, occupied } = runner(true, { rawPrefixes, isLock: (id) => id === 'lock1' })
    const command = (id: string) =>
      request('POST', `/v1.0/devices/${id}/commands`, { body: { commands: [] } })
    await run('cloud-request', command('bf1'))
    await run('cloud-request', request('GET', '/v1.0/devices/bf2'))
    expect(occupied).toEqual(['bf1'])
    expect(() => made.prepare('cloud-request', command('lock1'))).toThrow(
      expect.objectContaining({ code: 'command/forbidden' }),
    )
  })

  it('stand up to the closer look, and what they changed is told', async () => {
    const looked: unknown[] = []
    const changed: unknown[] = []
    const { made, run } = runner(true, {
      rawPrefixes,
      allow: ['config'],
      refine: (id, params) => {
        looked.push([id, params])
        if (params['name'] === '') throw new BridgeError('command/bad-param', 'The name is empty.')
        return {}
      },
      onChanged: ({ id }, params) => changed.push([id, params]),
    })
    const create = (name: string) => request('POST', '/v1.0/homes/7/scenes', { body: { name } })
    expect(() => made.prepare('cloud-request', create(''))).toThrow('The name is empty.')
    await run('cloud-request', create('Night'))
    const last = ['scene-create', { home_id: '7', name: 'Night' }]
    expect([looked.at(-1), changed]).toEqual([last, [last]])
  })
})

describe('results', () => {
  const device = {
    id: 'bf1',
    name: 'Lamp',
    local_key: canaries.localKey,
    uuid: 'u1',
    uid: 'eu1',
    ip: '203.0.113.7',
    lat: '52.1',
    lon: '13.2',
    status: [{ code: 'switch', value: true, auth_key: 'x', nested: { password: 'y', token: 1 } }],
  }

  it('lose what is secret or personal, at any depth, and keep the rest', async () => {
    const { run } = runner([device])
    const outcome = await run('device-get', { device_id: 'bf1' })
    expect(outcome).toEqual({
      state: 'confirmed',
      by: 'cloud',
      path: 'cloud',
      result: [{ id: 'bf1', name: 'Lamp', status: [{ code: 'switch', value: true, nested: { token: 1 } }] }],
    })
  })

  it('an operation that exists to show personal things shows them, and secrets never', () => {
    const open = shownBy({ id: 'user-info', class: 'personal' })
    expect(without(device, open)).toMatchObject({ uid: 'eu1', ip: '203.0.113.7' })
    for (const name of ['local_key', 'uuid']) expect(without(device, open)).not.toHaveProperty(name)
  })

  it('ids of members are shown by the operations that exist for it, though they are masked elsewhere', async () => {
    const redactor = new Redactor()
    redactor.learn(canaries.uid)
    const member = { uid: canaries.uid, name: `I am ${canaries.uid}`, member_account: 'ki***', password: 'x' }
    const { run } = runner([member], { redactor, allow: ['personal'] })
    expect((await run('member-list')).result).toEqual([
      { uid: canaries.uid, name: 'I am [redacted]', member_account: 'ki***' },
    ])
    const device = await runner({ id: canaries.uid, uid: canaries.uid }, { redactor }).run('device-get', {
      device_id: 'bf1',
    })
    expect(device.result).toEqual({ id: '[redacted]' })
  })

  it('a pairing token is answered whole, and to the one who asked alone', async () => {
    const token = { region: 'EU', token: 'tok8', secret: 'sec4', expire_time: 100 }
    const { made, run } = runner(token, { allow: ['config'] })
    const params = { paring_type: 'EZ', time_zone_id: 'Europe/Berlin' }
    expect((await run('pairing-token-create', params)).result).toEqual(token)
    expect(made.describe('pairing-token-create')).toMatchObject({ allowed: true, private: true })
  })

  it('known secrets are masked wherever they stand', async () => {
    const redactor = new Redactor()
    redactor.learn(canaries.accessSecret)
    const hex = Buffer.from(canaries.accessSecret).toString('hex')
    const { run } = runner({ note: `it is ${canaries.accessSecret}, or ${hex}` }, { redactor })
    const { result } = await run('device-get', { device_id: 'bf1' })
    expect(result).toEqual({ note: 'it is [redacted], or [redacted]' })
  })

  it('above 120 KiB they are left out, and their size is told', async () => {
    const fits = 'x'.repeat(120 * 1024 - 2)
    expect(await runner(fits).run('device-get', { device_id: 'bf1' })).toMatchObject({ result: fits })
    const outcome = await runner(`${fits}x`).run('device-get', { device_id: 'bf1' })
    expect(outcome).toEqual({
      state: 'confirmed',
      by: 'cloud',
      path: 'cloud',
      warnings: ['truncated'],
      details: [{ bytes: 120 * 1024 + 1 }],
    })
  })

  it('no result at all is a result', async () => {
    expect(await runner(undefined).run('device-get', { device_id: 'bf1' })).toMatchObject({
      state: 'confirmed',
    })
    expect(await runner(null).run('device-get', { device_id: 'bf1' })).toMatchObject({ result: null })
  })
})
