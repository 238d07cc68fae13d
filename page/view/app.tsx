import { hasSession, signOut, standing } from '../connection.ts'
import { opened, type Tab, tab, tabNames, tabs } from '../route.ts'
import { Activity } from './activity.tsx'
import { Charts } from './charts.tsx'
import { Details } from './details.tsx'
import { Devices } from './devices.tsx'
import { Doctor, troubles } from './doctor.tsx'
import { Links } from './links.tsx'
import { LogTail } from './log.tsx'
import { Notices } from './notices.tsx'
import { Scenes } from './scenes.tsx'
import { Shut, SignIn } from './sign-in.tsx'

const views: Readonly<Record<Tab, () => preact.JSX.Element>> = {
  devices: Devices,
  scenes: Scenes,
  activity: Activity,
  charts: Charts,
  doctor: Doctor,
  log: LogTail,
}

export function App() {
  if (standing.value === 'signed-out') return <SignIn />
  if (standing.value === 'shut') return <Shut />
  const View = views[tab.value]
  const id = opened.value
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <header>
        <h1>dp2mqtt</h1>
        <Links />
        {hasSession.value && (
          <button type="button" class="quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </header>
      <Tabs />
      {standing.value === 'lost' && (
        <p class="banner" role="alert">
          The bridge cannot be reached. What you see is what was known; the page goes on by itself.
        </p>
      )}
      <main id="content" tabIndex={-1} aria-busy={standing.value === 'connecting'}>
        {standing.value === 'connecting' ? <p class="empty">Connecting …</p> : <View />}
      </main>
      {id !== undefined && <Details key={id} id={id} />}
      <Notices />
    </>
  )
}

function Tabs() {
  const count = troubles.value
  return (
    <nav aria-label="Views">
      {tabs.map((name) => (
        <a key={name} href={`#${name}`} aria-current={tab.value === name ? 'page' : undefined}>
          <span data-name={tabNames[name]}>{tabNames[name]}</span>
          {name === 'doctor' && count > 0 && <span class="count">{count}</span>}
        </a>
      ))}
    </nav>
  )
}

/** The address holds the view: no link can lead there. */
function toContent(): void {
  document.querySelector<HTMLElement>('#content')?.focus()
}
