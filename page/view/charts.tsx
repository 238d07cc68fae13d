import { signal } from '@preact/signals'
import type uPlot from 'uplot'
import { quantile } from '../format.ts'
import { deviceOf, power, receipts } from '../store.ts'
import { Chart, type Line } from './chart.tsx'

/** Whose power is shown; '' = that of all together. */
const whose = signal('')

/** What the house takes, and how long commands take. */
export function Charts() {
  return (
    <>
      <section class="panel">
        <Power />
      </section>
      <section class="panel">
        <Latency />
      </section>
    </>
  )
}

function Power() {
  const samples = power.value
  const ids = [...new Set(samples.flatMap(({ watts }) => Object.keys(watts)))].filter((id) => id !== '')
  const values = samples.map(({ watts }) => watts[whose.value] ?? null)
  const known = values.filter((value) => value !== null)
  return (
    <>
      <header>
        <h2>Power</h2>
        {ids.length > 1 && (
          <select
            aria-label="Whose power"
            value={whose}
            onChange={(event) => {
              whose.value = event.currentTarget.value
            }}
          >
            <option value="">All together</option>
            {ids.map((id) => (
              <option key={id} value={id}>
                {deviceOf(id)?.value.name ?? id}
              </option>
            ))}
          </select>
        )}
      </header>
      {known.length === 0 ? (
        <p class="empty">No device has measured its power yet.</p>
      ) : (
        <>
          <p class="figures">
            <Figure name="now" value={`${known.at(-1)} W`} />
            <Figure name="least" value={`${Math.min(...known)} W`} />
            <Figure name="most" value={`${Math.max(...known)} W`} />
          </p>
          <Chart
            label={`Power of the last hour, now ${known.at(-1)} watts`}
            lines={powerLine}
            data={[samples.map(({ timeMs }) => timeMs / 1_000), values]}
            unit="W"
          />
        </>
      )}
    </>
  )
}

const powerLine: readonly Line[] = [{ name: 'Power', colour: '--accent', isFilled: true }]
const latencyLines: readonly Line[] = [
  { name: 'LAN', colour: '--good', isDots: true },
  { name: 'Cloud', colour: '--accent', isDots: true },
  { name: 'Failed', colour: '--bad', isDots: true },
]

function Latency() {
  const all = receipts.value.filter(({ path, ok }) => ok && path !== null)
  const failed = receipts.value.filter(
    ({ ok, state }) => !ok && state !== 'superseded' && state !== 'rejected',
  )
  const spans = all.map(({ ms }) => ms)
  const shown = [...all, ...failed].sort((a, b) => a.timeMs - b.timeMs)
  const of = (wanted: (receipt: (typeof shown)[number]) => boolean) =>
    shown.map((receipt) => (wanted(receipt) ? receipt.ms : null))
  const data: uPlot.AlignedData = [
    shown.map(({ timeMs }) => timeMs / 1_000),
    of(({ ok, path }) => ok && path === 'lan'),
    of(({ ok, path }) => ok && path === 'cloud'),
    of(({ ok }) => !ok),
  ]
  return (
    <>
      <h2>Commands</h2>
      {shown.length === 0 ? (
        <p class="empty">No command has reached a device yet.</p>
      ) : (
        <>
          <p class="figures">
            <Figure name="half within" value={`${quantile(spans, 0.5) ?? '–'} ms`} />
            <Figure name="19 of 20 within" value={`${quantile(spans, 0.95) ?? '–'} ms`} />
            <Figure name="failed" value={`${failed.length} of ${shown.length}`} />
          </p>
          <Chart
            label={`How long the last ${shown.length} commands took`}
            lines={latencyLines}
            data={data}
            unit="ms"
          />
        </>
      )}
    </>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <span class="figure">
      <strong>{value}</strong> {name}
    </span>
  )
}
