import { homeAssistantTopics, homie4Topics, homie5Topics } from '../../src/mqtt/convention-topics.ts'
import { topics, tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import type { Topic } from '../../src/mqtt/topic-entry.ts'

/** The reference page of all topics, made from the one table. */
export function topicsPage(): string {
  const rows = Object.values(topics) as Topic[]
  const lines = [
    '# Topics',
    '',
    'Made from the topic table. All topics lie below the base (`tuya` by default); `<…>` stands for one level.',
    'Ids are addresses; names may be used below `cmd/named/`. Codes and names are percent-encoded where they hold',
    '`/ + # %` or control characters.',
    '',
    '## Published',
    '',
    '| topic | payload | retained | QoS | what |',
    '| --- | --- | --- | --- | --- |',
    ...rows.filter(({ direction }) => direction === 'publish').map(published),
    '',
    '## Obeyed',
    '',
    'Publish with QoS 1 and never with the retain flag: a retained command is refused, explained and removed.',
    '',
    '| topic | payload | what |',
    '| --- | --- | --- |',
    ...rows
      .filter(({ direction }) => direction === 'obey')
      .map(({ pattern, payload, summary }) => `| \`${readable(pattern)}\` | ${payload} | ${summary} |`),
    '',
    '## In the words of tuya-mqtt',
    '',
    'Below a base of their own, `tuya-mqtt` by default, where `tuyaMqtt.enabled` is on: [migrating.md](migrating.md#tuya-mqtt).',
    '',
    ...further(tuyaMqttTopics),
    '',
    '## In the words of Home Assistant',
    '',
    'Below `publish.homeassistantPrefix`, `homeassistant` by default, where `publish.homeassistant` is on:',
    '[home-assistant.md](home-assistant.md). Values and commands are those of the bridge’s own tree.',
    '',
    ...further(homeAssistantTopics),
    '',
    '## In the words of Homie 5',
    '',
    'Below `publish.homieDomain`, `homie` by default, where `publish.homie5` is on: [homie.md](homie.md).',
    '',
    ...further(homie5Topics),
    '',
    '## In the words of Homie 4',
    '',
    'Below `publish.homieDomain` too, where `publish.homie4` is on: [homie.md](homie.md#homie-4). What the convention',
    'takes for granted is left out: `$settable` is `false` and `$retained` is `true` where they are missing.',
    '',
    ...further(homie4Topics),
  ]
  return `${lines.join('\n')}\n`
}

/** The table of a tree of its own. */
function further(table: Readonly<Record<string, Topic>>): readonly string[] {
  return [
    '| topic | direction | payload | retained | what |',
    '| --- | --- | --- | --- | --- |',
    ...Object.values(table).map(
      ({ pattern, direction, payload, retained, summary }) =>
        `| \`${readable(pattern)}\` | ${direction === 'publish' ? 'published' : 'obeyed'} | ${payload} | ${retained ? 'yes' : 'no'} | ${summary} |`,
    ),
  ]
}

function published({ pattern, payload, retained, qos, summary, expirySeconds }: Topic): string {
  const life =
    expirySeconds === undefined ? '' : ` (gone after ${span(expirySeconds)}${retained ? '' : ' on MQTT 5'})`
  return `| \`${readable(pattern)}\` | ${payload} | ${retained ? 'yes' : 'no'} | ${qos} | ${summary}${life} |`
}

function span(seconds: number): string {
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds} s`
}

function readable(pattern: string): string {
  return pattern.replaceAll('{', '<').replaceAll('}', '>')
}
