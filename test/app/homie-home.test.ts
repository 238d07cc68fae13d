import { describe, expect, it } from 'vitest'
import { DerivedBench } from '../support/derived-bench.ts'
import { lifeFaults, readHomie4 } from '../support/homie4-reader.ts'
import { automationOf, externalOf, sceneOf } from '../support/rule.ts'

const home5 = 'tuya-main--home-h1'
const home4 = 'tuya-main-home-h1'

/** Both trees over a home with a scene and two automations, one of which waits for something outside. */
async function running(bench = new DerivedBench({ homie4: true, homie5: true })): Promise<DerivedBench> {
  bench.inventory.scenes.set([sceneOf('s1', { name: 'Good night' })])
  bench.inventory.automations.set([
    automationOf('a1', { name: 'Bedtime', conditions: [externalOf('bedtime')] }),
    automationOf('a2', { name: 'Sunrise', conditions: [], enabled: false }),
  ])
  bench.add('d')
  await bench.up()
  bench.derived.everythingRead()
  await bench.clock.advance(1_000)
  return bench
}

const linkOf = (bench: DerivedBench, version: 4 | 5) => {
  const [link] = bench.connector.made(version === 4 ? /^-homie4$/ : /^-homie$/).at(-1) ?? []
  if (!link) throw new Error('nobody has connected')
  return link
}

/** What a strict reader finds wrong with the tree of Homie 4. */
function faults(bench: DerivedBench): readonly string[] {
  const of4 = Object.entries(bench.homie4()).filter(([path]) => !path.startsWith('5/'))
  const held = new Map(of4.map(([path, text]) => [`homie/${path}`, text]))
  const said = linkOf(bench, 4).published.map(
    ({ topic, payload, retain }) => [topic, payload, retain] as const,
  )
  return [...readHomie4(held).faults, ...lifeFaults(said)]
}

const below = (held: Record<string, string>, id: string) =>
  Object.keys(held).filter((path) => path.startsWith(`${id}/`))

