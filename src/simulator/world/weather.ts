import type { Emitter } from '../../util/emitter.ts'
import type { WeatherEntry } from '../world-file.ts'
import type { WorldEvents } from './event.ts'

const usual: WeatherEntry = { temp: 16, humidity: 'comfort', condition: 'cloudy', pm25: 'good' }

/** What can be asked of the weather, and what the values of each category are. */
export const weatherCategories = [
  {
    category: 'temp',
    name: 'Temperature',
    operators: ['<', '==', '>'],
    property: { unit: '℃', min: -40, max: 40, step: 1, type: 'value' },
  },
  {
    category: 'humidity',
    name: 'Humidity',
    operators: ['=='],
    property: { range: ['dry', 'comfort', 'wet'], type: 'enum' },
  },
  {
    category: 'condition',
    name: 'Weather',
    operators: ['=='],
    property: { range: ['sunny', 'cloudy', 'rainy', 'snowy', 'polluted'], type: 'enum' },
  },
  {
    category: 'pm25',
    name: 'PM2.5',
    operators: ['=='],
    property: { range: ['good', 'fine', 'polluted'], type: 'enum' },
  },
] as const

/** The weather of every city that somebody asked or told about. */
export class Weather {
  readonly #events: Emitter<WorldEvents>
  readonly #cities: Map<string, WeatherEntry>

  constructor(events: Emitter<WorldEvents>, cities: Readonly<Record<string, WeatherEntry>>) {
    this.#events = events
    this.#cities = new Map(Object.entries(cities))
  }

  of(city: string): WeatherEntry {
    return { ...usual, ...this.#cities.get(city) }
  }

  get cities(): readonly string[] {
    return [...this.#cities.keys()]
  }

  change(city: string, values: WeatherEntry): void {
    const before = this.of(city)
    const now = { ...before, ...values }
    this.#cities.set(city, now)
    this.#events.emit('weather', { city, before, now })
  }
}

/** Newer pages write a dollar sign before the category. */
export function weatherCategory(code: string): (typeof weatherCategories)[number] | undefined {
  const plain = code.startsWith('$') ? code.slice(1) : code
  return weatherCategories.find(({ category }) => category === plain)
}
