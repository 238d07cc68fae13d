import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Json } from '../../src/domain/data-point.ts'
import { ask } from '../connection.ts'
import { notifyOf } from './notices.tsx'

/** One control's way to its point. */
export interface Command {
  /** What was asked for and is not reported yet; undefined when nothing is. */
  readonly wanted: Json | undefined
  /** Asks for a value; with `soon` the last of several in quick succession goes out. */
  readonly write: (
    value: Json,
    options?: { readonly soon?: boolean; readonly also?: { readonly [code: string]: Json } },
  ) => void
}

const quietMs = 250

/** Writes to a point; what was asked for is shown until the device says what it has, or refuses. */
export function useCommand(device: string, code: string, label: string): Command {
  const wanted = useSignal<Json | undefined>(undefined)
  const last = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    wanted: wanted.value,
    write: (value, { soon = false, also = {} } = {}) => {
      wanted.value = value
      const turn = ++last.current
      const send = async () => {
        const receipt = await ask({ do: 'write', device, dp: { ...also, [code]: value } })
        if (turn !== last.current) return
        wanted.value = undefined
        notifyOf(receipt, label)
      }
      clearTimeout(timer.current)
      if (soon) timer.current = setTimeout(() => void send(), quietMs)
      else void send()
    },
  }
}
