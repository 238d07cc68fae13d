import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { LanClient } from '../support/lan-client.ts'
import { LanHouse } from '../support/lan-house.ts'
import { QueueClient } from '../support/queue-client.ts'
import { until } from '../support/until.ts'

const refused = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    () => 'answered',
    (thrown: Error) => (thrown.name === 'TimeoutError' ? 'silent' : 'refused'),
  )

describe('without the internet', () => {
  it('cloud, queue and Open Hub refuse, and the LAN goes on', async () => {
    await using house = await LanHouse.start({ version: '3.5' }, { real: true })
    const { simulator } = house
    const { cloud, queue } = simulator.address
    const token = `${cloud.endpoint}/v1.0/token?grant_type=1`
    await using listener = await QueueClient.open(simulator.address)
    expect(await refused(token)).toBe('answered')
    simulator.faults.set('internet')
    expect(await refused(token)).toBe('refused')
    expect(await refused(queue.url.replace('ws:', 'http:'))).toBe('refused')
    await listener.closed
    await using client = await LanClient.open(house.lamp)
    client.set({ 20: false })
    await client.take(2)
    expect(house.status('switch_led')).toBe(false)
    simulator.faults.clear('internet')
    expect(await refused(token)).toBe('answered')
    await using again = await QueueClient.open(simulator.address)
    expect(await again.received(1)).toHaveLength(1)
  })

  it('may swallow everything instead: nobody answers, and what was connected is dead', async () => {
    await using house = await LanHouse.start({ version: '3.5' }, { real: true })
    const { simulator } = house
    const { cloud } = simulator.address
    await using listener = await QueueClient.open(simulator.address)
    simulator.faults.set('internet=blackhole')
    const { hostname, port } = new URL(cloud.endpoint)
    const socket = connect(Number(port), hostname)
    let answered = false
    socket.on('data', () => {
      answered = true
    })
    socket.on('error', () => {})
    socket.write('GET /v1.0/token?grant_type=1 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    simulator.world.report(house.lamp.id, { switch_led: false })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(answered).toBe(false)
    expect(simulator.journal.entries('request')).toEqual([])
    expect(listener.frames).toEqual([])
    simulator.faults.clear('internet')
    await listener.closed
    await until(() => socket.destroyed)
    expect(await refused(`${cloud.endpoint}/v1.0/token?grant_type=1`)).toBe('answered')
  })
})
