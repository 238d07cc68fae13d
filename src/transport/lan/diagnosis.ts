/** What is the matter with the way to a device, in words that stand in documents and tables. */
export type Finding =
  | 'ok'
  | 'no-key'
  | 'no-address'
  | 'behind-gateway'
  | 'port-closed'
  | 'no-route'
  | 'no-answer'
  | 'refused'
  | 'key-mismatch'
  | 'key-or-version'
  | 'timeout'
  | 'protocol'

interface Diagnosis {
  /** What was seen, in one sentence. */
  readonly meaning: string
  /** What to do, in one sentence or two. */
  readonly advice: string
}

/** One entry per finding; `docs/lan.md` shows the same table. */
export const diagnoses: Readonly<Record<Finding, Diagnosis>> = {
  ok: { meaning: 'It answers, and knows the key.', advice: 'Nothing is to be done.' },
  'no-key': {
    meaning: 'Nobody has told its local key.',
    advice:
      'Give tuya.accessId and tuya.accessSecret, so that the cloud tells it, or lan.devices[].localKey, or a file in lan.deviceFiles.',
  },
  'no-address': {
    meaning: 'It was not heard, and no address is configured.',
    advice:
      'Is it powered, and in the same network as this machine (no guest Wi-Fi, no container network of its own)? Battery devices speak only when something happens. Else give lan.devices[].ip. A device whose places are all taken falls silent, too.',
  },
  'behind-gateway': {
    meaning: 'It has no connection of its own: its gateway speaks for it.',
    advice: 'See what is said of the gateway.',
  },
  'port-closed': {
    meaning: 'Somebody is at this address, but takes no connections on the port.',
    advice:
      'Is it the right address? Some devices close the port while the internet is cut off but names still resolve: cut off DNS too, or neither. Devices that run on batteries have no port at all.',
  },
  'no-route': {
    meaning: 'This machine knows no way to the address.',
    advice: 'Check the network of this machine and the address.',
  },
  'no-answer': {
    meaning: 'Nobody answers at this address.',
    advice:
      'Is it powered, and is the address still right? Reserve its address in your router, or leave discovery on. A firewall or the isolation of Wi-Fi clients looks the same.',
  },
  refused: {
    meaning: 'It takes the connection and ends it at once.',
    advice:
      'All of its places are taken: end the bridge, the app on phones in this network, other hubs and integrations, wait a minute, and try again. If it stays so with nobody else connected, its network part hangs: take it off mains for ten seconds.',
  },
  'key-mismatch': {
    meaning: 'It speaks this version, and the local key is not its own.',
    advice:
      'Pairing a device anew changes its key: read it again from the cloud (leave localKey out where tuya is configured), or correct it. Quote it in YAML: it may hold any character.',
  },
  'key-or-version': {
    meaning: 'It understands us in no version.',
    advice:
      'Most likely the local key is not its own: pairing a device anew changes it. Else give lan.devices[].version; `dp2mqtt check --lan` shows what it announces.',
  },
  timeout: {
    meaning: 'It takes the connection and says nothing.',
    advice:
      'Its network part hangs, or another client keeps it busy: end other clients, and take it off mains for ten seconds if that does not help.',
  },
  protocol: {
    meaning: 'What it says makes no sense.',
    advice: 'Is it a Tuya device that is at this address? If so, please report it.',
  },
}
