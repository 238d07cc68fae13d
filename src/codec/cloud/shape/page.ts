import { query, required } from '../operation.ts'

/** Lists that are asked for by the number of a page. */
export const pageAsked = {
  page_no: required(query('integer', 'from 1', { least: 1 })),
  page_size: required(query('integer', 'records a page', { least: 1, most: 100 })),
}
