import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll } from 'vitest'
import { House, type HouseOptions } from './house.ts'
import { until } from './until.ts'

export type Answer = Record<string, unknown>

/** A house for all tests of a file or of a describe block, and ways to ask it something. */
export function sharedHouse(options: HouseOptions = {}) {
  const state = {} as { house: House; client: MqttClient }

  beforeAll(async () => {
    state.house = await (await House.open(options)).ready()
    state.client = await state.house.observe()
    await state.house.quiet()
  })

  afterAll(async () => {
    await state.house[Symbol.asyncDispose]()
  })

  /** The final answers that came on a topic below the base after this moment. */
  const answersOn = (topic: string) => {
    const before = state.house.on(topic).length
    return () =>
      state.house
        .on(topic)
        .slice(before)
        .map(({ payload }) => JSON.parse(payload) as Answer)
        .filter((answer) => answer['final'])
  }

  return {
    get house() {
      return state.house
    },
    get client() {
      return state.client
    },
    answersOn,
    /** Publishes below `cmd/` and gives the one answer on `result/<subject>`, by default what the topic is about. */
    async ask(
      topic: string,
      payload: unknown,
      subject = topic.split('/').slice(0, 2).join('/'),
      withinMs = 20_000,
    ): Promise<Answer> {
      const answers = answersOn(`result/${subject}`)
      const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)
      await state.house.publish(state.client, `cmd/${topic}`, text)
      await until(() => answers().length > 0, withinMs, `an answer to ${topic}`)
      return answers()[0] as Answer
    },
    status: (id: string) => state.house.simulator.world.device(id).status,
  }
}
