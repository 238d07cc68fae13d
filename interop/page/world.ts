import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'

export const demo = {
  lamp: 'bf3c9a7d41e0b2f6aaw1vn',
  curtain: 'bf04ac8e91f37d62b5te8r',
  thermostat: 'bf28c95d07e4b61fa3gn0w',
  plug: 'bf5b8310dfe2a947c3jy2h',
  dimmer: 'bfd17e3a8b0549c6f2um4c',
  sensor: 'bfe0b47f15a2d3986ck5qz',
  opener: 'bfopener0000000000page',
} as const

export const marks = { accessSecret: 'canary-access-secret-7f3b1d', localKey: 'canaryKey77' } as const

/** The demo’s world with marked secrets, and one device with a point that is only pressed. */
export function pageWorld(): WorldFile {
  const world = demoWorld()
  return {
    ...world,
    project: { ...world.project, accessSecret: marks.accessSecret },
    models: {
      ...world.models,
      opener: {
        category: 'ckmkzq',
        productId: 'ckmkzq5opener7pg',
        productName: 'Garage opener',
        dps: [
          { id: 1, code: 'opens', type: 'Integer', access: 'ro', values: { min: 0, max: 1_000 }, initial: 0 },
          {
            id: 2,
            code: 'push_button',
            type: 'Boolean',
            access: 'wo',
            values: {},
            initial: false,
            effects: [{ equals: true, set: { opens: 1 } }],
          },
        ],
      },
    } as NonNullable<WorldFile['models']>,
    devices: [
      ...world.devices,
      { id: demo.opener, name: 'Garage', model: 'opener', home: '3182004', room: '1408004' },
    ].map((device, i) => ({ ...device, localKey: `${marks.localKey}${String(i).padStart(5, '0')}` })),
  }
}
