import { body, operation, required } from '../operation.ts'
import { homeMade } from '../shape/body.ts'
import { newId } from '../shape.ts'

export const homeCreate = operation({
  id: 'home-create',
  group: 'home',
  class: 'config',
  summary: 'Make a home, with rooms if wanted',
  method: 'POST',
  path: '/v1.0/home/create-home',
  params: {
    uid: required(body('string', 'whose home it becomes')),
    home: required(body('object', '{name, geo_name, lon, lat}', { made: homeMade })),
    rooms: body('array<string>', 'names'),
  },
  ...newId,
  repeatable: false,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
