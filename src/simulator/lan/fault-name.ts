import { lanVersions } from '../../codec/lan/version.ts'
import { damages } from './damage.ts'

/**
 * Faults of devices on the LAN. What each does stands for all devices and all times, until words behind commas narrow
 * it: `lan-drop=,device=ID,command=set,skip=2,times=1,share=0.5`.
 */
export const lanFaults = {
  'lan-refuse': 'Devices accept no connection; those there are stay',
  'lan-reset': 'Resets each connection as soon as it is there',
  'lan-silent': 'Accepts connections and never says anything',
  'lan-full': 'All places for clients are taken: closes what is new, and broadcasts nothing',
  'lan-reset-after': 'Resets the connection after start, resp or finish of the handshake',
  'lan-bad-proof': 'Answers the handshake with a wrong proof',
  'lan-other-key': 'Uses another key than the one that the cloud tells',
  'lan-other-version': 'Speaks this version, and goes on announcing the other',
  'lan-zero-key': 'Makes keys of sessions that begin with a zero byte',
  'lan-delay': 'Milliseconds before each frame: 500, or 100-900',
  'lan-drop': 'Frames that are never sent',
  'lan-duplicate': 'Frames that are sent twice',
  'lan-reorder': 'Acknowledges before the push where it would be after it, and the other way round',
  'lan-merge': 'Writes so many frames at once; 3 without a number',
  'lan-split': 'Writes so many bytes at a time; 1 without a number',
  'lan-garbage': 'So many bytes of garbage before a frame; 7 without a number',
  'lan-bad': `Breaks frames: ${Object.keys(damages).join(', ')}`,
  'lan-truncate': 'Writes so many bytes of a frame and then nothing any more; 20 without a number',
  'lan-error': 'Answers queries and sets with this text, and code 1; "json obj data unvalid" without one',
  'lan-no-ack': 'Does what is set, and does not acknowledge it',
  'lan-no-push': 'Changes and does not say so',
  'lan-stale-push': 'Says the old value after a change, and the new one after so many milliseconds',
  'lan-partial': 'Answers queries with so many points only; 1 without a number',
  'lan-single-points': 'A push for each point',
  'lan-bad-text': 'Text values hold bytes that are no UTF-8',
  'lan-header': 'Version header on replies, on nothing (none), or all zero (zero)',
  'lan-no-pong': 'Does not answer heartbeats',
  'lan-half-open': 'Neither reads nor writes after so many frames, and leaves the connection open',
  'lan-idle': 'Seconds of silence until a client is closed',
  'lan-reboot':
    'Reboots every so many milliseconds; 60000:5000 is away for five seconds, 60000:5000:reset forgets',
  'lan-rotate-key': 'Another local key, as after pairing; at once, or every so many milliseconds',
  'lan-move': 'Another address, as by DHCP; at once, or every so many milliseconds',
  'lan-version':
    'Another version, as by an upgrade, and announced: 3.4, or 3.4:60000 after so many milliseconds',
  'lan-zombie': 'Says no values until somebody asks for a new measurement',
  'lan-fast-sets':
    'Acknowledges and ignores what is set within so many milliseconds of the last; 100 without a number',
  'lan-first-point': 'Applies only the first point of a set',
  'lan-refresh-crash': 'Reboots when asked to measure more points than this; 3 without a number',
  'lan-sleep': 'Is there for so many milliseconds of so many: 3000:60000',
  'lan-child-offline': 'Gateways list all devices behind them as offline',
  'lan-unknown-child': 'Gateways push for a device that nobody knows',
  'lan-cached-values': 'Gateways answer for those behind them with the values of when this began',
  'lan-flood': 'So many pushes a second that say nothing new; 1000 without a number',
  'lan-wedge':
    'Two connections within so many milliseconds: resets all from then on until it is unplugged; 40 without a number',
  'lan-absent': 'Unplugged from the LAN alone: connections die without a word, the cloud goes on',
} as const

/** Faults of what devices announce. */
export const udpFaults = {
  'udp-silent': 'Announces nothing and answers nobody',
  'udp-wrong-ip': 'Announces another address than its own; 192.0.2.1 without one',
  'udp-no-id': 'Announces itself without its id',
  'udp-twice': 'Announces its id from a second address, too',
  'udp-flood': 'So many announcements a second, of ids that do not exist; 1000 without a number',
} as const

/** The values that these faults can have. */
export const faultChoices: Readonly<Record<string, readonly string[]>> = {
  'lan-reset-after': ['start', 'resp', 'finish'],
  'lan-other-version': lanVersions,
  'lan-version': lanVersions,
  'lan-header': ['replies', 'none', 'zero'],
  'lan-bad': Object.keys(damages),
}
