import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { LanKeyFile } from '../../src/app/lan-key-file.ts'
import { Secret } from '../../src/util/secret.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const access = (deviceId: string, key: string, nodeId: string | null = null, uuid: string | null = null) => ({
  deviceId,
  localKey: new Secret(key),
  nodeId,
  uuid,
})

function bench(disk = memoryDisk()) {
  const clock = new VirtualClock()
  const logged: string[] = []
  const note = (_facts: object, message: string) => void logged.push(message)
  const file = () =>
    new LanKeyFile({ directory: '/data', disk, clock, log: { warn: note, error: note } as never })
  return { clock, disk, logged, file }
}

it('what is kept is known to the next run, whatever characters it has', async () => {
  const { clock, file } = bench()
  file().keep(() => [access('bf1', `k"e'y\\1<&>$ 0123`), access('bf2', 'abcdefgh12345678', 'node1', 'uuid2')])
  await clock.advance(5_000)
  const kept = await file().load()
  expect(kept.map(({ localKey, ...rest }) => ({ ...rest, key: localKey.reveal() }))).toEqual([
    { deviceId: 'bf1', key: `k"e'y\\1<&>$ 0123`, nodeId: null, uuid: null },
    { deviceId: 'bf2', key: 'abcdefgh12345678', nodeId: 'node1', uuid: 'uuid2' },
  ])
})

it('many changes are one writing, with what is known by then', async () => {
  const { clock, disk, file } = bench()
  let writes = 0
  const write = (path: string, data: string) => {
    writes++
    return disk.write(path, data)
  }
  const counting = { ...disk, write }
  const one = new LanKeyFile({ directory: '/data', disk: counting, clock, log: {} as never })
  const all = [access('bf1', 'abcdefgh12345678')]
  for (let i = 0; i < 10; i++) one.keep(() => all)
  all.push(access('bf2', 'abcdefgh12345679'))
  await clock.advance(5_000)
  expect(writes).toBe(1)
  expect(await file().load()).toHaveLength(2)
})

it('the end of the bridge does not wait for the time to write', async () => {
  const { file } = bench()
  const one = file()
  one.keep(() => [access('bf1', 'abcdefgh12345678')])
  await one.flush()
  expect(await file().load()).toHaveLength(1)
})

it('nobody has kept anything yet: that is no trouble', async () => {
  const { logged, file } = bench()
  expect(await file().load()).toEqual([])
  expect(logged).toEqual([])
})

it.each([
  '',
  'no JSON',
  '[]',
  '{"keys":7}',
  '{"keys":[7,{"id":"a b","key":"x"},{"id":"bf1"},{"id":"bf1","key":""}]}',
])('of a damaged file nothing is believed: %s', async (text) => {
  const { disk, file } = bench()
  await disk.write('/data/lan-keys.json', text)
  expect(await file().load()).toEqual([])
})

it('a disk that is full is told, without the keys', async () => {
  const { logged, disk, clock } = bench()
  const full = { ...disk, write: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) }
  const log = { error: (facts: object, message: string) => void logged.push(JSON.stringify(facts) + message) }
  const one = new LanKeyFile({ directory: '/data', disk: full, clock, log: log as never })
  one.keep(() => [access('bf1', 'abcdefgh12345678')])
  await one.flush()
  expect(logged).toHaveLength(1)
  expect(logged[0]).toContain('ENOSPC')
  expect(logged[0]).not.toContain('abcdefgh')
})

it('where keys are not to be kept, those that were are removed', async () => {
  const { file, clock } = bench()
  const one = file()
  one.keep(() => [access('bf1', 'abcdefgh12345678')])
  await one.flush()
  one.keep(() => [access('bf1', 'abcdefgh12345678')])
  await one.erase()
  await clock.advance(10_000)
  expect(await file().load()).toEqual([])
})
