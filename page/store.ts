import { batch, computed, type Signal, signal } from '@preact/signals'
import type { HealthDocument } from '../src/app/health.ts'
import type { TailLine } from '../src/app/log-tail.ts'
import type {
  PageDefinition,
  PageDevice,
  PageEvent,
  PageNews,
  PagePlace,
  PagePoint,
  PageReceipt,
  PowerSample,
} from '../src/app/page/protocol.ts'
import type { BridgeInfo } from '../src/app/self-report.ts'
import { examineDevice, type Finding } from './doctor.ts'

/** Everything that the page knows; told by the bridge, never by the page itself. */
export const homes = signal<readonly PagePlace[]>([])
export const rooms = signal<readonly PagePlace[]>([])
export const scenes = signal<readonly PageDefinition[]>([])
export const automations = signal<readonly PageDefinition[]>([])
export const info = signal<BridgeInfo | undefined>(undefined)
export const health = signal<HealthDocument | undefined>(undefined)
export const base = signal('tuya')
export const events = signal<readonly PageEvent[]>([])
export const reports = signal<readonly PageEvent[]>([])
export const receipts = signal<readonly PageReceipt[]>([])
export const log = signal<readonly TailLine[]>([])
export const power = signal<readonly PowerSample[]>([])
/** Rises when devices come, go, or change their name or place. */
export const arrangement = signal(0)
/** The bridge’s clock, told every few seconds. */
export const now = signal(Date.now())

const devices = new Map<string, Signal<PageDevice>>()
const models = new Map<string, readonly PagePoint[]>()
let aheadMs = 0

const kept = { events: 200, reports: 100, receipts: 200, log: 400, power: 240 } as const

export function deviceOf(id: string): Signal<PageDevice> | undefined {
  return devices.get(id)
}

export function allDevices(): readonly Signal<PageDevice>[] {
  return [...devices.values()]
}

export function pointsOf({ model }: PageDevice): readonly PagePoint[] | undefined {
  return model === null ? undefined : models.get(model)
}

/** Takes what the bridge told; all views follow. */
export function take(news: PageNews): void {
  batch(() => {
    aheadMs = news.nowMs - Date.now()
    if (news.all) forget()
    for (const [key, points] of Object.entries(news.models ?? {})) models.set(key, points)
    takeDevices(news)
    if (news.base !== undefined) base.value = news.base
    if (news.homes) homes.value = news.homes
    if (news.rooms) rooms.value = news.rooms
    if (news.scenes) scenes.value = news.scenes
    if (news.automations) automations.value = news.automations
    if (news.info) info.value = news.info
    if (news.health) health.value = news.health
    append(events, news.events, kept.events)
    append(reports, news.reports, kept.reports)
    append(receipts, news.receipts, kept.receipts)
    append(log, news.log, kept.log)
    append(power, news.power, kept.power)
    tick()
  })
}

/** Lets ages grow. */
export function tick(): void {
  const next = Date.now() + aheadMs
  // More often nobody would notice.
  if (Math.abs(next - now.peek()) >= 5_000) now.value = next
}

function forget(): void {
  devices.clear()
  models.clear()
  for (const list of [events, reports, receipts, log, power]) (list as Signal<readonly unknown[]>).value = []
  arrangement.value++
}

function takeDevices({ devices: changed = [], gone = [] }: PageNews): void {
  for (const device of changed) {
    const known = devices.get(device.id)
    const before = known?.peek()
    if (known) known.value = device
    else devices.set(device.id, signal(device))
    if (!before || before.name !== device.name || before.room !== device.room || before.home !== device.home)
      arrangement.value++
  }
  for (const id of gone) if (devices.delete(id)) arrangement.value++
}

function append<T>(list: Signal<readonly T[]>, more: readonly T[] | undefined, capacity: number): void {
  if (more) list.value = [...list.peek(), ...more].slice(-capacity)
}

/** By device, the answer to its last command. */
export const lastReceipts = computed(() => {
  const last = new Map<string, PageReceipt>()
  for (const receipt of receipts.value) last.set(receipt.target, receipt)
  return last
})

/** What is wrong with a device. */
export function findingsOf(device: PageDevice): Finding[] {
  const gateway = device.gateway === null ? undefined : devices.get(device.gateway)?.value
  return examineDevice(device, {
    points: pointsOf(device),
    gateway,
    last: lastReceipts.value.get(`device/${device.id}`),
    nowMs: now.value,
  })
}
