import { afterEach, beforeEach } from 'vitest'
import { FakeBroker } from './fake-broker.ts'
import { Speaker, type SpeakerOptions } from './speaker.ts'

export interface SpeakingBench {
  /** The scripted broker of the running test. */
  readonly broker: FakeBroker
  /** A bridge that speaks with it, or with another broker. */
  speak(options?: SpeakerOptions, url?: string): Speaker
  /** What the broker was told of messages that could not be delivered. */
  readonly deadLetters: Record<string, unknown>[]
}

/** A scripted broker for each test of the file, and bridges that end before it does. */
export function speakingBench(): SpeakingBench {
  let broker: FakeBroker
  let speakers: Speaker[] = []
  beforeEach(async () => {
    broker = await FakeBroker.open()
  })
  afterEach(async () => {
    for (const speaker of speakers) await speaker.stop()
    speakers = []
    await broker.stop()
  })
  return {
    get broker() {
      return broker
    },
    get deadLetters() {
      return broker.on('tuya/bridge/deadletter').map((payload) => JSON.parse(payload))
    },
    speak(options = {}, url = broker.url) {
      const speaker = new Speaker(url, options)
      speakers.push(speaker)
      return speaker
    },
  }
}
