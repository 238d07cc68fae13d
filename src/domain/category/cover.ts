import { type CoverCodes, cover } from '../ability/cover.ts'
import type { Category } from './category.ts'

const first: CoverCodes = {
  control: ['control', 'mach_operate'],
  target: ['percent_control'],
  position: ['percent_state'],
  situation: ['situation_set'],
}

export const covers: Category = {
  name: 'Cover',
  codes: ['cl', 'clkg', 'jdcljqr', 'mc'],
  rules: [
    cover('cover', 'Cover', first),
    cover('cover_2', 'Cover 2', {
      control: ['control_2'],
      target: ['percent_control_2'],
      position: ['percent_state_2'],
    }),
    cover('cover_3', 'Cover 3', {
      control: ['control_3'],
      target: ['percent_control_3'],
      position: ['percent_state_3'],
    }),
  ],
  hints: [
    [/^work_state$/, { role: 'diagnostic' }],
    [/^(position|time_total)$/, { role: 'diagnostic' }],
  ],
}

export const garageDoors: Category = {
  name: 'Garage door',
  codes: ['ckmkzq'],
  rules: [
    cover(
      'cover',
      'Door',
      { toggle: ['switch_1', 'switch'], situation: ['doorcontact_state', 'doorcontact_state_1'] },
      true,
    ),
  ],
}
