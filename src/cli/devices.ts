import type { Command } from 'commander'
import { valueCodec } from '../codec/data-point/codec.ts'
import { Inventory } from '../inventory/inventory.ts'
import { CloudDirectory } from '../transport/cloud/directory.ts'
import { systemClock } from '../util/clock.ts'
import { type GlobalOptions, interrupted, openContext, print, progress } from './context.ts'
import { asFailure, openClient } from './direct.ts'
import { table } from './table.ts'

interface DevicesOptions extends GlobalOptions {
  readonly json?: boolean
}

export function addDevices(program: Command): void {
  program
    .command('devices')
    .description('list homes, rooms and devices as the cloud shows them')
    .option('--json', 'print JSON instead of a table')
    .action((_options: DevicesOptions, command: Command) =>
      devices(command.optsWithGlobals<DevicesOptions>()),
    )
}

async function devices(options: DevicesOptions): Promise<void> {
  const context = openContext(options, { quiet: true })
  const { client, tuya } = openClient(context)
  const waiting = { signal: interrupted() }
  const directory = new CloudDirectory({ client, uid: tuya.uid, homes: tuya.homes })
  const inventory = new Inventory({ codec: valueCodec, now: () => systemClock.now() })
  try {
    progress('reading homes …')
    for (const home of await directory.homes(waiting)) {
      inventory.setHome(home)
      progress(`reading devices of ${home.name} …`)
      inventory.setDevices((await directory.devices(home, waiting)).devices)
      progress(`reading rooms of ${home.name} …`)
      for (const room of await directory.rooms(home, waiting)) {
        inventory.setRoom(room)
        const placed = await directory.placed(room, waiting)
        if (typeof placed !== 'string') inventory.placeIn(room.id, placed)
      }
    }
    progress('')
  } catch (thrown) {
    progress('')
    throw asFailure(thrown)
  } finally {
    await client[Symbol.asyncDispose]()
  }
  print(options.json ? JSON.stringify(rowsOf(inventory), null, 2) : asTable(inventory))
}

interface Row {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly product: string
  readonly home: string
  readonly room: string
  readonly online: boolean
}

function rowsOf(inventory: Inventory): Row[] {
  return [...inventory.devices.values()].map(({ device }) => ({
    id: device.id,
    name: device.name,
    category: device.category,
    product: device.product.name,
    home: inventory.homes.get(device.homeId)?.name ?? '',
    room: device.roomId === null ? '' : (inventory.rooms.get(device.roomId)?.name ?? ''),
    online: device.online,
  }))
}

function asTable(inventory: Inventory): string {
  const rows = rowsOf(inventory).map((row) => [
    row.online ? 'online' : 'offline',
    row.id,
    row.category,
    row.home,
    row.room,
    row.name,
  ])
  return table(['state', 'id', 'category', 'home', 'room', 'name'], rows)
}
