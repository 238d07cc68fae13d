import { expect, it } from 'vitest'
import { weatherKinds } from '../../../../src/codec/cloud/automation/weather.ts'
import { understood } from '../../../support/answer.ts'
import { examples } from '../../../support/platform-page.ts'

const kinds = (...answer: readonly object[]) =>
  weatherKinds(understood('automation-weather-conditions', answer) as never)

it('the platform’s own example is a temperature', () => {
  const page = examples.find(({ operation }) => operation === 'automation-weather-conditions')
  const listed = understood('automation-weather-conditions', page?.answers?.[0]?.['result'])
  expect(weatherKinds(listed as never)).toEqual([
    { code: 'temp', type: 'integer', operators: ['<', '==', '>'], min: -40, max: 40 },
  ])
})

it.each<readonly [object, object]>([
  [
    { category: 'condition', operators: '["=="]', property: { range: ['sunny', 'rainy'], type: 'enum' } },
    { code: 'condition', type: 'enum', operators: ['=='], range: ['sunny', 'rainy'] },
  ],
  [
    { category: '$windSpeed', operators: ['>', '<', '!='], property: { min: '0', max: '62' } },
    { code: 'windSpeed', type: 'integer', operators: ['<', '>'], min: 0, max: 62 },
  ],
  [
    { category: 'uv', operators: null, property: { range: ['low', 7, null, 'high'] } },
    { code: 'uv', type: 'enum', operators: ['=='], range: ['low', 'high'] },
  ],
  [
    { category: 'temp', operators: 'no list', property: { type: 'value', min: null, max: 'hot' } },
    { code: 'temp', type: 'integer', operators: ['<', '==', '>'] },
  ],
  [{ category: 'sun' }, { code: 'sun', type: 'enum', operators: ['=='] }],
  [
    { category: 'sun', property: { range: {}, type: 7 } },
    { code: 'sun', type: 'enum', operators: ['=='] },
  ],
])('%j is read as %j', (listed, kind) => {
  expect(kinds(listed)).toEqual([kind])
})

it('of two with one code the first counts', () => {
  expect(kinds({ category: 'temp', operators: '[">"]' }, { category: '$temp', operators: '["<"]' })).toEqual([
    { code: 'temp', type: 'integer', operators: ['>'] },
  ])
})
