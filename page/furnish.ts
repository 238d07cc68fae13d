import { signal } from '@preact/signals'

/** Cards that are seen at once, and as many as are made in one go afterwards. */
const atOnce = 48

/** How many cards have their controls by now; the others are there with their names, and get them a moment later. */
export const furnished = signal(atOnce)

const whenIdle: (then: () => void) => () => void =
  'requestIdleCallback' in globalThis
    ? (then) => {
        const idle = requestIdleCallback(then, { timeout: 100 })
        return () => cancelIdleCallback(idle)
      }
    : (then) => {
        const timer = setTimeout(then, 16)
        return () => clearTimeout(timer)
      }

/** Gives all cards their controls, some at a time: whoever scrolls or types does not wait. Gives what undoes it. */
export function furnish(cards: number): () => void {
  let end = () => {}
  const more = () => {
    furnished.value = furnished.peek() < cards ? furnished.peek() + atOnce : Number.POSITIVE_INFINITY
    if (furnished.peek() < Number.POSITIVE_INFINITY) end = whenIdle(more)
  }
  if (cards > 0) end = whenIdle(more)
  return () => {
    end()
    furnished.value = atOnce
  }
}
