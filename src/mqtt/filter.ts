/** MQTT topic filters as sets of topics. */

/**
 * Whether every topic that `inner` matches is matched by `outer` too; a plain topic is its own filter. Filters that
 * begin with a wildcard never reach topics that begin with `$`.
 */
export function contains(outer: string, inner: string): boolean {
  // Two ways to say everything: a topic has at least one level.
  if (outer === '#' || outer === '+/#') return !inner.startsWith('$')
  const outside = outer.split('/')
  // `/#` would also mean the empty topic, of which there is none.
  const inside = inner === '/#' ? ['', '+', '#'] : inner.split('/')
  if (inside[0]?.startsWith('$') && outside[0] !== inside[0]) return false
  for (let i = 0; ; i++) {
    const [granted, wanted] = [outside[i], inside[i]]
    if (granted === '#') return true
    if (wanted === undefined) return granted === undefined
    if (granted === undefined) return false
    // `a/#` also means `a`, which `a/+` does not.
    if (wanted === '#') return false
    if (granted !== '+' && granted !== wanted) return false
  }
}

/** A subscription filter that the protocol allows. */
export function isFilter(filter: string): boolean {
  if (filter === '' || Buffer.byteLength(filter) > 512 || filter.includes('\0')) return false
  const levels = filter.split('/')
  return levels.every(
    (level, i) =>
      level === '+' ||
      (level === '#' && i === levels.length - 1) ||
      !(level.includes('+') || level.includes('#')),
  )
}
