import { alarm } from '../ability/alarm.ts'
import { lock } from '../ability/lock.ts'
import { siren } from '../ability/siren.ts'
import { vacuum } from '../ability/vacuum.ts'
import type { Category } from './category.ts'

export const vacuums: Category = {
  name: 'Vacuum',
  codes: ['sd'],
  rules: [
    vacuum('Vacuum', {
      go: ['power_go', 'switch_go', 'power'],
      pause: ['pause'],
      charge: ['switch_charge'],
      seek: ['seek'],
      status: ['status'],
      mode: ['mode'],
      suction: ['suction'],
    }),
  ],
}

export const pets: Category = { name: 'Pet feeder or fountain', codes: ['cwwsq', 'cwysj'] }

export const valves: Category = {
  name: 'Water or gas valve',
  codes: ['sfkzq', 'ggq'],
  hints: [[/^switch(_\d+)?$/, { as: 'valve', role: 'main' }]],
}

export const locks: Category = {
  name: 'Lock',
  codes: ['ms', 'jtmspro', 'jtmsbh', 'bxx', 'gyms', 'hotelms', 'mk', 'videolock', 'photolock'],
  rules: [lock('Lock', ['lock_motor_state'])],
}

export const alarms: Category = {
  name: 'Alarm system',
  codes: ['mal'],
  rules: [alarm('Alarm', ['master_mode'])],
}

export const sirens: Category = {
  name: 'Siren',
  codes: ['sgbj'],
  rules: [
    siren('Siren', {
      power: ['alarm_switch', 'switch'],
      tone: ['alarm_volume', 'alarm_ringtone'],
      duration: ['alarm_time'],
    }),
  ],
}

export const cameras: Category = { name: 'Camera', codes: ['sp', 'dghsxj'] }
