import { adviceOf, type LinkName, linkName } from '../doctor.ts'
import { health } from '../store.ts'

const order: readonly LinkName[] = ['mqtt', 'cloud', 'queue']

/** The state of each link, always in sight. */
export function Links() {
  const document = health.value
  if (!document) return <ul class="links" aria-label="Links" />
  const lan = document.links.lan as { state?: string; up?: number; down?: number }
  return (
    <ul class="links" aria-label="Links">
      {order.map((name) => {
        const { state, reason } = document.links[name]
        const text = state === 'up' || state === 'unused' ? state : `${state}: ${adviceOf(reason)[0]}`
        return <Link key={name} name={linkName(name)} state={state} text={text} />
      })}
      <Link
        name="LAN"
        state={lan.state ?? 'unused'}
        text={lan.state === 'unused' ? 'unused' : `${lan.up ?? 0} up, ${lan.down ?? 0} down`}
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
