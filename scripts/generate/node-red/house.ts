import {
  brokerNodes,
  type Draft,
  type FlowHead,
  flowNodes,
  nodeId,
} from '../../../src/integration/node-red/node.ts'

/** Things of the demo's house, which the examples are about. */
export const demo = {
  base: 'tuya',
  lamp: 'bf3c9a7d41e0b2f6aaw1vn',
  sceneSwitch: 'bf96e3a4d0c7b8f152le5u',
  plug: 'bf5b8310dfe2a947c3jy2h',
  scene: '53IYSXI3gEn2w3Oc',
} as const

/** All examples share one connection: whoever imports several sets it once. */
const brokerId = 'a1b7d0e3c5f20002'
const broker = { host: '127.0.0.1', port: 1883, tls: false }

export function example(head: FlowHead, drafts: readonly Draft[], protocolVersion: 4 | 5 = 4): () => string {
  const id = protocolVersion === 4 ? brokerId : nodeId('examples', 'broker', '5')
  const nodes = [...flowNodes(head, id, drafts), ...brokerNodes(id, { ...broker, protocolVersion })]
  return () => `${JSON.stringify(nodes, null, 2)}\n`
}
