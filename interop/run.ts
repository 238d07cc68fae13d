import { Court, seconds } from './court.ts'
import { acl } from './judge/acl.ts'
import { asyncapi } from './judge/asyncapi.ts'
import { connector } from './judge/connector.ts'
import { homeAssistant } from './judge/home-assistant.ts'
import { homie } from './judge/homie.ts'
import { lanCodec, tuyamock } from './judge/lan-devices.ts'
import { lanTinytuya } from './judge/lan-tinytuya.ts'
import { lanTuyapi } from './judge/lan-tuyapi.ts'
import { mosquitto } from './judge/mosquitto.ts'
import { nodeRed } from './judge/node-red.ts'
import { official } from './judge/official.ts'
import { openHub } from './judge/open-hub.ts'
import { page } from './judge/page.ts'
import { queue } from './judge/queue.ts'
import { signature } from './judge/signature.ts'
import { tinytuya } from './judge/tinytuya.ts'

const judges = [
  connector,
  official,
  queue,
  openHub,
  signature,
  tinytuya,
  lanTinytuya,
  lanTuyapi,
  mosquitto,
  acl,
  nodeRed,
  asyncapi,
  page,
  homeAssistant,
  homie,
  tuyamock,
  lanCodec,
]

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
  const court = new Court()
  for (const judge of judges) if (names.length === 0 || names.includes(judge.name)) await court.call(judge)
  console.log(`\ninterop took ${seconds(startedAt)}`)
  console.log(`${court.passed} passed, ${court.failed} failed, ${court.skipped} skipped`)
  return court.failed === 0 ? 0 : 1
}

process.exit(await run(process.argv.slice(2)))
