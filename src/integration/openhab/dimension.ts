/** What openHAB measures in each unit that it understands. */
const dimensions: Readonly<Record<string, string>> = {
  '°C': 'Temperature',
  '°F': 'Temperature',
  K: 'Temperature',
  '%': 'Dimensionless',
  ppm: 'Dimensionless',
  W: 'Power',
  kW: 'Power',
  Wh: 'Energy',
  kWh: 'Energy',
  V: 'ElectricPotential',
  mV: 'ElectricPotential',
  A: 'ElectricCurrent',
  mA: 'ElectricCurrent',
  Hz: 'Frequency',
  lx: 'Illuminance',
  Pa: 'Pressure',
  hPa: 'Pressure',
  kPa: 'Pressure',
  'µg/m³': 'Density',
  'mg/m³': 'Density',
  m: 'Length',
  cm: 'Length',
  mm: 'Length',
  'm/s': 'Speed',
  'km/h': 'Speed',
  'm²': 'Area',
  L: 'Volume',
  'm³': 'Volume',
  '°': 'Angle',
  s: 'Time',
  min: 'Time',
  h: 'Time',
}

/** The type of an item that counts in this unit: `Number:Energy` for kWh, and `Number` where openHAB does not know the unit. */
export function numberItem(unit: string): string {
  const dimension = Object.hasOwn(dimensions, unit) ? dimensions[unit] : undefined
  return dimension === undefined ? 'Number' : `Number:${dimension}`
}
