import { useSignal } from '@preact/signals'
import { signIn } from '../connection.ts'

export function SignIn() {
  const fault = useSignal<string | undefined>(undefined)
  const isBusy = useSignal(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const field = form.elements.namedItem('password') as HTMLInputElement
    isBusy.value = true
    fault.value = await signIn(field.value)
    isBusy.value = false
    field.select()
  }
  return (
    <main class="door">
      <form onSubmit={submit}>
        <h1>dp2mqtt</h1>
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          autofocus
        />
        <button type="submit" class="main" disabled={isBusy.value}>
          Sign in
        </button>
        <p class="fault" role="alert">
          {fault.value}
        </p>
      </form>
    </main>
  )
}

/** The page listens where others could see it, and no password keeps them away. */
export function Shut() {
  return (
    <main class="door">
      <div>
        <h1>dp2mqtt</h1>
        <p>This page is closed: it can be reached from other machines, and no password is set.</p>
        <p>
          Give one in <code>http.passwordFile</code> (or <code>http.password</code>,{' '}
          <code>http.passwordHash</code>), or let the bridge listen on <code>127.0.0.1</code> and open the
          page there.
        </p>
      </div>
    </main>
  )
}
