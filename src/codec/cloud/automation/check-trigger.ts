import { externalConditions } from '../../../domain/automation.ts'
import { type ExternalCondition, isComparable, kindOfValue } from '../../../domain/condition.ts'
import type { Json } from '../../../domain/data-point.ts'
import type { ReferredAutomation } from '../../../domain/definition.ts'
import { isRecord, own } from '../../../util/json.ts'
import { nearest } from '../../../util/nearest.ts'
import { quote } from './quote.ts'
import type { Checking } from './report.ts'
import { notOneOf } from './shape-fault.ts'

/**
 * What somebody says about the external conditions of an automation, against the conditions that are stored. The shape
 * is the schema's business: what has none here is left alone. `path` = where the list stands.
 */
export function checkTrigger(
  checking: Checking,
  automation: ReferredAutomation,
  fired: unknown,
  path: string,
): void {
  const conditions = externalConditions(automation)
  if (conditions.length === 0) {
    checking.report({
      path: '/automation_id',
      message: `Automation ${quote(automation.name)} has no external condition.`,
    })
    return
  }
  if (!Array.isArray(fired)) return
  for (const [i, one] of fired.entries()) {
    if (isRecord(one)) checkFired(checking, conditions, one, `${path}/${i}`)
  }
}

function checkFired(
  checking: Checking,
  conditions: readonly ExternalCondition[],
  fired: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const id = own(fired, 'entity_id')
  const display = own(fired, 'display')
  if (typeof id !== 'string' || !isRecord(display)) return
  const [code, value] = [own(display, 'code'), own(display, 'value')]
  if (typeof code !== 'string') return
  const ids = conditions.map((condition) => condition.id).filter((known) => known !== null)
  // Without their ids, which lists may not tell, the codes have to do.
  const hasIds = ids.length === conditions.length
  const meant = hasIds ? conditions.filter((condition) => condition.id === id) : conditions
  if (meant.length === 0) {
    const byCode = conditions.find((condition) => condition.code === code)
    const near = byCode?.id ?? nearest(id, ids, 1)[0]
    checking.report({
      path: `${path}/entity_id`,
      message: `There is no external condition ${quote(id)}${near === undefined ? '.' : `; did you mean ${quote(near)}?`} A new one is known after a resync.`,
      allowed: ids,
      ...(near === undefined ? {} : { nearest: near }),
    })
    return
  }
  const waiting = meant.filter((condition) => condition.code === code)
  if (waiting.length === 0) {
    const codes = [...new Set(meant.map((condition) => condition.code))]
    checking.report({ path: `${path}/display/code`, ...notOneOf('code of this condition', code, codes) })
  } else if (value !== undefined && !waiting.some((condition) => isComparable(condition.value, value))) {
    const [{ value: waited }] = waiting as [ExternalCondition]
    checking.report({ path: `${path}/display/value`, message: wrongKind(code, waited, value as Json) })
  }
}

function wrongKind(code: string, waited: Json, given: Json): string {
  return `Condition ${quote(code)} waits for ${kindOfValue(waited)}, got ${quote(given)}.`
}
