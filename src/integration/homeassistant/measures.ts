/** Units that Home Assistant takes for what is measured; with another one the class is left out, for it would be refused. */
const units: Readonly<Record<string, readonly (string | null)[]>> = {
  battery: ['%'],
  carbon_dioxide: ['ppm'],
  carbon_monoxide: ['ppm', 'mg/m³'],
  current: ['A', 'mA'],
  duration: ['s', 'min', 'h', 'd', 'ms'],
  energy: ['Wh', 'kWh', 'MWh'],
  frequency: ['Hz', 'kHz', 'MHz'],
  humidity: ['%'],
  illuminance: ['lx'],
  pm1: ['µg/m³'],
  pm10: ['µg/m³'],
  pm25: ['µg/m³'],
  power: ['W', 'kW', 'mW'],
  pressure: ['hPa', 'kPa', 'Pa', 'bar', 'mbar', 'psi'],
  signal_strength: ['dBm', 'dB'],
  temperature: ['°C', '°F', 'K'],
  volatile_organic_compounds: ['µg/m³', 'mg/m³'],
  voltage: ['V', 'mV'],
}

/** The device class of a number, in Home Assistant's words; undefined where it has none for it. */
export function deviceClass(measures: string | null, unit: string | null): string | undefined {
  return measures !== null && units[measures]?.includes(unit) ? measures : undefined
}

/** What its energy dashboard and its statistics go by. */
export function stateClass(
  counts: 'momentary' | 'up' | null,
  measured: string | undefined,
): string | undefined {
  if (counts === null) return undefined
  if (counts === 'up') return 'total_increasing'
  return measured === 'energy' ? 'total' : 'measurement'
}
