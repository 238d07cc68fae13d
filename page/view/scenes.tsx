import { useSignal } from '@preact/signals'
import type { PageDefinition, PageThing } from '../../src/app/page/protocol.ts'
import { ask } from '../connection.ts'
import { automations, homes, scenes } from '../store.ts'
import { notifyOf } from './notices.tsx'

/** What people made in the app: scenes to run, automations to switch on and off. */
export function Scenes() {
  return (
    <div class="columns">
      <Definitions title="Scenes" kind="scene" all={scenes.value} empty="The homes have no scene." />
      <Definitions
        title="Automations"
        kind="automation"
        all={automations.value}
        empty="The homes have no automation."
      />
    </div>
  )
}

interface DefinitionsProps {
  readonly title: string
  readonly kind: PageThing
  readonly all: readonly PageDefinition[]
  readonly empty: string
}

function Definitions({ title, kind, all, empty }: DefinitionsProps) {
  const sorted = [...all].sort((a, b) => a.name.localeCompare(b.name))
  return (
    <section class="panel">
      <h2>{title}</h2>
      {sorted.length === 0 && <p class="empty">{empty}</p>}
      <ul class="rows">
        {sorted.map((one) => (
          <Row key={one.id} kind={kind} one={one} />
        ))}
      </ul>
    </section>
  )
}

function Row({ kind, one }: { kind: PageThing; one: PageDefinition }) {
  const { id, name, enabled, valid } = one
  const wanted = useSignal<boolean | undefined>(undefined)
  const enable = async (on: boolean) => {
    wanted.value = on
    notifyOf(await ask({ do: 'enable', kind, thing: id, on }), `${name}, ${on ? 'on' : 'off'}`)
    wanted.value = undefined
  }
  const run = async () => notifyOf(await ask({ do: 'trigger', kind, thing: id }), name)
  const isOn = wanted.value ?? enabled
  return (
    <li data-definition={id}>
      <div>
        <span class="title">{name}</span>
        <span class="sub">{summary(one)}</span>
        {!valid && <span class="tag warn">refers to something that is gone</span>}
      </div>
      {kind === 'scene' && (
        <button
          type="button"
          class="main"
          disabled={!valid}
          aria-label={`Run ${name}`}
          onClick={() => void run()}
        >
          Run
        </button>
      )}
      <button
        type="button"
        role="switch"
        class="toggle"
        aria-checked={isOn}
        aria-label={`${name}, ${kind === 'scene' ? 'scene' : 'automation'} on`}
        aria-busy={wanted.value !== undefined}
        onClick={() => void enable(!isOn)}
      >
        <span />
      </button>
    </li>
  )
}

function summary({ home, conditions, actions }: PageDefinition): string {
  const place = homes.value.find(({ id }) => id === home)?.name
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`
  return [place, conditions > 0 ? count(conditions, 'condition') : '', count(actions, 'action')]
    .filter(Boolean)
    .join(' · ')
}