describe('a home in the trees of Homie', () => {
  it('is a device: its scenes run, its automations are on or off, some wait for something outside', async () => {
    const bench = await running()
    expect(bench.homie4()).toMatchObject({
      [`${home4}/$name`]: 'Home h1',
      [`${home4}/$state`]: 'ready',
      [`${home4}/$nodes`]: 'scenes,automations,triggers',
      [`${home4}/scenes/$properties`]: 's1',
      [`${home4}/scenes/s1/$name`]: 'Good night',
      [`${home4}/scenes/s1/$datatype`]: 'enum',
      [`${home4}/scenes/s1/$format`]: 'run',
      [`${home4}/scenes/s1/$settable`]: 'true',
      [`${home4}/scenes/s1/$retained`]: 'false',
      [`${home4}/automations/$properties`]: 'a1,a2',
      [`${home4}/automations/a1`]: 'true',
      [`${home4}/automations/a2`]: 'false',
      [`${home4}/triggers/$properties`]: 'a1',
    })
    expect(bench.homie4()).not.toHaveProperty([`${home4}/scenes/s1`])
    expect(faults(bench)).toEqual([])
  })

  it('is described in Homie 5 with the same properties, a child of the bridge', async () => {
    const held = (await running()).homie()
    const { nodes, ...about } = JSON.parse(held[`${home5}/$description`] ?? '{}')
    expect(about).toMatchObject({ name: 'Home h1', type: 'home', parent: 'tuya-main' })
    expect(nodes).toEqual({
      scenes: {
        name: 'Scenes',
        type: 'scene',
        properties: {
          s1: { name: 'Good night', datatype: 'enum', format: 'run', settable: true, retained: false },
        },
      },
      automations: {
        name: 'Automations',
        type: 'automation',
        properties: {
          a1: { name: 'Bedtime', datatype: 'boolean', settable: true },
          a2: { name: 'Sunrise', datatype: 'boolean', settable: true },
        },
      },
      triggers: {
        name: 'External conditions',
        type: 'trigger',
        properties: {
          a1: { name: 'Bedtime', datatype: 'enum', format: 'run', settable: true, retained: false },
        },
      },
    })
    expect(held).toMatchObject({ [`${home5}/$state`]: 'ready', [`${home5}/automations/a2`]: 'false' })
    expect(JSON.parse(held['tuya-main/$description'] ?? '{}').children).toEqual([home5, 'tuya-main--d'])
  })

  it('says at once that an automation was switched, and describes nothing anew for that', async () => {
    const bench = await running()
    const from = linkOf(bench, 4).published.length
    bench.inventory.automations.set([automationOf('a2', { name: 'Sunrise', conditions: [], enabled: true })])
    await bench.clock.advance(1_000)
    const said = linkOf(bench, 4).published.slice(from)
    expect(said.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual([
      `homie/${home4}/automations/a2 true`,
    ])
    expect(bench.homie()).toHaveProperty([`${home5}/automations/a2`], 'true')
  })

  it('follows names, and loses what is deleted', async () => {
    const bench = await running()
    bench.inventory.scenes.set([sceneOf('s1', { name: 'Sleep' }), sceneOf('s2')])
    bench.inventory.automations.remove('a1')
    await bench.clock.advance(1_000)
    expect(bench.homie4()).toMatchObject({
      [`${home4}/$nodes`]: 'scenes,automations',
      [`${home4}/scenes/s1/$name`]: 'Sleep',
      [`${home4}/scenes/$properties`]: 's1,s2',
      [`${home4}/automations/$properties`]: 'a2',
    })
    expect(below(bench.homie4(), `${home4}/triggers`)).toEqual([])
    expect(below(bench.homie(), `${home5}/automations`)).toEqual([`${home5}/automations/a2`])
    expect(faults(bench)).toEqual([])
  })

  it.each([
    ['whose last scene is deleted', true],
    ['that is gone', false],
  ])('a home %s leaves nothing behind', async (_, one) => {
    const bench = await running()
    if (one) {
      bench.inventory.scenes.remove('s1')
      for (const id of ['a1', 'a2']) bench.inventory.automations.remove(id)
    } else bench.inventory.removeHome('h1')
    await bench.clock.advance(1_000)
    expect(below(bench.homie4(), home4)).toEqual([])
    expect(below(bench.homie(), home5)).toEqual([])
    expect(JSON.parse(bench.homie()['tuya-main/$description'] ?? '{}').children).not.toContain(home5)
    expect(faults(bench)).toEqual([])
  })

  it('is no device where nothing can be run or switched', async () => {
    const bench = new DerivedBench({ homie4: true, homie5: true }).add('d')
    await bench.up()
    expect([...below(bench.homie4(), home4), ...below(bench.homie(), home5)]).toEqual([])
    expect(bench.homie4()).toHaveProperty(['tuya-main-d/$state'], 'ready')
  })

  it('leaves nothing behind of what an earlier run had, once everything was read', async () => {
    const bench = new DerivedBench({ homie4: true })
    await bench.up()
    bench.adopt([`homie/${home4}/$homie`, `homie/${home4}/scenes/s9/$name`, 'homie/tuya-main-home-h2/$homie'])
    bench.inventory.scenes.set([sceneOf('s1')])
    await bench.clock.advance(1_000)
    expect(linkOf(bench, 4).on('homie/tuya-main-home-h2/$homie')).toEqual([])
    bench.derived.everythingRead()
    await bench.clock.advance(1_000)
    expect(linkOf(bench, 4).on('homie/tuya-main-home-h2/$homie')).toEqual([''])
    expect(linkOf(bench, 4).on(`homie/${home4}/scenes/s9/$name`)).toEqual([''])
    expect(linkOf(bench, 4).on(`homie/${home4}/$homie`)).toEqual(['4.0.0'])
  })
})

describe('what is written to a home of Homie', () => {
  it.each([
    ['scenes/s1', 'run', 'tuya/cmd/scene/s1/trigger'],
    ['automations/a2', 'true', 'tuya/cmd/automation/a2/enabled'],
    ['triggers/a1', 'run', 'tuya/cmd/automation/a1/trigger'],
  ])('%s %s is a command of our own', async (property, payload, topic) => {
    const bench = await running()
    linkOf(bench, 4).hear(`homie/${home4}/${property}/set`, payload)
    linkOf(bench, 5).hear(`homie/5/${home5}/${property}/set`, payload)
    expect(bench.commands).toMatchObject([
      { topic, payload },
      { topic, payload },
    ])
  })

  it('is a target where it is kept, and none where it only happens', async () => {
    const bench = await running()
    linkOf(bench, 5).hear(`homie/5/${home5}/scenes/s1/set`, 'run')
    linkOf(bench, 5).hear(`homie/5/${home5}/automations/a2/set`, 'true')
    for (const { told } of bench.commands) told?.('accepted' as never, undefined as never)
    expect(bench.homie()).toHaveProperty([`${home5}/automations/a2/$target`], 'true')
    expect(bench.homie()).not.toHaveProperty([`${home5}/scenes/s1/$target`])
  })

  it('is refused where the property does not take it, and where it was retained', async () => {
    const bench = await running()
    linkOf(bench, 4).hear(`homie/${home4}/scenes/s1/set`, 'true')
    linkOf(bench, 4).hear(`homie/${home4}/triggers/a2/set`, 'run')
    linkOf(bench, 4).hear(`homie/${home4}/scenes/s1/set`, 'run', true)
    expect(bench.commands).toEqual([])
    expect(bench.troubles).toEqual(['command/bad-value', 'command/bad-value', 'command/retained'])
  })
})
