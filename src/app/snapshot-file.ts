import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { limits, parseJson } from '../util/json.ts'

/** The few things that a snapshot needs of a disk; handed in, so that tests can break it. */
export interface SnapshotDisk {
  read(path: string): Promise<Buffer>
  /** Temporary file, fsync, rename. */
  write(path: string, data: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
}

export const realDisk: SnapshotDisk = {
  read: (path) => readFile(path),
  write: (path, data) => writeFileAtomic(path, data, { mode: 0o600, fsync: true }),
  rename,
  remove: unlink,
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
}

export type LoadResult =
  | { readonly data: unknown; readonly from: 'current' | 'previous' }
  | { readonly data: undefined; readonly from: 'none' | 'damaged' }

/**
 * R-S2: one file, written whole, with a checksum over what it holds; the one before it is kept. What cannot be
 * verified is not used.
 */
export class SnapshotFile {
  readonly #disk: SnapshotDisk
  readonly #directory: string
  readonly #version: number
  /** The file cannot be used: the one before it is worth more. */
  #isDamaged = false

  constructor(directory: string, version: number, disk: SnapshotDisk = realDisk) {
    this.#directory = directory
    this.#version = version
    this.#disk = disk
  }

  get #current(): string {
    return join(this.#directory, 'snapshot.json')
  }

  get #previous(): string {
    return join(this.#directory, 'snapshot.previous.json')
  }

  /** `isOurs`: whether the data, which is what was written, has the shape that is wanted. */
  async load(isOurs: (data: unknown) => boolean = () => true): Promise<LoadResult> {
    let damaged = false
    for (const [from, path] of [
      ['current', this.#current],
      ['previous', this.#previous],
    ] as const) {
      try {
        const data = this.#verify(await this.#disk.read(path))
        if (isOurs(data)) return { data, from }
        damaged = true
      } catch (thrown) {
        damaged ||= (thrown as NodeJS.ErrnoException).code !== 'ENOENT'
      }
      if (from === 'current') this.#isDamaged = damaged
    }
    return { data: undefined, from: damaged ? 'damaged' : 'none' }
  }

  /** Rejects with the disk's error; what was there stays. */
  async save(data: unknown): Promise<void> {
    const body = JSON.stringify(data)
    const head = JSON.stringify({ version: this.#version, sha256: digest(body) })
    await this.#disk.makeFolder(this.#directory)
    if (!this.#isDamaged)
      await this.#disk.rename(this.#current, this.#previous).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'ENOENT') throw thrown
      })
    await this.#disk.write(this.#current, `${head}\n${body}\n`)
    this.#isDamaged = false
  }

  async erase(): Promise<void> {
    for (const path of [this.#current, this.#previous]) await this.#disk.remove(path).catch(() => {})
  }

  #verify(bytes: Buffer): unknown {
    const text = bytes.toString('utf8')
    const end = text.indexOf('\n')
    const head = parseJson(text.slice(0, end), limits.command) as { version?: unknown; sha256?: unknown }
    const body = text.slice(end + 1).replace(/\n$/, '')
    if (head.version !== this.#version || head.sha256 !== digest(body))
      throw new Error('the snapshot does not verify')
    return parseJson(body, limits.snapshot)
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
