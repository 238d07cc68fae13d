"""tinytuya's Cloud class, unchanged, against a simulated cloud.

The case is given as JSON on the command line; every check is printed as one line of JSON.
"""

import contextlib
import json
import sys
import time

import tinytuya
from checks import check
from tinytuya import scanner

CASE = json.loads(sys.argv[1])
LAMP = "bf3c9a7d41e0b2f6aaw1vn"
PLUG = "bf5b8310dfe2a947c3jy2h"


def cloud(**changes):
    options = {
        "apiRegion": "eu",
        "apiKey": CASE["accessId"],
        "apiSecret": CASE["accessSecret"],
        **changes,
    }
    return tinytuya.Cloud(**options)


def equal(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


def values(rows):
    return {row["code"]: row["value"] for row in rows}


def reads():
    one = cloud()

    @check("it logs in at the vendor's own address")
    def _():
        equal(len(one.token), 32)
        equal(one.error, None)

    @check("getdevices lists all devices, page by page, with keys")
    def _():
        devices = one.getdevices()
        equal(len(devices), CASE["devices"])
        lamp = next(device for device in devices if device["id"] == LAMP)
        equal((lamp["name"], lamp["category"], len(lamp["key"])), ("Desk lamp", "dj", 16))
        child = next(device for device in devices if device["name"] == "Hall motion")
        equal(child["sub"], True)

    @check("its wizard's files are written from them")
    def _():
        devices = one.getdevices(include_map=True)
        with open("devices.json", "w", encoding="utf8") as file:
            json.dump(devices, file)
        with open("tuya-raw.json", "w", encoding="utf8") as file:
            json.dump(one.getdevices_raw, file)
        found = [dict(device, ip=f"192.168.1.{i + 1}", version=3.4) for i, device in enumerate(devices)]
        # It tells people what it does; our lines are for programs.
        with contextlib.redirect_stdout(sys.stderr):
            scanner.save_snapshotfile("snapshot.json", found)

    @check("getdevices by one device's user lists the same")
    def _():
        devices = cloud(apiDeviceID=LAMP).getdevices(verbose=True)
        equal(len(devices["result"]), CASE["devices"])

    @check("getdps tells data points with their ids, types and ranges")
    def _():
        result = one.getdps(LAMP)["result"]
        rows = {row["code"]: row for row in result["status"]}
        equal(rows["bright_value_v2"]["dp_id"], 22)
        equal(json.loads(rows["bright_value_v2"]["values"])["max"], 1000)
        assert "switch_led" in {row["code"] for row in result["functions"]}

    @check("its mapping of data points is made from them")
    def _():
        mapping = one.getmapping("any", PLUG)
        equal(mapping["20"]["code"], "cur_voltage")
        equal(mapping["20"]["values"]["scale"], 1)
        equal(mapping["1"]["type"], "Boolean")

    @check("getconnectstatus tells who is online")
    def _():
        equal(one.getconnectstatus(LAMP), True)
        equal(one.getconnectstatus("bf63d8a9f2c70e41b5ri1x"), False)

    @check("a generic request with a sorted query is signed as we verify it")
    def _():
        answer = one.cloudrequest("/v1.0/devices/status", query={"device_ids": f"{LAMP},{PLUG}"})
        equal([row["id"] for row in answer["result"]], [LAMP, PLUG])

    @check("sendcommand on the standard path, signed with its content type, reaches the device")
    def _():
        commands = {"commands": [{"code": "switch_led", "value": True}, {"code": "bright_value_v2", "value": 321}]}
        equal(one.sendcommand(LAMP, commands, uri="devices/")["result"], True)
        status = values(one.cloudrequest(f"/v1.0/devices/{LAMP}/status")["result"])
        equal((status["switch_led"], status["bright_value_v2"]), (True, 321))

    @check("sendcommand to a device that is offline tells the platform's words")
    def _():
        commands = {"commands": [{"code": "switch_led", "value": True}]}
        answer = one.sendcommand("bf63d8a9f2c70e41b5ri1x", commands, uri="devices/")
        assert "device is offline" in str(answer), answer

    @check("getstatus")
    def _():
        status = values(one.getstatus(LAMP)["result"])
        equal(status["bright_value_v2"], 321)

    @check("getfunctions")
    def _():
        functions = one.getfunctions(LAMP)["result"]["functions"]
        assert "bright_value_v2" in {row["code"] for row in functions}

    @check("getproperties")
    def _():
        assert one.getproperties(LAMP)["result"]["status"]

    @check("sendcommand on its default path")
    def _():
        commands = {"commands": [{"code": "bright_value_v2", "value": 654}]}
        equal(one.sendcommand(LAMP, commands)["result"], True)

    @check("getdevicelog")
    def _():
        equal(one.getdevicelog(LAMP)["success"], True)

    @check("getdevices with hardware addresses")
    def _():
        assert all(device["mac"] for device in one.getdevices() if not device["sub"])


def regions():
    for region in ("cn", "us", "us-e", "eu", "eu-w", "in", "sg"):

        @check(f"it logs in at the data centre of {region}")
        def _():
            equal(len(cloud(apiRegion=region).token), 32)


def renewal():
    one = cloud()
    first = one.token
    time.sleep(CASE["tokenSeconds"] + 0.2)

    @check("an expired token is renewed and the call repeated, unseen by the caller")
    def _():
        answer = one.cloudrequest(f"/v1.0/devices/{LAMP}/status")
        equal(answer["success"], True)
        assert one.token != first, "the token is still the first"

    @check("a token of a former run that nobody knows is renewed too")
    def _():
        other = cloud(initial_token="0" * 32)
        equal(other.getconnectstatus(LAMP), True)


def refusals():
    @check("a wrong secret gets no token and the platform's words")
    def _():
        wrong = cloud(apiSecret="0123456789abcdef0123456789abcdef")
        equal(wrong.token, None)
        assert "sign invalid" in str(wrong.error), wrong.error

    @check("an unknown project gets no token")
    def _():
        wrong = cloud(apiKey="somebodyelse00000000")
        equal(wrong.token, None)
        assert "clientId is invalid" in str(wrong.error), wrong.error

    @check("the signature of projects of before July 2021 is refused")
    def _():
        old = cloud(new_sign_algorithm=False)
        equal(old.token, None)
        assert "sign invalid" in str(old.error), old.error


{"reads": reads, "regions": regions, "renewal": renewal, "refusals": refusals}[CASE["part"]]()
