import { operation, query } from '../operation.ts'

/** Named without a page; the overview of a product is taken, whose members differ from project to project. */
export const dataAnalysis = operation({
  id: 'data-analysis',
  group: 'data',
  class: 'read',
  summary: 'Read the figures of the project',
  method: 'GET',
  path: '/v1.0/statistics-datas-survey',
  params: {
    product_id: query('string', 'all when absent'),
  },
  reply: { type: 'object' },
  read: (figures: object) => figures,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'inferred',
})
