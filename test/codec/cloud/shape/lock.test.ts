import { expect, it } from 'vitest'
import { understood } from '../../../support/answer.ts'

const status = { code: 'unlock_fingerprint', value: 3 }

it.each([
  ['lock-open-logs', 'logs'],
  ['lock-alarm-logs', 'records'],
])('%s has its records in "%s", dated in seconds', (operation, member) => {
  const log = { update_time: 1_600_000_000, status, nick_name: 'Kim', user_id: 12, unlock_name: 'thumb' }
  expect(understood(operation, { total: 41, [member]: [log] })).toEqual({
    total: 41,
    logs: [
      { timeMs: 1_600_000_000_000, status: [status], userId: '12', nickName: 'Kim', unlockName: 'thumb' },
    ],
  })
})

it('a record may have several values, or none', () => {
  const read = understood('lock-open-logs', { logs: [{ status: [status, status] }, {}, { status: null }] })
  expect(read).toMatchObject({
    total: 3,
    logs: [{ status: [status, status] }, { status: [], userId: null }, { status: [] }],
  })
})

it.each(['lock-latest-media', 'lock-media-url'])(
  '%s: a picture comes with or without a recording',
  (operation) => {
    const picture = { file_url: 'https://files.example/a', file_key: 'k1', file_path: 'p', bucket: 'b' }
    expect(understood(operation, picture)).toEqual({
      cover: { url: 'https://files.example/a', key: 'k1' },
      recording: null,
    })
    expect(
      understood(operation, { ...picture, media_url: 'https://files.example/b', media_key: '' }),
    ).toEqual({
      cover: { url: 'https://files.example/a', key: 'k1' },
      recording: { url: 'https://files.example/b', key: null },
    })
    expect(understood(operation, {})).toEqual({ cover: null, recording: null })
  },
)
