import type { HintRow } from '../ability/hint.ts'
import type { Category } from './category.ts'

/** Of all that can be done with an alarm, what one does while it sounds. */
const quietening: HintRow = [/^muffling$/, { role: 'main' }]

/** Sensors stand on the table of codes alone; they are listed so that it is known what they are. */
export const contacts: Category = { name: 'Door or window contact', codes: ['mcs'] }
export const motionSensors: Category = { name: 'Motion sensor', codes: ['pir'] }
export const presenceSensors: Category = { name: 'Presence sensor', codes: ['hps'] }
export const leakSensors: Category = { name: 'Leak sensor', codes: ['sj'] }
export const smokeAlarms: Category = { name: 'Smoke alarm', codes: ['ywbj'], hints: [quietening] }
export const gasAlarms: Category = { name: 'Gas alarm', codes: ['rqbj', 'jwbj'], hints: [quietening] }
export const carbonMonoxideAlarms: Category = {
  name: 'Carbon monoxide alarm',
  codes: ['cobj'],
  hints: [quietening],
}
export const vibrationSensors: Category = { name: 'Vibration sensor', codes: ['zd'] }
export const climateSensors: Category = {
  name: 'Temperature and humidity sensor',
  codes: ['wsdcg', 'qxj'],
}
export const airSensors: Category = {
  name: 'Air quality sensor',
  codes: ['co2bj', 'pm2.5', 'pm25', 'hjjcy', 'voc'],
}
export const lightSensors: Category = {
  name: 'Light sensor',
  codes: ['ldcg'],
  hints: [[/^bright_value$/, { measures: 'illuminance' }]],
}
