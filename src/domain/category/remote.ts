import type { Category } from './category.ts'

export const emergencyButtons: Category = { name: 'Emergency button', codes: ['sos'] }
export const sceneSwitches: Category = { name: 'Scene switch', codes: ['wxkg', 'cjkg'] }
export const infraredRemotes: Category = { name: 'Infrared remote', codes: ['wnykq', 'ykq'] }
export const gateways: Category = { name: 'Gateway', codes: ['wg2', 'wgsxj', 'wfcon'] }
