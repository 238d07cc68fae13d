import { Court, seconds } from './court.ts'
import { acl } from './judge/acl.ts'
import { asyncapi } from './judge/asyncapi.ts'
import { connector } from './judge/connector.ts'
import { homeAssistant } from './judge/home-assistant.ts'
import { homie } from './judge/homie.ts'
import { homie4 } from './judge/homie4.ts'
import { lanCodec, tuyamock } from './judge/lan-devices.ts'
import { lanTinytuya } from './judge/lan-tinytuya.ts'
import { lanTuyapi } from './judge/lan-tuyapi.ts'
import { mosquitto, mosquittoFaults } from './judge/mosquitto.ts'
import { nodeRed } from './judge/node-red.ts'
import { official } from './judge/official.ts'
import { openHub } from './judge/open-hub.ts'
import { openHab } from './judge/openhab.ts'
import { page } from './judge/page.ts'
import { queue } from './judge/queue.ts'
import { signature } from './judge/signature.ts'
import { tinytuya } from './judge/tinytuya.ts'

/** They wait more than they work, so four of them are heard at a time; those of a row one after the other. */
const rows = [
  [mosquittoFaults],
  [mosquitto, acl, lanTinytuya, lanTuyapi],
  [connector, official, queue, openHub, signature, tinytuya, nodeRed, asyncapi],
  [homeAssistant, homie, homie4, openHab, page, tuyamock, lanCodec],
]
const judges = rows.flat()

/** All judges, or those whose names are given. Ends with 1 when one of them found fault. */
async function run(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !judges.some((judge) => judge.name === name))
  if (unknown.length > 0) {
    console.error(
      `No judge is called ${unknown.join(', ')}; there are ${judges.map(({ name }) => name).join(', ')}.`,
    )
    return 64
  }
  const startedAt = performance.now()
  const courts = await Promise.all(rows.map((row) => hear(row, names)))
  const sum = (of: 'passed' | 'failed' | 'skipped') => courts.reduce((total, court) => total + court[of], 0)
  console.log(`\ninterop took ${seconds(startedAt)}`)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  return sum('failed') === 0 ? 0 : 1
}

/** One row; of several judges each is printed when it has ended, of a single one every check as it comes. */
async function hear(row: typeof judges, names: readonly string[]): Promise<Court> {
  const lines: string[] = []
  const court = new Court(names.length === 1 ? undefined : (text) => lines.push(text))
  for (const judge of row) {
    if (names.length > 0 && !names.includes(judge.name)) continue
    await court.call(judge)
    if (lines.length > 0) console.log(lines.splice(0).join('\n'))
  }
  return court
}

process.exit(await run(process.argv.slice(2)))
