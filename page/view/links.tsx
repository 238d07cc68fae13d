import { adviceOf, type LinkName, linkName } from '../doctor.ts'
import { health } from '../store.ts'

const order: readonly LinkName[] = ['mqtt', 'cloud', 'queue']

/** The state of each link, always in sight. */
export function Links() {
  const document = health.value
  if (!document) return <ul class="links" aria-label="Links" />
  const { lan } = document.links
  return (
    <ul class="links" aria-label="Links">
      {order.map((name) => {
        const { state, reason } = document.links[name]
        const text = state === 'up' || state === 'unused' ? state : `${state}: ${adviceOf(reason)[0]}`
        return <Link key={name} name={linkName(name)} state={state} text={text} />
      })}
      <Link
        name="LAN"
        state={lan.state}
        text={lan.state === 'unused' ? 'unused' : `${lan.up} up${lan.down > 0 ? `, ${lan.down} down` : ''}`}
      />
    </ul>
  )
}

function Link({ name, state, text }: { name: string; state: string; text: string }) {
  return (
    <li>
      <a href="#doctor" class={`link ${state}`}>
        <span class="dot" aria-hidden="true" />
        <span class="name">{name}</span> <span class="state">{text}</span>
      </a>
    </li>
  )
}
