import { render } from 'preact'
import { open } from './connection.ts'
import { tick } from './store.ts'
import { App } from './view/app.tsx'

const root = document.querySelector('#page')
if (root) render(<App />, root)
setInterval(tick, 5_000)
void open()
