import assert from 'node:assert/strict'
import type { Court } from '../court.ts'
import type { EntityState, HomeAssistantClient } from './client.ts'

interface Statistic {
  readonly statistic_id: string
  readonly statistics_unit_of_measurement: string | null
  readonly unit_class: string | null
  readonly has_sum: boolean
}

interface Validation {
  readonly energy_sources: readonly (readonly object[])[]
  readonly device_consumption: readonly (readonly object[])[]
}

interface Household {
  /** Entity of the meter that counts what comes from the grid. */
  readonly grid: string
  /** What it gives back to it. */
  readonly back?: string
  readonly devices: readonly string[]
}

/** Fills in the energy dashboard as its dialogue does, with the statistics of what was heard so far. */
export async function fillDashboard(
  client: HomeAssistantClient,
  { grid, back, devices }: Household,
): Promise<void> {
  await client.call('judge.compile_statistics', {})
  await client.ask('energy/save_prefs', {
    energy_sources: [
      {
        type: 'grid',
        flow_from: [{ stat_energy_from: grid, entity_energy_price: null, number_energy_price: 0.3 }],
        flow_to:
          back === undefined
            ? []
            : [{ stat_energy_to: back, entity_energy_price: null, number_energy_price: null }],
        cost_adjustment_day: 0,
      },
    ],
    device_consumption: devices.map((stat_consumption) => ({ stat_consumption })),
  })
}

/** Every sensor of energy that can be reached is offered to the dashboard, which must have nothing against it. */
export async function judgeEnergy(court: Court, client: HomeAssistantClient, meter: string): Promise<void> {
  await court.check('the energy dashboard takes every meter and plug, and counts them in kWh', async () => {
    const sums = (await client.states()).filter(isEnergy).map(({ entity_id }) => entity_id)
    const others = sums.filter((id) => id !== meter)
    assert.ok(sums.includes(meter) && others.length > 0, `${sums}`)
    await fillDashboard(client, { grid: meter, devices: others })
    const found = await client.ask<Validation>('energy/validate')
    assert.deepEqual(found, { energy_sources: [[]], device_consumption: others.map(() => []) })
    const known = await client.ask<readonly Statistic[]>('recorder/list_statistic_ids')
    for (const id of sums) {
      const statistic = known.find(({ statistic_id }) => statistic_id === id)
      assert.equal(statistic?.statistics_unit_of_measurement, 'kWh', id)
      assert.equal(statistic?.unit_class, 'energy', id)
      assert.equal(statistic?.has_sum, true, id)
    }
    assert.deepEqual(await client.ask('recorder/validate_statistics'), {})
    return `${sums.length} sensors`
  })
  await court.check('the energy dashboard refuses what is no energy', async () => {
    const power = (await client.states()).find(
      ({ entity_id, attributes }) =>
        entity_id.startsWith('sensor.') && attributes['device_class'] === 'power',
    )
    assert.ok(power)
    await fillDashboard(client, { grid: meter, devices: [power.entity_id] })
    const { device_consumption } = await client.ask<Validation>('energy/validate')
    assert.match(JSON.stringify(device_consumption), /entity_unexpected_device_class/)
  })
}

function isEnergy({ entity_id, state, attributes }: EntityState): boolean {
  return entity_id.startsWith('sensor.') && attributes['device_class'] === 'energy' && state !== 'unavailable'
}
