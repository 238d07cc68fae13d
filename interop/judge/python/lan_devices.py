"""Devices that are not ours, for a bridge to find and control: those of tuyamock, or plain ones on tinytuya's codec.

Given as JSON: {"kind": "tuyamock" | "codec", "udp": [clear, sealed, questions]}. The first line that is printed lists
the devices; then each line on standard input asks one thing, and one line answers it.
"""

import json
import sys

DPS = {"1": True, "2": 50, "3": "white"}


def mocks(udp):
    """One device of tuyamock in each version; those of 3.2 to 3.4 that only answer for named points as well."""
    import tuyamock
    from tuyamock import server

    server.DISCOVERY_BEACON_PORT, server.DISCOVERY_PROBE_PORT = udp[1], udp[2]
    kinds = [(version, False) for version in ("3.1", "3.2", "3.3", "3.4", "3.5")]
    kinds += [("3.3", True), ("3.4", True)]
    for i, (version, dev22) in enumerate(kinds):
        device = tuyamock.MockDevice(
            local_key=f"mock<'\"&$\\key{i:03}",
            version=version,
            dps=dict(DPS),
            dev22=dev22,
            host=f"127.83.0.{i + 1}",
            gw_id=f"mock0000000000000000{i:02}",
            discovery=True,
        )
        device.start()
        name = f"{version}{' by ids' if dev22 else ''}"
        yield Mock(device, name, device.config.gw_id, device.config.real_key.decode("latin1"), device.server.host)


class Mock:
    def __init__(self, device, name, device_id, key, host):
        self.device, self.id = device, device_id
        self.told = {"id": device_id, "name": name, "key": key, "ip": host, "port": device.port}

    def dps(self):
        return self.device.dps

    def connections(self):
        return self.device.server.connections

    def press(self, dps):
        self.device.dps.update(dps)
        return self.device.push(dps)


def main():
    given = json.loads(sys.argv[1])
    if given["kind"] == "tuyamock":
        devices = list(mocks(given["udp"]))
    else:
        from lan_codec import codec_devices

        devices = list(codec_devices(given["udp"], DPS))
    print(json.dumps([device.told for device in devices]), flush=True)
    by_id = {device.id: device for device in devices}
    for line in sys.stdin:
        asked = json.loads(line)
        device = by_id[asked["id"]]
        if "press" in asked:
            device.press(asked["press"])
        print(json.dumps({"dps": device.dps(), "connections": device.connections()}), flush=True)


main()
