import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** Certificates made when they are needed: X.509 version 3 in DER (RFC 5280), signed with P-256; good for a day. */
export interface Certificate {
  readonly name: string
  readonly privateKey: KeyObject
  readonly keyPem: string
  readonly certPem: string
}

export interface CertificateWishes {
  readonly name?: string
  /** Who signs; the certificate itself unless told. */
  readonly issuer?: Certificate
  /** Host names and IPv4 addresses that it is good for. */
  readonly hosts?: readonly string[]
  readonly authority?: boolean
  readonly from?: Date
  readonly until?: Date
}

const dayMs = 86_400_000

export function makeCertificate(wishes: CertificateWishes = {}): Certificate {
  const { name = 'localhost', hosts = ['localhost', '127.0.0.1'], authority = false } = wishes
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = wishes.issuer ?? { name, privateKey }
  const tbs = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(
      utcTime(wishes.from ?? new Date(Date.now() - dayMs)),
      utcTime(wishes.until ?? new Date(Date.now() + dayMs)),
    ),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(basicConstraints(authority), alternativeNames(hosts))),
  )
  const signature = sign('sha256', tbs, issuer.privateKey)
  const der = sequence(tbs, ecdsaWithSha256, bitString(signature))
  return {
    name,
    privateKey,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certPem: pem(der),
  }
}

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

const sequence = (...contents: readonly Buffer[]) => tagged(0x30, ...contents)
const integer = (bytes: Buffer) => tagged(0x02, bytes)
const bitString = (bytes: Buffer) => tagged(0x03, Buffer.from([0]), bytes)
const octetString = (bytes: Buffer) => tagged(0x04, bytes)
const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))
const yes = tagged(0x01, Buffer.from([0xff]))

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))

/** One relative name, the common one: 2.5.4.3. */
function nameOf(text: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(text)))))
}

/** YYMMDDHHMMSSZ */
function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '')
  return tagged(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}

/** 2.5.29.19, critical */
function basicConstraints(authority: boolean): Buffer {
  return sequence(objectId('551d13'), yes, octetString(authority ? sequence(yes) : sequence()))
}

/** 2.5.29.17: dNSName is [2], iPAddress is [7]. */
function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host)),
  )
  return sequence(objectId('551d11'), octetString(sequence(...names)))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
