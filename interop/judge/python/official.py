"""The platform's own tuya-connector-python, unchanged, against a simulated cloud.

The case is given as JSON on the command line; every check is printed as one line of JSON.
"""

import json
import sys

from checks import check
from tuya_connector import TuyaOpenAPI

CASE = json.loads(sys.argv[1])
HOME = 3182004
LAMP = "bf3c9a7d41e0b2f6aaw1vn"
PLUG = "bf5b8310dfe2a947c3jy2h"
LOCK = "bf8ad03e75c92f1b46ay6k"
GATEWAY = "bf4e9d7a01b3c6f825zs8j"
SCENE = "53IYSXI3gEn2w3Oc"
AUTOMATION = "p2aWOkEOe2RzATHL"
PICTURE = "https://images.tuyaeu.com/smart/rule/cover/starry.png"


def result(answer):
    assert answer["success"], answer
    return answer["result"]


def operations(api):
    """One line of what it does, and the call, by group."""
    switch = {"commands": [{"code": "switch_led", "value": True}]}
    wait = [{"action_executor": "delay", "executor_property": {"hours": "0", "minutes": "0", "seconds": "5"}}]
    made = {"name": "Reading", "background": PICTURE, "actions": wait}
    device, home = f"/v1.0/devices/{LAMP}", f"/v1.0/homes/{HOME}"
    now = CASE["now"]
    logs = {"type": "7", "start_time": now - 86_400_000, "end_time": now + 86_400_000}
    locks = {"page_no": 1, "page_size": 10}
    lock_times = {**locks, "start_time": 0, "end_time": now}
    return {
        "user": [api.get, f"/v1.0/users/{CASE['uid']}/infos"],
        "user's homes": [api.get, f"/v1.0/users/{CASE['uid']}/homes"],
        "user's devices": [api.get, f"/v1.0/users/{CASE['uid']}/devices"],
        "home": [api.get, home],
        "home, another name": [api.put, home, {"name": "House"}],
        "devices of a home": [api.get, f"{home}/devices"],
        "rooms": [api.get, f"{home}/rooms"],
        "a new room": [api.post, f"{home}/room", {"name": "Attic"}],
        "devices of a room": [api.get, f"{home}/rooms/1408001/devices"],
        "devices into a room": [api.post, f"{home}/rooms/1408002/devices", {"device_ids": [LAMP]}],
        "members": [api.get, f"{home}/members"],
        "a member's rights": [api.put, f"{home}/members/eu1601122334455kTrZa", {"admin": True}],
        "device": [api.get, device],
        "device, another name": [api.put, device, {"name": "Lamp"}],
        "several devices": [api.get, "/v1.0/devices", {"device_ids": f"{LAMP},{PLUG}"}],
        "status": [api.get, f"{device}/status"],
        "status of several": [api.get, "/v1.0/devices/status", {"device_ids": f"{LAMP},{PLUG}"}],
        "functions": [api.get, f"{device}/functions"],
        "specification": [api.get, f"{device}/specifications"],
        "command": [api.post, f"{device}/commands", switch],
        "status in the industry family": [api.get, f"/v1.0/iot-03/devices/{LAMP}/status"],
        "command in the industry family": [api.post, f"/v1.0/iot-03/devices/{LAMP}/commands", switch],
        "properties": [api.get, f"/v2.0/cloud/thing/{LAMP}/shadow/properties"],
        "model": [api.get, f"/v2.0/cloud/thing/{LAMP}/model"],
        "logs": [api.get, f"{device}/logs", logs],
        "sub-devices": [api.get, f"/v1.0/devices/{GATEWAY}/sub-devices"],
        "firmware": [api.get, f"{device}/upgrade-infos"],
        "openings of a lock": [api.get, f"/v1.0/devices/{LOCK}/door-lock/open-logs", lock_times],
        "alarms of a lock": [api.get, f"/v1.0/devices/{LOCK}/door-lock/alarm-logs", locks],
        "scenes": [api.get, f"/v1.1/homes/{HOME}/scenes"],
        "a new scene": [api.post, f"{home}/scenes", made],
        "a scene runs": [api.post, f"{home}/scenes/{SCENE}/trigger"],
        "a scene off": [api.put, f"{home}/scenes/{SCENE}/actions/disable"],
        "automations": [api.get, f"/v1.1/homes/{HOME}/automations"],
        "automation": [api.get, f"{home}/automations/{AUTOMATION}"],
        "an automation off": [api.put, f"{home}/automations/{AUTOMATION}/actions/disable"],
        "weather that can be waited for": [api.get, "/v1.0/homes/automation/weather/conditions"],
        "an automation is deleted": [api.delete, f"{home}/automations/{AUTOMATION}"],
        "a room is deleted": [api.delete, f"{home}/rooms/1408004"],
    }


def main():
    api = TuyaOpenAPI(CASE["endpoint"], CASE["accessId"], CASE["accessSecret"])

    @check("it logs in")
    def _():
        assert len(result(api.connect())["access_token"]) == 32

    for name, (method, path, *more) in operations(api).items():

        @check(f"{method.__name__} {name}")
        def _():
            assert result(method(path, *more)) is not None

    @check("what it did is so")
    def _():
        status = {row["code"]: row["value"] for row in result(api.get(f"/v1.0/devices/{LAMP}/status"))}
        # Switched on by its commands, off by the scene that it ran after them.
        assert status["switch_led"] is False, status
        assert result(api.get(f"/v1.0/devices/{LAMP}"))["name"] == "Lamp"
        assert result(api.get(f"/v1.0/homes/{HOME}"))["name"] == "House"
        scenes = {row["name"]: row["enabled"] for row in result(api.get(f"/v1.1/homes/{HOME}/scenes"))}
        assert "Reading" in scenes and scenes["Good night"] is False, scenes

    @check("a wrong secret is refused with 1004")
    def _():
        wrong = TuyaOpenAPI(CASE["endpoint"], CASE["accessId"], "0" * 32)
        assert wrong.connect()["code"] == 1004


main()
