/** The platform's data centres. Source: its page on regions; ue and we as the official clients use them. */
const endpoints: Readonly<Record<string, string>> = {
  cn: 'https://openapi.tuyacn.com',
  us: 'https://openapi.tuyaus.com',
  ue: 'https://openapi-ueaz.tuyaus.com',
  eu: 'https://openapi.tuyaeu.com',
  we: 'https://openapi-weaz.tuyaeu.com',
  in: 'https://openapi.tuyain.com',
  sg: 'https://openapi-sg.iotbing.com',
}

export const regions: readonly string[] = Object.keys(endpoints)

/** The base URL of the API, without a trailing slash. */
export function endpointOf(region: string): string {
  return endpoints[region] ?? (endpoints['eu'] as string)
}
