import { operation } from '../operation.ts'
import { listOf } from '../shape.ts'

export const sceneDefaultPictures = operation({
  id: 'scene-default-pictures',
  group: 'scene',
  class: 'read',
  summary: 'List the pictures for scenes',
  method: 'GET',
  path: '/v1.0/scenes/default-pictures',
  params: {},
  reply: listOf({ type: 'string' }),
  read: (pictures: readonly string[]) => pictures,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
