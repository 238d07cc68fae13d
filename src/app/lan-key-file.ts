import { join } from 'node:path'
import type { LanAccess } from '../domain/link.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { isRecord, limits, own, parseJson } from '../util/json.ts'
import { Secret } from '../util/secret.ts'
import type { Logger } from './log.ts'
import type { SnapshotDisk } from './snapshot-file.ts'

export interface LanKeyFileParts {
  readonly directory: string
  readonly disk: Pick<SnapshotDisk, 'read' | 'write' | 'remove' | 'makeFolder'>
  readonly clock: Clock
  readonly log: Logger
}

const saveAfterMs = 5_000
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/**
 * The local keys of the devices, in a file of their own that nobody else may read: a house whose internet is gone when
 * the bridge starts keeps its LAN. The snapshot holds no secrets.
 */
export class LanKeyFile {
  readonly #parts: LanKeyFileParts
  #saving: Timer | undefined
  #newest: (() => Iterable<LanAccess>) | undefined

  constructor(parts: LanKeyFileParts) {
    this.#parts = parts
  }

  get #path(): string {
    return join(this.#parts.directory, 'lan-keys.json')
  }

  /** What an earlier run kept; nothing of a file that cannot be read. */
  async load(): Promise<readonly LanAccess[]> {
    const { disk, log } = this.#parts
    try {
      return read(parseJson(await disk.read(this.#path), limits.deviceFile))
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ path: this.#path }, 'the kept local keys cannot be read; the account is asked for them')
      return []
    }
  }

  /** Keeps what `newest` gives by then, soon. */
  keep(newest: () => Iterable<LanAccess>): void {
    this.#newest = newest
    this.#saving ??= this.#parts.clock.after(saveAfterMs, () => void this.flush())
  }

  /** What waits to be written is. */
  async flush(): Promise<void> {
    this.#saving?.cancel()
    this.#saving = undefined
    const newest = this.#newest
    this.#newest = undefined
    if (!newest) return
    const { disk, directory, log } = this.#parts
    const keys = [...newest()].map(({ deviceId, localKey, nodeId, uuid }) => ({
      id: deviceId,
      key: localKey.reveal(),
      nodeId,
      uuid,
    }))
    try {
      await disk.makeFolder(directory)
      await disk.write(this.#path, `${JSON.stringify({ version: 1, keys })}\n`)
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      log.error(
        { path: this.#path, code },
        'the local keys cannot be kept; after a start without internet they are missing',
      )
    }
  }

  /** Nothing is kept any more, and what was is removed. */
  async erase(): Promise<void> {
    this.#newest = undefined
    await this.#parts.disk.remove(this.#path).catch(() => {})
  }
}

function read(value: unknown): LanAccess[] {
  const keys = isRecord(value) ? own(value, 'keys') : undefined
  if (!Array.isArray(keys)) return []
  return keys.filter(isRecord).flatMap((entry) => {
    const id = own(entry, 'id')
    const key = own(entry, 'key')
    if (typeof id !== 'string' || !idPattern.test(id) || typeof key !== 'string' || key === '') return []
    const text = (name: string) => {
      const value = own(entry, name)
      return typeof value === 'string' ? value : null
    }
    return { deviceId: id, localKey: new Secret(key), nodeId: text('nodeId'), uuid: text('uuid') }
  })
}
