import { createHash } from 'node:crypto'

/** Builders of Node-RED nodes, core nodes only; the editor's own defaults where nothing is said. */

export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }

/** A node before it has an id: `key` is unique in its flow, `to` are the keys behind each output. */
export interface Draft {
  readonly key: string
  readonly type: string
  readonly at: readonly [x: number, y: number]
  readonly to?: readonly (readonly string[])[]
  readonly props: Readonly<Record<string, unknown>>
}

type Place = Omit<Draft, 'type' | 'props'>

export interface BrokerPlace {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly protocolVersion: 4 | 5
}

/** The same words give the same id, so that a second import replaces the first instead of doubling it. */
export function nodeId(...words: readonly string[]): string {
  return createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 16)
}

/** The connection that all nodes share. Credentials are never part of a flow: they are typed into this node. */
export function brokerNodes(
  id: string,
  { host, port, tls, protocolVersion }: BrokerPlace,
): readonly FlowNode[] {
  const tlsId = nodeId(id, 'tls')
  const broker = {
    id,
    type: 'mqtt-broker',
    name: 'dp2mqtt',
    broker: host,
    port: String(port),
    clientid: '',
    autoConnect: true,
    usetls: tls,
    ...(tls ? { tls: tlsId } : {}),
    protocolVersion: String(protocolVersion),
    keepalive: '60',
    cleansession: true,
    autoUnsubscribe: true,
    birthTopic: '',
    birthQos: '0',
    birthPayload: '',
    closeTopic: '',
    closePayload: '',
    willTopic: '',
    willQos: '0',
    willPayload: '',
    userProps: '',
    sessionExpiry: '',
  }
  const certificates = { cert: '', key: '', ca: '', certname: '', keyname: '', caname: '', servername: '' }
  return tls
    ? [broker, { id: tlsId, type: 'tls-config', name: 'dp2mqtt', ...certificates, verifyservercert: true }]
    : [broker]
}

export interface FlowHead {
  /** What makes its ids, whatever its label is. */
  readonly name: string
  readonly label: string
  readonly info: string
}

/** A tab with its nodes, without the broker. */
export function flowNodes(head: FlowHead, brokerId: string, drafts: readonly Draft[]): readonly FlowNode[] {
  const tab = nodeId(head.name, 'tab')
  const idOf = (key: string) => nodeId(head.name, key)
  const nodes = drafts.map(({ key, type, at: [x, y], to = [], props }) => ({
    id: idOf(key),
    type,
    z: tab,
    ...resolved(props, idOf),
    ...(type.startsWith('mqtt ') ? { broker: brokerId } : {}),
    x,
    y,
    wires: to.map((keys) => keys.map(idOf)),
  }))
  return [{ id: tab, type: 'tab', label: head.label, disabled: false, info: head.info }, ...nodes]
}

/** Links name other nodes of the flow. */
function resolved(props: Draft['props'], idOf: (key: string) => string): Draft['props'] {
  const { links } = props
  return Array.isArray(links) ? { ...props, links: links.map((key) => idOf(String(key))) } : props
}

export function mqttIn(
  place: Place,
  name: string,
  topic: string,
  datatype: 'json' | 'utf8' | 'auto-detect' = 'json',
): Draft {
  const props = { name, topic, qos: '1', datatype, nl: false, rap: true, rh: 0, inputs: 0 }
  return { ...place, type: 'mqtt in', props }
}

/** An empty topic is taken from the message. */
export function mqttOut(place: Place, name: string, topic: string): Draft {
  const empty = { respTopic: '', contentType: '', userProps: '', correl: '', expiry: '' }
  return { ...place, type: 'mqtt out', props: { name, topic, qos: '1', retain: 'false', ...empty } }
}

export interface Pressed {
  readonly payload: string
  readonly as: 'str' | 'json' | 'num' | 'bool'
  /** When it presses itself; by hand alone unless told. */
  readonly crontab?: string
}

export function inject(place: Place, name: string, { payload, as, crontab = '' }: Pressed): Draft {
  const props = {
    name,
    props: [{ p: 'payload' }],
    repeat: '',
    crontab,
    once: false,
    onceDelay: 0.1,
    topic: '',
  }
  return { ...place, type: 'inject', props: { ...props, payload, payloadType: as } }
}

/** Shows the payload in the sidebar, and one part of the message below the node. */
export function debug(place: Place, name: string, status = 'payload'): Draft {
  const shown = { active: true, tosidebar: true, console: false, tostatus: true }
  const what = { complete: 'payload', targetType: 'msg', statusVal: status, statusType: 'msg' }
  return { ...place, type: 'debug', props: { name, ...shown, ...what } }
}

export function comment(place: Place, name: string, info = ''): Draft {
  return { ...place, type: 'comment', props: { name, info } }
}

export function code(place: Place, name: string, lines: readonly string[], outputs = 1): Draft {
  const rest = { timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [] }
  return { ...place, type: 'function', props: { name, func: lines.join('\n'), outputs, ...rest } }
}

export function setPayload(place: Place, name: string, to: string, as: 'str' | 'json' | 'bool'): Draft {
  const rules = [{ t: 'set', p: 'payload', pt: 'msg', to, tot: as }]
  const rest = { action: '', property: '', from: '', to: '', reg: false }
  return { ...place, type: 'change', props: { name, rules, ...rest } }
}

/** One output for each of the values, in their order. */
export function chooseBy(
  place: Place,
  name: string,
  property: string,
  values: readonly (string | boolean)[],
): Draft {
  const rules = values.map((value) =>
    typeof value === 'boolean' ? { t: String(value) } : { t: 'eq', v: value, vt: 'str' },
  )
  const rest = { propertyType: 'msg', checkall: 'true', repair: false, outputs: values.length }
  return { ...place, type: 'switch', props: { name, property, rules, ...rest } }
}

export function httpIn(place: Place, url: string): Draft {
  return { ...place, type: 'http in', props: { name: '', url, method: 'get', upload: false, swaggerDoc: '' } }
}

export function httpResponse(place: Place, contentType: string): Draft {
  const headers = { 'content-type': contentType }
  return { ...place, type: 'http response', props: { name: '', statusCode: '', headers } }
}
