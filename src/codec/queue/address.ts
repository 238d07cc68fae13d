/** The proxies of the platform's data centres. ue and we are known by name only; their port is the others'. */
const bases: Readonly<Record<string, string>> = {
  cn: 'wss://mqe.tuyacn.com:8285/',
  us: 'wss://mqe.tuyaus.com:8285/',
  ue: 'wss://mqe-ueaz.tuyaus.com:8285/',
  eu: 'wss://mqe.tuyaeu.com:8285/',
  we: 'wss://mqe-weaz.tuyaeu.com:8285/',
  in: 'wss://mqe.tuyain.com:8285/',
  sg: 'wss://mqe-sg.iotbing.com:8285/',
}

/** The base of a region's queue, with a slash at its end; undefined for a region that does not exist. */
export function queueBase(region: string): string | undefined {
  return Object.hasOwn(bases, region) ? bases[region] : undefined
}

/** Which stream of a project: production, test devices, alarms about its backlog. */
export type QueueEnvironment = 'event' | 'event-test' | 'notice'

export interface ConsumerAddress {
  readonly accessId: string
  readonly environment: QueueEnvironment
  readonly subscription: string
  readonly query: Readonly<Record<string, string>>
}

const prefix = ['ws', 'v2', 'consumer', 'persistent']

/** Where a consumer connects; there is exactly one slash behind the base, whether the base ends with one or not. */
export function consumerUrl({
  base,
  accessId,
  environment,
  subscription,
  query,
}: ConsumerAddress & { readonly base: string }): string {
  const levels = [...prefix, accessId, 'out', environment, subscription].map(encodeURIComponent)
  const search = new URLSearchParams(query).toString()
  return `${withoutSlash(base)}/${levels.join('/')}${search === '' ? '' : `?${search}`}`
}

/** What consumerUrl put behind the base, out of the target of a request; undefined when it is something else. */
export function parseConsumerPath(
  target: string,
): (Omit<ConsumerAddress, 'environment'> & { readonly environment: string }) | undefined {
  const at = target.indexOf('?')
  const path = at === -1 ? target : target.slice(0, at)
  const [root, ...levels] = path.split('/').map(decoded)
  const [accessId, out, environment, subscription, ...more] = levels.slice(prefix.length)
  if (root !== '' || out !== 'out' || more.length > 0) return undefined
  if (prefix.some((level, i) => level !== levels[i])) return undefined
  if (!accessId || !environment || !subscription) return undefined
  const query = Object.fromEntries(new URLSearchParams(at === -1 ? '' : target.slice(at + 1)))
  return { accessId, environment, subscription, query }
}

function decoded(level: string): string | undefined {
  try {
    return decodeURIComponent(level)
  } catch {
    return undefined
  }
}

function withoutSlash(base: string): string {
  let end = base.length
  while (base[end - 1] === '/') end--
  return base.slice(0, end)
}
