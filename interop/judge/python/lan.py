"""tinytuya, unchanged, controls simulated devices on the LAN and finds them.

The case is given as JSON on the command line; every check is printed as one line of JSON.
"""

import json
import sys

import tinytuya
from checks import check, until

CASE = json.loads(sys.argv[1])
DEVICES = {device["id"]: device for device in CASE["lan"]}
LAMP = {"20", "21", "22", "23", "24", "25", "26", "34"}


def open_device(name, key=None, version=None):
    """A client that keeps its connection, as homes do."""
    device = DEVICES[name]
    made = tinytuya.Device(
        name,
        device["ip"],
        key or device["localKey"],
        # It finds out for itself, but then asks for point 1 alone, which these do not have.
        "device22" if name.startswith("null-3") else "default",
        version=float(version or device["version"]),
        persist=True,
        port=device["port"],
        connection_timeout=1,
        connection_retry_limit=2,
        connection_retry_delay=1,
    )
    if name.startswith("null-3") or device["version"] == "3.2":
        made.set_dpsUsed({"20": None, "22": None})
    if name.startswith("strict"):
        begin(made)
    return made


def begin(device):
    """Connects, with a session that the device goes on with.

    One session in 256 has a key that begins with zero, which the vendor's own firmware takes for none: it closes at the
    first question. Whoever notices begins another session, as we do; tinytuya does not.
    """
    device._get_socket(True)
    while device.local_key[:1] == b"\0":
        device._get_socket(True)


def dps(answer):
    assert answer and "Err" not in answer, answer
    return answer.get("dps") or answer["data"]["dps"]


def value_of(device, point):
    return until(lambda: (device.status() or {}).get("dps", {}).get(point) is not None and device.status())["dps"][point]


def controls(name):
    is_null = name.startswith("null") or DEVICES[name]["version"] == "3.2"

    @check(f"{name}: reads, sets one and several, and hears what another client sets")
    def _():
        device = open_device(name)
        status = dps(device.status())
        if is_null:
            assert {"20", "22"} <= set(status), status
        else:
            assert set(status) == LAMP, status
        for brightness in (100, 321):
            answer = device.set_value(22, brightness)
            assert answer is None or "Err" not in answer, answer
            assert value_of(device, "22") == brightness
        answer = device.set_multiple_values({"20": False, "22": 400})
        assert answer is None or "Err" not in answer, answer
        assert (value_of(device, "20"), value_of(device, "22")) == (False, 400)
        other = open_device(name)
        other.set_value(22, 777)
        heard = until(lambda: [one for one in [device.receive()] if one and "dps" in one], what="a push")
        assert heard[0]["dps"] == {"22": 777}, heard
        other.close()
        device.close()

    @check(f"{name}: a text with blanks and a colour arrive as they were")
    def _():
        device = open_device(name)
        if is_null:
            device.set_dpsUsed({"20": None, "24": None})
        device.set_value(24, "00c801ff0383")
        assert value_of(device, "24") == "00c801ff0383"
        device.close()

    @check(f"{name}: heartbeats keep it")
    def _():
        device = open_device(name)
        device.status()
        for _ in range(2):
            device.heartbeat()
            # It reads pongs as answers to whatever it asks next.
            device.receive()
        dps(device.status())
        device.close()


def found_out():
    @check("null-switch: tinytuya finds out that it must name the points")
    def _():
        device = open_device("null-switch")
        assert dps(device.status()) == {"1": False}
        assert device.dev_type == "device22", device.dev_type
        device.close()


def wrong_keys(name):
    @check(f"{name}: a wrong key and a wrong version are noticed")
    def _():
        for arguments in ({"key": "0123456789abcdef"}, {"version": "3.4" if name != "lamp-34" else "3.5"}):
            stranger = open_device(name, **arguments)
            answer = stranger.status()
            assert answer is None or "Err" in answer, answer
            stranger.close()
        device = open_device(name)
        assert device.status()["dps"]
        device.close()


def gateways(name):
    @check(f"{name}: reads and sets the one behind it, hears it, and lists who is there")
    def _():
        gateway = open_device(name)
        cid = f"{name}cid0000a"
        child = tinytuya.Device(f"{name}-a", cid=cid, parent=gateway)
        assert set(dps(child.status())) == {"1", "2", "3", "4", "6"}, child.status()
        answer = child.set_value(2, 333)
        assert answer is None or "Err" not in answer, answer
        assert dps(child.status())["2"] == 333
        answer = gateway.subdev_query()
        found = until(lambda: answer if answer and "data" in answer else gateway.receive(), what="a list")
        assert found["data"]["online"] == [cid], found
        assert found["data"]["offline"] == [f"{name}cid0000b"], found
        assert "32" in dps(gateway.status())
        gateway.close()


def metering():
    @check("meter-34: measures again when asked to")
    def _():
        device = open_device("meter-34")
        before = dps(device.status())
        device.updatedps([18, 19, 20])
        assert set(dps(device.status())) == set(before)
        device.close()


def scan():
    from tinytuya import scanner

    # Its ports are fixed; here they are others, and the network is loopback's. The rest is as published.
    scanner.UDPPORT, scanner.UDPPORTS, probe, scanner.UDPPORTAPP = CASE["udp"]
    scanner.get_ip_to_broadcast = lambda: {"127.255.255.255": "127.0.0.1"}
    ask = scanner.send_discovery_request

    def ask_there(interfaces=None):
        for interface in (interfaces or {}).values():
            interface["port"] = probe
        return ask(interfaces)

    scanner.send_discovery_request = ask_there
    found = scanner.devices(verbose=False, poll=False, scantime=9, byID=True, tuyadevices=[])

    for name, device in sorted(DEVICES.items()):

        @check(f"the scan finds {name}")
        def _():
            assert name in found, sorted(found)
            assert found[name]["ip"] == device["ip"], found[name]
            assert found[name]["version"] == device["version"], found[name]


def main():
    for name in DEVICES:
        if DEVICES[name]["version"] and not name.startswith(("gw", "meter", "null-switch")):
            controls(name)
    for version in ("33", "34", "35"):
        wrong_keys(f"lamp-{version}")
    for name in ("gw34", "gw35"):
        gateways(name)
    found_out()
    metering()
    scan()


main()
