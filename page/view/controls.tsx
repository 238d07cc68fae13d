import { useSignal } from '@preact/signals'
import type { PageDevice, PagePoint } from '../../src/app/page/protocol.ts'
import type { Json } from '../../src/domain/data-point.ts'
import { fromHex, hsvOf, toHex } from '../colour.ts'
import { alongWith, type Control, type ControlKind } from '../control.ts'
import { percentOf, valueText, words } from '../format.ts'
import { pointsOf } from '../store.ts'
import { useCommand } from './use-command.ts'

interface ControlProps {
  readonly device: PageDevice
  readonly point: PagePoint
  /** What it is called by who cannot see where it stands. */
  readonly label: string
  readonly value: Json | undefined
}

/** The control of a point, by its name. */
export function ControlRow({ device, control }: { device: PageDevice; control: Control }) {
  const { kind, point } = control
  const View = views[kind]
  const { name } = point
  return (
    <div class={`control ${kind}`} data-code={point.code}>
      <span class="label">{name}</span>
      <View
        device={device}
        point={point}
        label={`${device.name}, ${name}`}
        value={device.dp[point.code]?.[0]}
      />
    </div>
  )
}

/** The control alone, where its place says what it is for. */
export function ControlAlone({ device, control: { kind, point } }: { device: PageDevice; control: Control }) {
  const View = views[kind]
  const label = `${device.name}, ${point.name}`
  return (
    <span data-code={point.code}>
      <View device={device} point={point} label={label} value={device.dp[point.code]?.[0]} />
    </span>
  )
}

function Reading({ point, value }: ControlProps) {
  return <span class="value">{valueText(point, value)}</span>
}

function Switch({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const isOn = (wanted ?? value) === true
  return (
    <button
      type="button"
      role="switch"
      class="toggle"
      aria-checked={isOn}
      aria-label={label}
      aria-busy={wanted !== undefined}
      onClick={() => write(!isOn)}
    >
      <span />
    </button>
  )
}

function Slider({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const shown = wanted ?? value
  const number = typeof shown === 'number' ? shown : (point.min ?? 0)
  const text = typeof shown === 'number' ? (percentOf(point, number) ?? valueText(point, number)) : '–'
  return (
    <>
      <input
        type="range"
        min={point.min ?? 0}
        max={point.max ?? 100}
        step={point.step ?? 1}
        value={number}
        aria-label={label}
        aria-valuetext={text}
        onInput={(event) => write(event.currentTarget.valueAsNumber, { soon: true })}
      />
      <output class="value">{text}</output>
    </>
  )
}

function Thermostat({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const shown = wanted ?? value
  const number = typeof shown === 'number' ? shown : undefined
  const step = point.step || 1
  const move = (by: number) => {
    const next = Math.min(point.max ?? 100, Math.max(point.min ?? 0, (number ?? point.min ?? 0) + by))
    // Steps of a tenth have no exact sum in binary.
    write(Number(next.toFixed(4)), { soon: true })
  }
  return (
    <span class="stepper">
      <button type="button" aria-label={`${label}: lower`} onClick={() => move(-step)}>
        −
      </button>
      <output class="value">{valueText(point, number)}</output>
      <button type="button" aria-label={`${label}: higher`} onClick={() => move(step)}>
        +
      </button>
    </span>
  )
}

const white = '#ffffff'

function Colour({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const range = point.colour
  const hsv = hsvOf(wanted ?? value)
  if (!range) return null
  const also = alongWith(point, pointsOf(device) ?? [], device)
  return (
    <input
      type="color"
      aria-label={label}
      value={hsv ? toHex(hsv, range) : white}
      onInput={(event) => write({ ...fromHex(event.currentTarget.value, range) }, { soon: true, also })}
    />
  )
}

function Cover({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const shown = wanted ?? value
  return (
    <span class="buttons">
      {(point.range ?? []).map((word) => {
        const meaning = point.use?.words?.[word] ?? word
        return (
          <button
            type="button"
            key={word}
            aria-label={`${label}: ${meaning}`}
            aria-pressed={shown === word}
            onClick={() => write(word)}
          >
            {words(meaning)}
          </button>
        )
      })}
    </span>
  )
}

function Select({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const shown = wanted ?? value
  const range = point.range ?? []
  return (
    <select
      aria-label={label}
      value={String(shown ?? '')}
      onChange={(event) => write(event.currentTarget.value)}
    >
      {!range.includes(String(shown)) && (
        <option value={String(shown ?? '')}>{valueText(point, shown)}</option>
      )}
      {range.map((word) => (
        <option key={word} value={word}>
          {words(word)}
        </option>
      ))}
    </select>
  )
}

function Number_({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const shown = wanted ?? value
  return (
    <>
      <input
        type="number"
        min={point.min ?? undefined}
        max={point.max ?? undefined}
        step={point.step ?? 'any'}
        value={typeof shown === 'number' ? shown : ''}
        aria-label={label}
        onChange={({ currentTarget: { valueAsNumber } }) => {
          if (Number.isFinite(valueAsNumber)) write(valueAsNumber)
        }}
      />
      <span class="unit">{point.unit}</span>
    </>
  )
}

/** Text goes as it stands; where the device wants JSON, what is written has to be some. */
function Text({ device, point, label, value }: ControlProps) {
  const { wanted, write } = useCommand(device.id, point.code, label)
  const draft = useSignal<string | undefined>(undefined)
  const fault = useSignal(false)
  const shown = wanted ?? value
  const isJson = point.type === 'json' || point.type === 'unknown' || point.type === 'bitmap'
  const text = draft.value ?? (typeof shown === 'string' ? shown : shown == null ? '' : JSON.stringify(shown))
  const send = (event: Event) => {
    event.preventDefault()
    try {
      write(isJson ? (JSON.parse(text) as Json) : text)
      draft.value = undefined
      fault.value = false
    } catch {
      fault.value = true
    }
  }
  return (
    <form class="text" onSubmit={send}>
      <input
        type="text"
        value={text}
        maxLength={point.maxlen ?? undefined}
        aria-label={label}
        aria-invalid={fault.value}
        spellcheck={false}
        onInput={(event) => {
          draft.value = event.currentTarget.value
        }}
      />
      <button type="submit" aria-label={`${label}: send`}>
        Send
      </button>
      {fault.value && <span class="fault">This is no JSON.</span>}
    </form>
  )
}

/** What does something each time, rather than to have a value. */
function Press({ device, point, label }: ControlProps) {
  const { write } = useCommand(device.id, point.code, label)
  const choices: readonly Json[] = point.type === 'boolean' ? [true] : (point.range ?? [])
  return (
    <span class="buttons">
      {choices.map((choice) => (
        <button
          type="button"
          key={String(choice)}
          aria-label={`${label}: ${String(choice)}`}
          onClick={() => write(choice)}
        >
          {choice === true ? 'Press' : words(String(choice))}
        </button>
      ))}
    </span>
  )
}

const views: Readonly<Record<ControlKind, (props: ControlProps) => preact.JSX.Element | null>> = {
  switch: Switch,
  slider: Slider,
  colour: Colour,
  cover: Cover,
  thermostat: Thermostat,
  select: Select,
  number: Number_,
  text: Text,
  press: Press,
  reading: Reading,
}
