import WebSocket from 'ws'
import { until } from '../../test/support/until.ts'

export interface EntityState {
  readonly entity_id: string
  readonly state: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface RegisteredEntity {
  readonly entity_id: string
  readonly unique_id: string
  readonly device_id: string | null
  readonly disabled_by: string | null
  readonly entity_category: string | null
  readonly platform: string
}

export interface RegisteredDevice {
  readonly id: string
  readonly name: string | null
  readonly area_id: string | null
  readonly via_device_id: string | null
  readonly identifiers: readonly (readonly string[])[]
}

/** Home Assistant's own interfaces, as any of its clients would use them. */
export class HomeAssistantClient {
  readonly url: string
  readonly token: string
  #socket: WebSocket | undefined
  #id = 0

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  async get<T = unknown>(path: string): Promise<T> {
    const answer = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.token}` } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`)
    return (await answer.json()) as T
  }

  async call(service: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await fetch(`${this.url}/api/services/${service.replace('.', '/')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(data),
    })
    if (!answer.ok) throw new Error(`${service}: ${answer.status} ${await answer.text()}`)
  }

  states(): Promise<readonly EntityState[]> {
    return this.get('/api/states')
  }

  state(entityId: string): Promise<EntityState> {
    return this.get(`/api/states/${entityId}`)
  }

  entities(): Promise<readonly RegisteredEntity[]> {
    return this.ask('config/entity_registry/list')
  }

  devices(): Promise<readonly RegisteredDevice[]> {
    return this.ask('config/device_registry/list')
  }

  areas(): Promise<readonly { readonly area_id: string; readonly name: string }[]> {
    return this.ask('config/area_registry/list')
  }

  /** A word of its WebSocket API. */
  async ask<T>(type: string, more: object = {}): Promise<T> {
    const socket = await this.#connected()
    const id = ++this.#id
    let answer: { success: boolean; result: T; error?: { message: string } } | undefined
    const listen = (data: Buffer) => {
      const message = JSON.parse(data.toString())
      if (message.id === id) answer = message
    }
    socket.on('message', listen)
    socket.send(JSON.stringify({ id, type, ...more }))
    const { success, result, error } = await until(() => answer, 20_000, `an answer to ${type}`)
    socket.off('message', listen)
    if (!success) throw new Error(`${type}: ${error?.message}`)
    return result
  }

  close(): void {
    this.#socket?.terminate()
  }

  async #connected(): Promise<WebSocket> {
    if (this.#socket) return this.#socket
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/websocket`)
    let welcome = false
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      const { type } = JSON.parse(data.toString())
      if (type === 'auth_required') socket.send(JSON.stringify({ type: 'auth', access_token: this.token }))
      if (type === 'auth_ok') welcome = true
    })
    await until(() => welcome, 20_000, 'Home Assistant’s WebSocket')
    this.#socket = socket
    return socket
  }
}
