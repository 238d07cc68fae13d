/** Milliseconds of the processor that something takes: a machine that is busy with something else changes little. */
export function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** The least of several tries, in case the machine was busy with something else: as many as it takes to come below the limit, or ten. */
export function leastCpuMs(limitMs: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10 && least >= limitMs; i++) least = Math.min(least, cpuMs(run))
  return least
}
