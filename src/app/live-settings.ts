import type { CommandSettings } from '../mqtt/command/ports.ts'
import type { EventTopicsParts } from '../mqtt/event-topics.ts'
import type { MirrorParts } from '../mqtt/mirror.ts'
import type { Config } from './config-types.ts'

/** What the mirror publishes, as the settings have it at each moment. */
export function mirrorSettings(config: Config): MirrorParts['settings'] {
  return {
    get scalars() {
      return config.publish.scalars
    },
    get views() {
      return config.publish.views
    },
    get entities() {
      return config.publish.entities ?? config.publish.homeassistant
    },
    get mirrorNames() {
      return config.names === 'mirror'
    },
    get exposeLocation() {
      return config.expose.location
    },
    get members() {
      return config.members
    },
    get actionKeys() {
      return config.events.actionKeys
    },
  }
}

/** Which events are told and where, as the settings have it at each moment. */
export function eventSettings(config: Config): EventTopicsParts['settings'] {
  return {
    get reports() {
      return config.publish.reports
    },
    get last() {
      return config.publish.last
    },
    get lastTtlMs() {
      return config.events.lastTtlMs
    },
    get maxEventAgeMs() {
      return config.events.maxEventAgeMs
    },
    get stale() {
      return config.events.stale
    },
    get actionKeys() {
      return config.events.actionKeys
    },
  }
}

/** What is obeyed, as the settings have it at each moment. */
export function commandSettings(config: Config): CommandSettings {
  const { commands, operations, mqtt } = config
  return {
    get replyTopics() {
      return commands.replyTopics ?? [`${mqtt.base}/reply/#`]
    },
    get requireTs() {
      return commands.requireTs
    },
    get clearRetained() {
      return commands.clearRetained
    },
    get locksAllowed() {
      return operations.allow.includes('lock')
    },
    get names() {
      return config.names !== 'off'
    },
  }
}
