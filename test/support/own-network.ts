let networks = 0

/** Addresses that no house of another process has: what moves leaves its address to nobody. */
export function ownNetwork(): string {
  return `127.${70 + (process.pid % 180)}.${networks++ % 250}.1`
}
