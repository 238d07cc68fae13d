import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

export interface Line {
  readonly name: string
  /** A variable of the style sheet. */
  readonly colour: string
  readonly isFilled?: boolean
  readonly isDots?: boolean
}

interface ChartProps {
  /** What one would see, for who cannot. */
  readonly label: string
  readonly lines: readonly Line[]
  readonly data: uPlot.AlignedData
  readonly unit: string
}

const height = 240

/** Values over time; drawn anew when light turns dark or the window another size. */
export function Chart({ label, lines, data, unit }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const latest = useRef(data)
  latest.current = data
  useEffect(() => {
    const element = place.current
    if (!element) return
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(element, lines, unit), latest.current, element)
    }
    const fit = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    const dark = matchMedia('(prefers-color-scheme: dark)')
    draw()
    fit.observe(element)
    dark.addEventListener('change', draw)
    return () => {
      fit.disconnect()
      dark.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [lines, unit])
  useEffect(() => plot.current?.setData(data), [data])
  return <div ref={place} class="chart" role="img" aria-label={label} />
}

function optionsOf(element: HTMLElement, lines: readonly Line[], unit: string): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  }
  return {
    width: element.clientWidth,
    height,
    cursor: { drag: { x: false, y: false } },
    legend: { show: lines.length > 1 },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 80, values: (_plot, times) => times.map((time) => timeOf(time, spanOf(times))) },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => `${value} ${unit}`) },
    ],
    series: [
      { label: 'Time', value: (_plot, time) => (time === null ? '–' : timeOf(time)) },
      ...lines.map((line) => seriesOf(line, colour, unit)),
    ],
  }
}

function seriesOf(
  { name, colour: variable, isFilled, isDots }: Line,
  colour: (name: string) => string,
  unit: string,
): uPlot.Series {
  const stroke = colour(variable)
  return {
    label: name,
    stroke,
    width: 2,
    value: (_plot, value) => (value === null ? '–' : `${value} ${unit}`),
    ...(isFilled ? { fill: `${stroke}22` } : {}),
    ...(isDots ? { paths: () => null, points: { show: true, size: 7, fill: stroke } } : {}),
  }
}

/** Seconds matter where the whole axis has few minutes. */
function timeOf(seconds: number, span = 0): string {
  const more = span < 600 ? ({ second: '2-digit' } as const) : {}
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...more,
  })
}

function spanOf(times: readonly number[]): number {
  return (times.at(-1) ?? 0) - (times[0] ?? 0)
}
