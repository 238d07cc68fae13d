import type { Outcome, Path, Write } from '../domain/command.ts'
import { BridgeError } from '../util/error.ts'
import { type DropReason, laneCapacity } from './lane.ts'

export function failed(error: BridgeError, more: Partial<Outcome> = {}): Outcome {
  return {
    state: 'failed',
    reason: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.details ? { details: error.details } : {}),
    ...(error.tuya ? { tuya: error.tuya } : {}),
    ...more,
  }
}

export function timedOut(
  write: Write,
  missing: readonly string[],
  path: Path,
  sent: Outcome['sent'] & object,
  stopping: boolean,
  /** What the way itself said. */
  trouble?: string,
): Outcome {
  // Write-only points are never reported: then nothing is known of any.
  const open = missing.length > 0 ? missing : write.points.map(({ code }) => code)
  const partly = open.length < write.points.length
  const names = open.join(', ')
  return {
    state: 'timeout',
    path,
    sent,
    reason: partly ? 'command/partly-unconfirmed' : 'command/unconfirmed',
    message: stopping
      ? `The bridge stopped before ${names} was reported; it may have happened.`
      : `${names} was sent but not reported in time; it may have happened.${trouble === undefined ? '' : ` ${trouble}`}`,
    retry: 'later',
    ...(partly
      ? { details: write.points.map(({ code }) => ({ dp: code, confirmed: !open.includes(code) })) }
      : {}),
  }
}

/** What a write would have the device say. */
export function valuesOf({ points }: Write): Outcome['sent'] & object {
  return Object.fromEntries(points.map(({ code, shown }) => [code, shown]))
}

export function dropped(why: DropReason): Outcome {
  switch (why) {
    case 'superseded':
      return {
        state: 'superseded',
        reason: 'command/superseded',
        message: 'A newer command for the same data points came before this one was sent.',
        retry: 'later',
      }
    case 'expired':
      return {
        state: 'expired',
        reason: 'command/expired',
        message: 'The command could not start within its time to live.',
        retry: 'never',
      }
    case 'shutdown':
      return shutdown()
  }
}

export function allFull(): Outcome {
  return busy('More than a thousand commands are waiting.')
}

export function laneFull(): Outcome {
  return busy(`${laneCapacity} commands are waiting for this device.`)
}

function busy(message: string): Outcome {
  return { state: 'rejected', reason: 'command/busy', message, retry: 'later' }
}

export function shutdown(): Outcome {
  return failed(shutdownError())
}

export function shutdownError(): BridgeError {
  return new BridgeError('bridge/shutdown', 'The bridge is stopping; the command was not sent.', {
    retry: 'later',
  })
}

/** For what was on its way when the bridge stopped. */
export function cutShort(): BridgeError {
  return new BridgeError(
    'bridge/shutdown',
    'The bridge stopped before the answer came; it may have happened.',
    { retry: 'later' },
  )
}

export function unconfirmed(): BridgeError {
  return new BridgeError('command/unconfirmed', 'The report did not come in time.', { retry: 'later' })
}

export function noPath(refused: readonly { readonly path: Path; readonly reason: string }[]): BridgeError {
  const why = refused.map(({ path, reason }) => `${path}: ${reason}`).join(', ')
  return new BridgeError(
    'command/no-path',
    `No way to the device is usable${why === '' ? '' : ` (${why})`}.`,
    {
      retry: 'later',
      details: refused,
    },
  )
}
