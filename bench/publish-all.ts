import type mqtt from 'mqtt'

const onTheWay = 512

/** With so many on the way as a careful script would keep: MQTT.js slows down under everything at once. */
export function publishAll(
  client: mqtt.MqttClient,
  messages: readonly { topic: string; payload: string; qos: 0 | 1; retain: boolean }[],
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let [next, open] = [0, 0]
    const more = () => {
      for (; open < onTheWay && next < messages.length; open++) {
        const { topic, payload, qos, retain } = messages[next++] as (typeof messages)[number]
        client.publish(topic, payload, { qos, retain }, (error) => {
          open--
          if (error) reject(error)
          else if (next === messages.length && open === 0) resolve()
          else more()
        })
      }
    }
    more()
  })
}
