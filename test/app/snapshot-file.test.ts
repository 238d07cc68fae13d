import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { realDisk, SnapshotFile } from '../../src/app/snapshot-file.ts'
import { Folder } from '../support/folder.ts'

const first = {
  homes: [{ id: '1', name: 'first' }],
  list: Array.from({ length: 800 }, (_, i) => ({ i, text: 'x'.repeat(10) })),
}
const second = { ...first, homes: [{ id: '1', name: 'second' }] }

async function twice(folder: Folder): Promise<SnapshotFile> {
  const file = new SnapshotFile(folder.path, 1)
  await file.save(first)
  await file.save(second)
  return file
}

it('gives back what was saved last, and keeps the one before', async () => {
  using folder = new Folder()
  const file = await twice(folder)
  expect(await file.load()).toEqual({ data: second, from: 'current' })
  expect(readFileSync(folder.file('snapshot.previous.json'), 'utf8')).toContain('first')
})

it('is readable for its owner alone', async () => {
  using folder = new Folder()
  await twice(folder)
  expect(statSync(folder.file('snapshot.json')).mode & 0o777).toBe(0o600)
})

it('says when there is none', async () => {
  using folder = new Folder()
  expect(await new SnapshotFile(folder.path, 1).load()).toEqual({ data: undefined, from: 'none' })
})

it('P6: torn anywhere, the one before it is used', async () => {
  using folder = new Folder()
  const file = await twice(folder)
  const whole = readFileSync(folder.file('snapshot.json'))
  for (let length = 0; length < whole.length - 1; length += 977) {
    writeFileSync(folder.file('snapshot.json'), whole.subarray(0, length))
    expect(await file.load()).toEqual({ data: first, from: 'previous' })
  }
})

it('P6: with any bit flipped, the one before it is used', async () => {
  using folder = new Folder()
  const file = await twice(folder)
  const whole = readFileSync(folder.file('snapshot.json'))
  for (let at = 0; at < whole.length; at += 613) {
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    writeFileSync(folder.file('snapshot.json'), flipped)
    const loaded = await file.load()
    expect(loaded.from, `bit flipped at ${at}`).toBe('previous')
  }
})

it('P6: of an older version, or with poisoned names in it, it is not used', async () => {
  using folder = new Folder()
  await new SnapshotFile(folder.path, 1).save(first)
  expect((await new SnapshotFile(folder.path, 2).load()).from).toBe('damaged')
  const poisoned = new SnapshotFile(folder.path, 3)
  await poisoned.save(JSON.parse('{"__proto__":{"a":1}}'))
  expect((await poisoned.load()).data).toBeUndefined()
})

it('P6: both damaged, it starts empty', async () => {
  using folder = new Folder()
  const file = await twice(folder)
  for (const name of ['snapshot.json', 'snapshot.previous.json']) writeFileSync(folder.file(name), '{}')
  expect(await file.load()).toEqual({ data: undefined, from: 'damaged' })
})

it('a save that fails leaves something to load', async () => {
  using folder = new Folder()
  await new SnapshotFile(folder.path, 1).save(first)
  const full = new SnapshotFile(folder.path, 1, {
    ...realDisk,
    write: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  })
  await expect(full.save(second)).rejects.toThrow('no space')
  expect((await full.load()).data).toEqual(first)
})

it('P6: the one before a damaged one stays until another is written, however often that fails', async () => {
  using folder = new Folder()
  await twice(folder)
  writeFileSync(folder.file('snapshot.json'), 'damaged')
  const full = new SnapshotFile(folder.path, 1, {
    ...realDisk,
    write: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  })
  expect(await full.load()).toEqual({ data: first, from: 'previous' })
  await expect(full.save(second)).rejects.toThrow('no space')
  await expect(full.save(second)).rejects.toThrow('no space')
  const file = new SnapshotFile(folder.path, 1)
  expect(await file.load()).toEqual({ data: first, from: 'previous' })
  await file.save(second)
  await file.save(second)
  expect(await file.load()).toEqual({ data: second, from: 'current' })
  expect(readFileSync(folder.file('snapshot.previous.json'), 'utf8')).toContain('second')
})

it('R-S2: whose shape is not ours is not used, but the one before it', async () => {
  using folder = new Folder()
  const file = await twice(folder)
  const isOurs = (data: unknown) => (data as typeof first).homes[0]?.name === 'first'
  expect(await file.load(isOurs)).toEqual({ data: first, from: 'previous' })
  expect(await file.load(() => false)).toEqual({ data: undefined, from: 'damaged' })
})
