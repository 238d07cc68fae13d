import type { CloudVerdict } from '../../util/error.ts'
import { asNumber, isRecord, JsonError, limits, own, parseJson } from '../../util/json.ts'

export type Envelope =
  | { readonly success: true; readonly result: unknown; readonly t: number | undefined }
  | { readonly success: false; readonly verdict: CloudVerdict; readonly t: number | undefined }

/**
 * The platform's envelope out of the bytes of an answer. `success` decides, never the HTTP status; `t` and `tid` may
 * be missing. Throws JsonError for anything that is no envelope.
 */
export function parseEnvelope(body: Uint8Array): Envelope {
  const value = parseJson(body, limits.cloud)
  if (!isRecord(value) || typeof own(value, 'success') !== 'boolean') {
    throw new JsonError('bad-json', 'The answer is no envelope of the platform.')
  }
  const t = timeOf(own(value, 't'))
  if (own(value, 'success') === true) return { success: true, result: own(value, 'result'), t }
  const code = asNumber(own(value, 'code'))
  const msg = own(value, 'msg')
  const tid = own(value, 'tid')
  return {
    success: false,
    t,
    verdict: {
      code: Number.isInteger(code) ? code : 0,
      msg: typeof msg === 'string' ? msg : '',
      ...(typeof tid === 'string' ? { tid } : {}),
    },
  }
}

/** 13 digits are milliseconds, 10 are seconds (the seeds print both); anything else is no time. */
function timeOf(t: unknown): number | undefined {
  if (typeof t !== 'number' || !Number.isFinite(t)) return undefined
  if (t > 1e12 && t < 1e13) return t
  return t > 1e9 && t < 1e10 ? t * 1000 : undefined
}
