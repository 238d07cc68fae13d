import { operation } from '../operation.ts'
import { readWeather, weatherSchema } from '../shape/automation.ts'

export const automationWeatherConditions = operation({
  id: 'automation-weather-conditions',
  group: 'automation',
  class: 'read',
  summary: 'List the sorts of weather that automations can wait for',
  method: 'GET',
  path: '/v1.0/homes/automation/weather/conditions',
  params: {},
  reply: weatherSchema,
  read: readWeather,
  repeatable: true,
  source: '004_a642b444de0def6a.txt',
  confidence: 'documented',
})
