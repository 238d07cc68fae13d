import { expect, it } from 'vitest'
import { findRoute } from '../../../src/simulator/cloud/route.ts'
import { CloudCaller, type Reply } from '../../support/cloud-caller.ts'
import { type PageRequest, pageWorld } from '../../support/page-world.ts'
import { vector } from '../../support/vector.ts'

interface Example {
  readonly operation: string
  readonly title: string
  readonly request: PageRequest
  readonly answers?: readonly Reply[]
}

const examples = vector<readonly Example[]>('platform-pages.json')

/** Asks as the page does; whom a device knows gets the number that the page has. */
async function answer({ operation, request }: Example): Promise<Reply> {
  const { pathname, searchParams } = new URL(request.target, 'http://page')
  const query = Object.fromEntries(searchParams)
  const ids = { ...query, ...findRoute(request.method, pathname)?.args }
  const caller = new CloudCaller({ world: pageWorld(ids, request) })
  if (operation.startsWith('device-user')) {
    const person = {
      nickName: '',
      sex: 1,
      birthday: 1_544_996_327_422,
      height: 178,
      weight: 160,
      contact: '',
    }
    caller.simulator.world.device(ids['device_id'] ?? '').deviceUsers.set(ids['user_id'] ?? '1', person)
  }
  return caller.call(request.method, pathname, {
    query,
    ...(request.body === undefined ? {} : { body: request.body }),
  })
}

/** Names and types; of a list, of its first entry. Nothing has a type of its own. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? 'list' : [shapeOf(value[0])]
  if (value === null) return 'nothing'
  if (typeof value !== 'object') return typeof value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, key === 'value' ? 'any' : shapeOf(member)]))
}

it.each(examples.map((example) => [example.operation, example.title, example] as const))(
  '%s is answered as the page "%s" prints it',
  async (_operation, _title, example) => {
    const reply = await answer(example)
    expect(reply.code).toBeUndefined()
    const [printed] = example.answers ?? []
    if (printed === undefined) return
    expect(shapeOf(reply.result)).toEqual(shapeOf(printed.result))
    expect(Object.hasOwn(reply, 't')).toBe(Object.hasOwn(printed, 't'))
  },
)
