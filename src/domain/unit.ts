/** Spellings that devices use, and the one that everybody understands. */
const spellings: Readonly<Record<string, string>> = {
  '℃': '°C',
  C: '°C',
  '℉': '°F',
  F: '°F',
  kW·h: 'kWh',
  'kw.h': 'kWh',
  'kW.h': 'kWh',
  kw·h: 'kWh',
  kwh: 'kWh',
  KWH: 'kWh',
  W·h: 'Wh',
  w: 'W',
  kw: 'kW',
  KW: 'kW',
  v: 'V',
  a: 'A',
  ma: 'mA',
  MA: 'mA',
  HZ: 'Hz',
  hz: 'Hz',
  Lux: 'lx',
  lux: 'lx',
  'ug/m3': 'µg/m³',
  'ug/m³': 'µg/m³',
  'μg/m3': 'µg/m³',
  'μg/m³': 'µg/m³',
  'mg/m3': 'mg/m³',
  m3: 'm³',
  'm^3': 'm³',
  m2: 'm²',
  'm^2': 'm²',
  PPM: 'ppm',
  '％': '%',
  '%RH': '%',
  sec: 's',
  second: 's',
  minute: 'min',
  mins: 'min',
  hour: 'h',
  dbm: 'dBm',
  hpa: 'hPa',
}

/** The unit in its usual spelling; null where there is none. */
export function usualUnit(unit: string | null): string | null {
  const text = unit?.trim() ?? ''
  if (text === '') return null
  return Object.hasOwn(spellings, text) ? (spellings[text] ?? text) : text
}
