import { body, path, required } from '../operation.ts'
import type { Schema } from '../schema.ts'

/** What the objects that some operations take are made of. */

const name: Schema = { type: 'string', minLength: 1, maxLength: 256 }

export const homeMade: Schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name, geo_name: { type: 'string' }, lon: { type: 'number' }, lat: { type: 'number' } },
}

export const memberMade: Schema = {
  type: 'object',
  required: ['country_code', 'member_account', 'admin', 'name'],
  additionalProperties: false,
  properties: {
    country_code: { type: 'string', pattern: '^\\d{1,4}$' },
    member_account: { type: 'string', minLength: 1, maxLength: 256 },
    admin: { type: 'boolean' },
    name,
  },
}

export const pointWrite: Schema = {
  type: 'object',
  required: ['code', 'value'],
  properties: { code: { type: 'string', minLength: 1, maxLength: 128 } },
}

export const firedCondition: Schema = {
  type: 'object',
  required: ['entity_id', 'display'],
  properties: {
    entity_id: { type: 'string', minLength: 1 },
    display: {
      type: 'object',
      required: ['code', 'value'],
      properties: { code: { type: 'string', minLength: 1 } },
    },
  },
}

/** Which devices of which room. */
export const roomDevices = {
  home_id: path('long'),
  room_id: path('long'),
  device_ids: required(body('array<string>')),
}
