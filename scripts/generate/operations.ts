import { expected } from '../../src/codec/cloud/arguments.ts'
import { faultTable } from '../../src/codec/cloud/fault.ts'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import { type AnyOperation, isPrivate, type Param, type Params } from '../../src/codec/cloud/operation.ts'
import { rawRequestId, rawRequestParams, rawRequestSummary } from '../../src/codec/cloud/raw-request.ts'
import { exampleParams } from './operation-example.ts'

const pages: Readonly<Record<string, string>> = {
  '000': 'SetSmart API guide',
  '001': 'Smart Home Management',
  '002': 'Device Management',
  '003': 'API List',
  '004': 'Scene Automation',
}

const classes: Readonly<Record<AnyOperation['class'], string>> = {
  read: 'reads; allowed',
  control: 'controls devices, scenes and automations; allowed',
  config: 'makes, changes and arranges things; off',
  firmware: 'starts upgrades; off',
  personal: 'about people; off, and answered to the requester alone',
  lock: 'about doors; off, and answered to the requester alone',
  destructive: 'deletes or resets; off',
  never: 'for the bridge itself; cannot be allowed',
}

/** The reference page of all operations and of the cloud's error codes. */
export function operationsPage(): string {
  const lines = [
    '# Cloud operations',
    '',
    `All ${operations.length} operations of the platform that the bridge can call, made from its registry. Over MQTT:`,
    '`cmd/op/<operation>` with `{"params":{…}}`, path, query and body parameters side by side; see',
    '[commands.md](commands.md) for options and answers. On the command line: `dp2mqtt call <operation> name=value …`.',
    'Required `uid`, `schema` and `home_id` may be left out where the configuration, or a single home, says which;',
    'never those of what is to be removed. Whole numbers may be given as text.',
    '',
    '| class | what it does, and whether it may be called over MQTT |',
    '| --- | --- |',
    ...Object.entries(classes).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    'What is off is switched on by its class or by its name in `operations.allow`:',
    '',
    '```yaml',
    'operations: { allow: [config, scene-delete] }',
    '```',
    '',
  ]
  for (const [group, members] of byGroup()) lines.push(...groupOf(group, members))
  lines.push(...rawRequest())
  lines.push('## Error codes', '', '| code | means | what to do |', '| --- | --- | --- |')
  for (const { code, fault } of faultTable()) lines.push(`| ${code} | ${fault.meaning} | ${fault.advice} |`)
  return `${lines.join('\n')}\n`
}

/** What the platform has and the registry has not. */
function rawRequest(): string[] {
  return [
    `## ${rawRequestId}`,
    '',
    `${rawRequestSummary}. For what is not on this page; off until \`operations.raw\` lists path prefixes:`,
    '',
    '```yaml',
    'operations: { raw: [/v2.0/cloud/thing/] }',
    '```',
    '',
    '| parameter | required | |',
    '| --- | --- | --- |',
    ...Object.entries(rawRequestParams).map(
      ([name, { required, description }]: [string, Param]) =>
        `| \`${name}\` | ${required ? 'yes' : 'no'} | ${description} |`,
    ),
    '',
    '```json',
    '{"topic":"tuya/cmd/op/cloud-request","payload":{"params":{"method":"GET","path":"/v2.0/cloud/thing/bf3c9a7d41e0b2f6aaw1vn/state","query":{"lang":"en"}}}}',
    '```',
    '',
    'A prefix covers whole levels: `/v1.0/devices` does not cover `/v1.0/devicesX`. Paths hold no `..`, no empty levels and no',
    'percent-encoding, name no host, and what follows the question mark goes into `query`. The request is signed, paced, counted and',
    'redacted like any other, and sent again only when it is a `GET`. At an address of this page it needs the right to that operation, goes',
    'through its checks, and its answer goes where that of the operation would; tokens are never asked for. **Where this page has nothing,',
    'the prefix is the only limit**: whoever may publish to `cmd/op/cloud-request` may do whatever those paths can.',
    '',
  ]
}

function paramRows(params: Params): string[] {
  return [
    '| parameter | in | required | takes | |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(params).map(([name, param]) => {
      const about = (param.description ?? '').replaceAll('|', '\\|')
      return `| \`${name}\` | ${param.in} | ${param.required ? 'yes' : 'no'} | ${expected(param)} | ${about} |`
    }),
  ]
}

function groupOf(group: string, members: readonly AnyOperation[]): string[] {
  return [
    `## ${group}`,
    '',
    '| operation | what it does | request | class | source |',
    '| --- | --- | --- | --- | --- |',
    ...members.map(
      (one) =>
        `| [${one.id}](#${one.id}) | ${one.summary} | \`${one.method} ${one.path}\` | \`${one.class}\` | ${sourceOf(one)} |`,
    ),
    '',
    ...members.flatMap(details),
  ]
}

function details(operation: AnyOperation): string[] {
  const params: Params = operation.params
  const lines = [`### ${operation.id}`, '', facts(operation), '']
  if (Object.keys(params).length > 0) lines.push(...paramRows(params), '')
  if (operation.class !== 'never') lines.push('```json', ...example(operation), '```', '')
  return lines
}

function facts({ summary, repeatable, perSecond }: AnyOperation): string {
  const again = repeatable ? 'Sent again when the answer is lost' : 'Sent once'
  const rate = perSecond === undefined ? '' : `, ${perSecond} times a second at most`
  return `${summary}. ${again}${rate}.`
}

function example(operation: AnyOperation): string[] {
  const from = isPrivate(operation) ? { from: 'me' } : {}
  const text = JSON.stringify({ params: exampleParams(operation), ...from })
  return [`{"topic":"tuya/cmd/op/${operation.id}","payload":${text}}`]
}

function sourceOf({ source, confidence }: AnyOperation): string {
  const named = source.split(', ').map((page) => pages[page.slice(0, 3)] ?? 'public pages and clients')
  return confidence === 'documented' ? named.join(', ') : `${named.join(', ')} (${confidence})`
}

function byGroup(): Map<string, AnyOperation[]> {
  const groups = new Map<string, AnyOperation[]>()
  for (const one of operations) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  return groups
}
