import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

const cost = { N: 16_384, r: 8, p: 1 } as const
const keyBytes = 32

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
}

const hashPattern = /^scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]{16,64})\$([A-Za-z0-9+/]{43}=)$/

const memoryAtMost = 64 * 1024 * 1024

interface Hash {
  readonly options: { readonly N: number; readonly r: number; readonly p: number }
  readonly salt: Buffer
  readonly key: Buffer
}

/** Undefined for what is no hash, also for costs that scrypt would refuse or that would eat the memory. */
function parseHash(text: string): Hash | undefined {
  const match = hashPattern.exec(text)
  if (!match) return undefined
  const [, n, r, p, salt = '', key = ''] = match
  const options = { N: Number(n), r: Number(r), p: Number(p) }
  const powerOfTwo = Number.isInteger(Math.log2(options.N))
  // scrypt's own memory need: 128 * r bytes for each of N + p + 2 blocks
  const memory = 128 * options.r * (options.N + options.p + 2)
  if (!powerOfTwo || options.r === 0 || options.p === 0 || memory > memoryAtMost) return undefined
  return { options, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') }
}

export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined
}

/** Whether the password belongs to the hash; takes as long for a wrong one as for the right one. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash)
  if (!parsed) return false
  const key = await derive(password, parsed.salt, parsed.options)
  return timingSafeEqual(key, parsed.key)
}

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, { ...options, maxmem: memoryAtMost }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
