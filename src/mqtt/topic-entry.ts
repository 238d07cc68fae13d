/** One line of the table of topics. */
export interface Topic<P extends string = string> {
  readonly pattern: P
  /** published by the bridge, or obeyed by it */
  readonly direction: 'publish' | 'obey'
  readonly retained: boolean
  readonly qos: 0 | 1 | 2
  readonly payload: string
  readonly summary: string
  /** Somebody has asked and waits: it goes before what happens of itself. */
  readonly isAnswer?: boolean
  /** MQTT 5 message expiry. */
  readonly expirySeconds?: number
}

export function published<const P extends string>(
  pattern: P,
  how: {
    readonly retained?: boolean
    readonly qos?: 0 | 1
    readonly expirySeconds?: number
    readonly isAnswer?: boolean
  },
  payload: string,
  summary: string,
): Topic<P> {
  const { retained = false, qos = 1, ...more } = how
  return { pattern, direction: 'publish', retained, qos, payload, summary, ...more }
}

export function obeyed<const P extends string>(pattern: P, payload: string, summary: string): Topic<P> {
  return { pattern, direction: 'obey', retained: false, qos: 2, payload, summary }
}
