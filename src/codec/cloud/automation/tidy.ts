import { isRecord, own } from '../../../util/json.ts'
import { matchTypes } from './write.ts'

/** Spellings that mean the same: numbers as text, names of newer pages, members that say nothing. */
export function tidied(input: unknown): unknown {
  if (!isRecord(input)) return input
  return mapped(withoutNulls(input), {
    match_type: matchType,
    actions: (list) => entries(list, action),
    conditions: (list) => entries(list, condition),
    preconditions: (list) => list,
  })
}

function action(entry: Record<string, unknown>): Record<string, unknown> {
  const renamed = mapped(entry, {
    action_executor: (executor) => (executor === 'device_issue' ? 'dpIssue' : executor),
  })
  const executor = own(renamed, 'action_executor')
  // The platform's table demands an entity where its examples have none.
  return executor === 'delay' || executor === 'externalAction' ? without(renamed, 'entity_id') : renamed
}

function condition(entry: Record<string, unknown>): Record<string, unknown> {
  const numbered = mapped(entry, {
    entity_type: numeric,
    order_num: numeric,
    entity_id: (id) => (typeof id === 'number' ? String(id) : id),
  })
  return own(numbered, 'entity_id') === '' ? without(numbered, 'entity_id') : numbered
}

function matchType(given: unknown): unknown {
  const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
  return Object.hasOwn(matchTypes, word) ? matchTypes[word as keyof typeof matchTypes] : numeric(given)
}

function numeric(given: unknown): unknown {
  return typeof given === 'string' && /^\d{1,4}$/.test(given.trim()) ? Number(given) : given
}

function entries(list: unknown, tidy: (entry: Record<string, unknown>) => object): unknown {
  return Array.isArray(list)
    ? list.map((entry) => (isRecord(entry) ? tidy(withoutNulls(entry)) : entry))
    : list
}

function mapped(
  from: Record<string, unknown>,
  how: Readonly<Record<string, (value: unknown) => unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(from).map(([name, value]) => [
      name,
      Object.hasOwn(how, name) ? (how[name]?.(value) ?? value) : value,
    ]),
  )
}

function withoutNulls(from: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== null))
}

function without(from: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([each]) => each !== name))
}
