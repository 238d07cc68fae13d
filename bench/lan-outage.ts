import { lanHouse, leave } from './lan-house.ts'
import { type Figure, figure, median } from './statistics.ts'

const perRound = 4
const perDevice = 3
const answersMs = 20_000

interface Receipt {
  readonly id: string
  readonly state: string
  readonly path?: string
  readonly final: boolean
  readonly attempts?: readonly { readonly path: string; readonly ms: number }[]
}

/** Devices fall silent on the LAN in the middle of commands: how soon these are done through the cloud. */
export async function lanOutage(directory: string, rounds: number): Promise<Figure[]> {
  const house = await lanHouse(directory, rounds * perRound)
  const { client, simulator } = house
  const [whole, onLan]: [number[], number[]] = [[], []]
  const asked = new Map<string, number>()
  const answers = new Map<string, Receipt>()
  client.on('message', (topic, payload) => {
    if (topic.split('/')[1] !== 'result') return
    const receipt = JSON.parse(payload.toString()) as Receipt
    if (!receipt.final || !asked.has(receipt.id) || answers.has(receipt.id)) return
    answers.set(receipt.id, receipt)
    if (receipt.path !== 'cloud' || receipt.state !== 'confirmed') return
    whole.push(performance.now() - (asked.get(receipt.id) ?? Number.NaN))
    const tried = receipt.attempts?.find(({ path }) => path === 'lan')
    if (tried) onLan.push(tried.ms)
  })
  await client.subscribeAsync('tuya/result/device/+', { qos: 1 })
  try {
    for (let round = 0; round < rounds; round++) {
      const ids = house.devices.slice(round * perRound, (round + 1) * perRound).map(({ id }) => id)
      simulator.faults.set(`lan-absent=,device=${ids.join('+')}`)
      for (let i = 0; i < perDevice; i++)
        for (const id of ids) {
          const command = `${round}-${i}-${id}`
          asked.set(command, performance.now())
          // Each sets something else, so that none takes the place of another.
          const dp = [{ switch_1: true }, { countdown_1: 60 + round }, { light_mode: 'none' }][i]
          client.publish(`tuya/cmd/device/${id}`, JSON.stringify({ id: command, dp }), { qos: 1 })
        }
      const end = performance.now() + answersMs
      while (answers.size < asked.size && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    await leave(house)
  }
  const done = [...answers.values()].filter(({ state }) => state === 'confirmed').length
  return [
    figure(
      'commands in whose midst the LAN falls silent: done through the cloud',
      `${done} of ${asked.size}`,
      'all',
      done === asked.size,
    ),
    figure(
      'from the publish to the receipt of these, median',
      `${Math.round(median(whole))} ms`,
      'told',
      null,
    ),
    figure(
      'of that, on the silent LAN, median',
      `${Math.round(median(onLan))} ms of ${onLan.length}`,
      'told',
      null,
    ),
  ]
}
