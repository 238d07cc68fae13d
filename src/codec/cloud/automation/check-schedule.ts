import type { DefinitionFault } from '../../../domain/definition.ts'
import { dayOf, isTimeZone, timeZones } from '../../../domain/schedule.ts'
import { nearest } from '../../../util/nearest.ts'
import { quote } from './quote.ts'
import type { Checking } from './report.ts'

/** Days that the calendar does not have; the form was looked at before. */
export function checkDate({ report }: Checking, date: string, path: string): void {
  if (dayOf(date) === undefined) report({ path, message: `date ${quote(date)} is no day of the calendar.` })
}

export function checkTimeZone({ report }: Checking, name: string, path: string): void {
  const fault = timeZoneFault(name)
  if (fault) report({ path, ...fault })
}

function timeZoneFault(name: string): Omit<DefinitionFault, 'path'> | undefined {
  const same = timeZones().find((zone) => zone.toLowerCase() === name.toLowerCase())
  if (same === name || (same === undefined && isTimeZone(name))) return undefined
  const meant = same ?? byCity(name) ?? nearest(name, timeZones(), 1)[0]
  const hint = meant === undefined ? ', such as "Europe/Berlin".' : `; did you mean ${quote(meant)}?`
  return {
    message: `timezone_id must be the IANA name of a time zone, got ${quote(name)}${hint}`,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}

/** "Berlin" and "new york" name a zone well enough to propose it. */
function byCity(name: string): string | undefined {
  const city = `/${name.trim().replaceAll(' ', '_').toLowerCase()}`
  return timeZones().find((zone) => zone.toLowerCase().endsWith(city))
}
