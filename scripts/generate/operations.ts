import { faultTable } from '../../src/codec/cloud/fault.ts'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import type { AnyOperation } from '../../src/codec/cloud/operation.ts'

/** The reference page of all operations and of the cloud's error codes. */
export function operationsPage(): string {
  const lines = [
    '# Cloud operations',
    '',
    'Made from the operation registry. Each is called over MQTT by `cmd/op/<id>` with `{"params":{…}}`, and on the',
    'command line by `dp2mqtt call <id> name=value …`. Classes `read` and `control` are allowed; others by',
    '`operations.allow`. Class `never` is for the bridge itself.',
    '',
  ]
  const groups = new Map<string, AnyOperation[]>()
  for (const operation of operations)
    groups.set(operation.group, [...(groups.get(operation.group) ?? []), operation])
  for (const [group, members] of groups) {
    lines.push(`## ${group}`, '')
    for (const operation of members) lines.push(...one(operation))
  }
  lines.push('## Error codes', '', '| code | means | what to do |', '| --- | --- | --- |')
  for (const { code, fault } of faultTable()) lines.push(`| ${code} | ${fault.meaning} | ${fault.advice} |`)
  return `${lines.join('\n')}\n`
}

function one(operation: AnyOperation): string[] {
  const lines = [
    `### ${operation.id}`,
    '',
    `${operation.summary}. \`${operation.method} ${operation.path}\`, class \`${operation.class}\`, ${operation.repeatable ? 'may be repeated' : 'sent once'}, ${operation.confidence}.`,
    '',
  ]
  const params = Object.entries(operation.params)
  if (params.length === 0) return lines
  lines.push('| parameter | in | type | required | |', '| --- | --- | --- | --- | --- |')
  for (const [name, param] of params) {
    lines.push(
      `| \`${name}\` | ${param.in} | ${param.type} | ${param.required ? 'yes' : 'no'} | ${param.description ?? ''} |`,
    )
  }
  return [...lines, '']
}
