import { signal } from '@preact/signals'

export const tabs = ['devices', 'scenes', 'activity', 'charts', 'doctor', 'log'] as const
export type Tab = (typeof tabs)[number]

export const tabNames: Readonly<Record<Tab, string>> = {
  devices: 'Devices',
  scenes: 'Scenes',
  activity: 'Activity',
  charts: 'Charts',
  doctor: 'Doctor',
  log: 'Log',
}

/** What is shown, as the address has it: `#devices/<id>` opens the details of a device. */
export const tab = signal<Tab>('devices')
export const opened = signal<string | undefined>(undefined)

function read(): void {
  const [name = '', id] = location.hash.slice(1).split('/')
  tab.value = tabs.find((known) => known === name) ?? 'devices'
  opened.value = id === undefined || id === '' ? undefined : decodeURIComponent(id)
}

/** The address of a device’s details, on the tab where one is. */
export function detailsOf(id: string): string {
  return `#${tab.value}/${encodeURIComponent(id)}`
}

export function closeDetails(): void {
  location.hash = `#${tab.value}`
}

addEventListener('hashchange', read)
read()
