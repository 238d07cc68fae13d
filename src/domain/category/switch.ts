import type { Category } from './category.ts'

export const switches: Category = { name: 'Switch', codes: ['kg', 'tdq', 'wxml'] }

export const sockets: Category = {
  name: 'Socket',
  codes: ['cz', 'pc'],
  hints: [[/^switch(_\d+|_usb\d+)?$/, { role: 'main', outlet: true }]],
}

export const breakers: Category = { name: 'Breaker or meter', codes: ['dlq', 'zndb', 'aqcz'] }
