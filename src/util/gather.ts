import type { Socket } from 'node:net'

/** Many small writes of one turn leave in one piece: to be called before each of them. */
export function gatherWrites(line: Socket): () => void {
  let gathers = false
  return () => {
    if (gathers) return
    gathers = true
    line.cork()
    process.nextTick(() => {
      gathers = false
      line.uncork()
    })
  }
}
