// Made by `npm run generate` from schemas/config.schema.json.

import type { Secret } from '../util/secret.ts'

/**
 * The configuration of dp2mqtt. Every key may also come from the environment: its path in UPPER_SNAKE behind DP2MQTT_.
 */
export interface Config {
  /**
   * The cloud project of the platform (IoT Core) to which your app account is linked. Left out, the demo runs.
   */
  tuya: {
    /**
     * Data centre of the project: cn China, us Western America, ue Eastern America, eu Central Europe, we Western Europe, in India, sg Singapore.
     */
    region: 'cn' | 'us' | 'ue' | 'eu' | 'we' | 'in' | 'sg'
    /**
     * Base URL instead of the region's. Plain http only on loopback.
     */
    endpoint: string | null
    /**
     * Access ID / Client ID of the project, from its overview page.
     */
    accessId: string
    /**
     * Access Secret / Client Secret of the project.
     */
    accessSecret: Secret | null
    /**
     * Path of a file that holds the access secret; its last line break is ignored. Preferred over writing it here.
     */
    accessSecretFile: string | null
    /**
     * User id of one linked app account; empty = all of them.
     */
    uid: string | null
    /**
     * Ids of the homes to mirror; empty = all.
     */
    homes: string[]
    /**
     * Identifier of the app (tuyaSmart, smartlife or an OEM's), needed by a few operations only.
     */
    schema: string | null
  } | null
  /**
   * The platform's message service, which tells every change as it happens. Needs the service and a rule for it in the platform's console.
   */
  queue: {
    /**
     * pulsar = the message service; openhub = the message service of one user (tuya.uid), which keeps nothing while nobody listens and tells no scenes and external actions; off = state is read from time to time instead.
     */
    channel: 'pulsar' | 'openhub' | 'off'
    /**
     * Base URL of the queue instead of the region's. Plain ws only on loopback. Needed when tuya.endpoint is set by hand.
     */
    url: string | null
    /**
     * event, or event-test for the channel of test devices.
     */
    environment: 'event' | 'event-test'
    /**
     * Name of the subscription; empty = <accessId>-sub. A second reader of the same project needs one of its own.
     */
    subscription: string | null
    /**
     * Refuse messages that are not signed with the access secret. Off, they are counted: nobody outside the platform has checked how it signs.
     */
    requireSign: boolean
    /**
     * The channel openhub.
     */
    openHub: {
      /**
       * How messages are encrypted: 1.0 for projects with linked app accounts, 2.0 for projects with users of their own.
       */
      version: '1.0' | '2.0'
      /**
       * What to do with messages of version 2.0 whose tag fits with nothing that is known: accept or reject. Either way they are counted.
       */
      unverified: 'accept' | 'reject'
    }
    /**
     * Verification of the queue's certificate.
     */
    tls: {
      /**
       * Path of a PEM file with the authority to trust instead of the system's.
       */
      ca: string | null
      /**
       * Accept any certificate. Warned of at each start.
       */
      insecure: boolean
    }
  }
  /**
   * Control over the local network: faster than the cloud, and without the internet.
   */
  lan: {
    /**
     * Use the LAN.
     */
    enabled: boolean
    /**
     * Hear where devices are, on UDP ports 6666, 6667 and 7000, and ask those that keep silent. Without it give each device’s `ip`.
     */
    discovery: boolean
    /**
     * Networks in which discovered devices may be; empty: the private ranges. Loopback only where it is named.
     */
    subnets: string[]
    /**
     * Where devices are heard; the last is where they are asked, and answer. Others than the usual ones are for tests.
     */
    udpPorts: number[]
    /**
     * Files of other programs with ids and keys: `devices.json`, `snapshot.json` and `tuya-raw.json` of tinytuya, the list of tuya-cli’s wizard, or `core.config_entries` of Home Assistant with tuya-local or localtuya. `lan.devices` wins over them.
     */
    deviceFiles: string[]
    /**
     * Devices with what is known of them. With a cloud only what it cannot know or is to be fixed; without one at least id and key. Behind a gateway: `gateway` is its id, and `cid` what it calls the device. `points` gives codes to data points, which are called `dp_<n>` otherwise.
     */
    devices: {
      /**
       * Id of the device, as the app and the cloud call it.
       */
      id: string
      /**
       * Its local key: 16 characters of any kind, best in single quotes. Pairing the device anew changes it.
       */
      localKey?: Secret
      /**
       * A file that holds the key.
       */
      localKeyFile?: string
      /**
       * IPv4 address, where it is not to be discovered.
       */
      ip?: string
      /**
       * TCP port.
       */
      port: number
      /**
       * Version of the protocol, where it is not to be discovered.
       */
      version?: '3.1' | '3.2' | '3.3' | '3.4' | '3.5' | 3.1 | 3.2 | 3.3 | 3.4 | 3.5
      /**
       * What it is called, where no cloud tells.
       */
      name?: string
      /**
       * Its category in words of the platform, such as dj for lamps and kg for switches.
       */
      category?: string
      /**
       * What its gateway calls it (node_id).
       */
      cid?: string
      /**
       * Id of the gateway that it is behind.
       */
      gateway?: string
      /**
       * Codes by number of the data point: {"1": "switch_1"}.
       */
      points?: {
        [k: string]: string
      }
    }[]
    /**
     * Keep the local keys of the account’s devices in `lan-keys.json` of the state directory, readable by the bridge’s user alone: a house without internet keeps its LAN through a restart. false removes the file.
     */
    keepKeys: boolean
  }
  /**
   * Which way a command takes.
   */
  route: {
    /**
     * lan or cloud first.
     */
    prefer: 'lan' | 'cloud'
    /**
     * The same for single devices, by id.
     */
    devices: {
      [k: string]: 'lan' | 'cloud'
    }
  }
  /**
   * The broker on which the homes appear.
   */
  mqtt: {
    /**
     * mqtt, mqtts, ws or wss URL of your broker; empty = the broker inside.
     */
    url: string | null
    /**
     * User at the broker.
     */
    username: string | null
    /**
     * Password at the broker.
     */
    password: Secret | null
    /**
     * Path of a file that holds the password; its last line break is ignored. Preferred over writing it here.
     */
    passwordFile: string | null
    /**
     * Everything lies below it: 1 to 4 levels. One base = one bridge.
     */
    base: string
    /**
     * Name of this bridge; the client id is dp2mqtt-<instance>.
     */
    instance: string
    /**
     * 5 or 4 (3.1.1); empty = 5, and 3.1.1 where the broker refuses.
     */
    protocolVersion: 4 | 5 | null
    /**
     * A base used before: its retained topics are cleared at the start.
     */
    oldBase: string | null
    /**
     * Retained messages a second after a connect; 0 = as fast as the broker takes them.
     */
    republishPerSecond: number
    /**
     * Certificates for mqtts and wss.
     */
    tls: {
      /**
       * Path of a PEM file with the authority to trust instead of the system's.
       */
      ca: string | null
      /**
       * Path of our own certificate, PEM.
       */
      cert: string | null
      /**
       * Path of our own key, PEM.
       */
      key: string | null
      /**
       * Accept any certificate. Warned about at every start and shown in bridge/info.
       */
      insecure: boolean
    }
  }
  /**
   * The embedded broker (MQTT 3.1.1), used when mqtt.url is empty.
   */
  broker: {
    /**
     * Where it listens. Off loopback it needs users, and TLS or allowPlaintext.
     */
    host: string
    /**
     * TCP port; 0 = any free one.
     */
    port: number
    /**
     * Port for MQTT over WebSocket; empty = none.
     */
    webSocketPort: number | null
    /**
     * Listen off loopback without TLS.
     */
    allowPlaintext: boolean
    /**
     * Publishes a second that one client may send before its socket is paused.
     */
    publishesPerClientPerSecond: number
    /**
     * Certificate and key of the broker inside; empty = plain text.
     */
    tls: {
      /**
       * Path of the certificate chain, PEM.
       */
      cert: string
      /**
       * Path of the key, PEM.
       */
      key: string
    } | null
    /**
     * Who may connect. Empty = everyone, which is allowed on loopback alone.
     *
     * @maxItems 256
     */
    users:
      | {
          /**
           * User name.
           */
          name: string
          /**
           * administrator, controller (reads and commands devices) or dashboard (reads).
           */
          role: 'administrator' | 'controller' | 'dashboard'
          /**
           * Password; kept as a hash only.
           */
          password: Secret | null
          /**
           * Path of a file that holds the password; its last line break is ignored. Preferred over writing it here.
           */
          passwordFile: string | null
          /**
           * What `dp2mqtt hash` printed, instead of a password.
           */
          passwordHash: string | null
          /**
           * Further topic filters that this user may read.
           */
          read: string[]
          /**
           * Further topic filters that this user may publish to.
           */
          write: string[]
        }[]
      | null
  }
  /**
   * A second tree with the topics of the bridge tuya-mqtt, for those who move from there step by step (docs/migrating.md).
   */
  tuyaMqtt: {
    /**
     * Publish and obey these topics besides our own.
     */
    enabled: boolean
    /**
     * The tree lies below it. Not within `mqtt.base`, nor around it: who keeps `tuya` here gives `mqtt.base` another name.
     */
    base: string
    /**
     * By id, or by name as that bridge writes it: kitchen_table. Commands are taken by both.
     */
    devices: 'id' | 'name'
  }
  /**
   * /livez, /readyz, /metrics, and the page that shows what the bridge sees.
   */
  http: {
    /**
     * Where it listens.
     */
    host: string
    /**
     * TCP port; 0 = any free one.
     */
    port: number
    /**
     * Further names by which the HTTP port may be called, such as the container's; addresses and localhost always may.
     */
    allowedHosts: string[]
    /**
     * Serve the page at /. Off loopback it needs a password; without one it says so and shows nothing.
     */
    page: boolean
    /**
     * Password of the page; kept as a hash only. Empty = anyone on this machine may look and command, and nobody else.
     */
    password: Secret | null
    /**
     * Path of a file that holds the password; its last line break is ignored. Preferred over writing it here.
     */
    passwordFile: string | null
    /**
     * What `dp2mqtt hash` printed, instead of a password.
     */
    passwordHash: string | null
  }
  /**
   * What outlives a restart.
   */
  state: {
    /**
     * Folder of the snapshot; the only place that is written to.
     */
    directory: string
  }
  /**
   * Log lines on standard error.
   */
  log: {
    /**
     * trace, debug, info, warn, error, fatal or silent.
     */
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
    /**
     * json, pretty, or auto (pretty on a terminal).
     */
    format: 'json' | 'pretty' | 'auto'
    /**
     * Lines of this level and above also on bridge/log/<level>; empty = none.
     */
    mqttLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal' | null
  }
  /**
   * What the cloud may cost.
   */
  budget: {
    /**
     * Never exceeded; a fifth is kept for commands and tokens. The trial plan allows some 26,000 a month.
     */
    cloudCallsPerDay: number
  }
  /**
   * How state is kept fresh by reading, spread over the day's budget.
   */
  poll: {
    /**
     * Seconds between two rounds at least.
     */
    minSeconds: number
  }
  /**
   * Which topics are published besides the documents.
   */
  publish: {
    /**
     * One topic per data point.
     */
    scalars: boolean
    /**
     * Derived values such as hsv, rgb, mask.
     */
    views: boolean
    /**
     * Every report of a device as an event, equal values too (event/device/<id>/report).
     */
    reports: boolean
    /**
     * A retained copy of each last event, below last/.
     */
    last: boolean
    /**
     * What several data points say together, as one topic in Home Assistant's words: light, cover, climate and the like. null = where Home Assistant finds the devices.
     */
    entities: boolean | null
    /**
     * Discovery documents, so that Home Assistant (and openHAB's add-on for it) finds homes, devices and scenes by itself. Needs publish.scalars and publish.views.
     */
    homeassistant: boolean
    /**
     * The discovery prefix that is set in Home Assistant's MQTT integration.
     */
    homeassistantPrefix: string
    /**
     * The devices once more as devices of Homie 4, which openHAB finds by itself.
     */
    homie4: boolean
    /**
     * So many devices of Homie 4 have a connection to the broker of their own, whose Will says that they are lost; the rest has none. A broker that admits few clients wants fewer.
     */
    homie4Connections: number
    /**
     * The devices once more as a Homie 5 tree.
     */
    homie5: boolean
    /**
     * The first level of the Homie topics.
     */
    homieDomain: string
  }
  /**
   * commands: devices can be commanded by name; mirror: their state is also copied under their name; off: neither.
   */
  names: 'commands' | 'mirror' | 'off'
  /**
   * Cloud operations over MQTT (cmd/op/…).
   */
  operations: {
    /**
     * Classes (config, firmware, personal, lock, destructive) or single operations that are allowed besides read and control.
     */
    allow: string[]
    /**
     * Path prefixes of whole levels that cmd/op/cloud-request may ask; false = the operation is off. Whoever may publish there may do what these paths can.
     */
    raw: boolean | string[]
  }
  /**
   * Event messages.
   */
  events: {
    /**
     * How long after it happened the retained copy of an event stays, in milliseconds; 0 = for ever.
     */
    lastTtlMs: number
    /**
     * Events that are older than this when they arrive count as stale, in milliseconds.
     */
    maxEventAgeMs: number
    /**
     * Where stale events are told: last = as the retained copy alone; both = also as an event, marked stale; drop = nowhere.
     */
    stale: 'last' | 'both' | 'drop'
    /**
     * Members of an external action that name it.
     */
    actionKeys: string[]
  }
  /**
   * What is obeyed.
   */
  commands: {
    /**
     * Filters of Response Topics that we may answer to; empty = <base>/reply/#.
     */
    replyTopics: string[] | null
    /**
     * Refuse commands without ts.
     */
    requireTs: boolean
    /**
     * Remove retained commands from the broker.
     */
    clearRetained: boolean
  }
  /**
   * Per product id and data-point code: scale, unit, name, access, labels, momentary; invert (true is false, 0 % is 100 %); hide (Home Assistant, Homie, openHAB and the page are not told of it); ability (what it is for them: switch, valve, number, select, text, button, sensor or binary).
   */
  overrides: {
    [k: string]: {
      [k: string]: {
        scale?: number
        unit?: string
        name?: string
        access?: 'ro' | 'rw' | 'wo'
        labels?: string[]
        momentary?: boolean
        invert?: boolean
        hide?: boolean
        ability?: 'switch' | 'valve' | 'number' | 'select' | 'text' | 'button' | 'sensor' | 'binary'
      }
    }
  }
  /**
   * Personal facts that are hidden unless asked for.
   */
  expose: {
    /**
     * Place and coordinates of homes.
     */
    location: boolean
  }
  /**
   * off, roles or full: members of a home as a topic, with or without their names.
   */
  members: 'off' | 'roles' | 'full'
  /**
   * Firmware of devices.
   */
  ota: {
    /**
     * Ask for the firmware of every device once a day: one call of the daily budget each. Without it, firmware is read when `cmd/device/<id>/ota` asks.
     */
    check: boolean
  }
  /**
   * The bridge's own commands.
   */
  bridge: {
    /**
     * Allow reload, restart and clear_retained over MQTT.
     */
    remoteAdmin: boolean
  }
}
