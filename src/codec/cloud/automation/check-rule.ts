import { parseRule, printRule } from '../../../domain/condition-rule.ts'
import type { Checking } from './report.ts'
import { listed } from './shape-fault.ts'

const path = '/condition_rule'

/** The rule in its plainest spelling; null when none is wanted, undefined after a fault. */
export function checkRule(
  { report }: Checking,
  match: unknown,
  text: unknown,
  /** The numbers of the conditions; undefined when they are not all readable. */
  orders: readonly number[] | undefined,
): string | null | undefined {
  const given = typeof text === 'string' && text.trim() !== ''
  if (match !== 3) {
    if (given && (match === 1 || match === 2))
      report({ path, message: `condition_rule counts only with match_type 3, and match_type is ${match}.` })
    return null
  }
  if (!given) {
    report({ path, message: 'condition_rule is missing: match_type 3 needs one such as 1&&2||3.' })
    return undefined
  }
  const parsed = parseRule(text)
  if (!parsed.ok) {
    const { message, position } = parsed.fault
    report({ path, message, position })
    return undefined
  }
  for (const { order, position } of parsed.references) {
    if (orders === undefined || orders.includes(order)) continue
    const known = [...orders].sort((a, b) => a - b)
    const message = `At character ${position + 1} the rule names condition ${order}, which does not exist; there ${known.length === 1 ? 'is' : 'are'} ${listed(known.map(String), 'and')}.`
    report({ path, message, position, allowed: known })
  }
  return printRule(parsed.rule)
}
