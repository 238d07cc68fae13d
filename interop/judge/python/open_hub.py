"""The Open Hub client of the platform's own tuya-iot-py-sdk, unchanged, against a simulated cloud.

The case is given as JSON on the command line; every check is printed as one line of JSON.
"""

import functools
import json
import os
import sys
import time

from checks import check, until
from paho.mqtt import client as paho

# The SDK was written for paho 1, which is not published as a wheel; paho 2 is the same but for this first argument.
paho.Client = functools.partial(paho.Client, paho.CallbackAPIVersion.VERSION1)

from tuya_iot import AuthType, TuyaOpenAPI, TuyaOpenMQ  # noqa: E402

CASE = json.loads(sys.argv[1])
LAMP = "bf3c9a7d41e0b2f6aaw1vn"


class Listener:
    """The SDK's client, logged in, and what it was told."""

    def __init__(self, auth_type):
        self.api = TuyaOpenAPI(CASE["endpoint"], CASE["accessId"], CASE["accessSecret"], auth_type)
        answer = self.api.connect("demo@example.org", "demo-password", "49", "smartlife")
        assert answer["success"], answer
        self.messages = []
        self.hub = TuyaOpenMQ(self.api)
        self.hub.daemon = True
        self.hub.add_message_listener(self.messages.append)
        self.hub.start()
        until(lambda: self.hub.client and self.hub.client.is_connected(), what="a connection")
        # It does not say when its subscription stands.
        time.sleep(1)

    def command(self, value):
        commands = {"commands": [{"code": "bright_value_v2", "value": value}]}
        answer = self.api.post(f"/v1.0/devices/{LAMP}/commands", commands)
        assert answer["success"], answer

    @property
    def brightness(self):
        points = [point for message in self.messages for point in message["data"].get("status", [])]
        return [point["value"] for point in points if point["code"] == "bright_value_v2"]


def reads(auth_type, version):
    listener = Listener(auth_type)

    @check(f"the SDK connects and decodes reports of version {version}, in order")
    def _():
        for brightness in range(100, 110):
            listener.command(brightness)
        until(lambda: len(listener.brightness) >= 10, what="ten reports")
        assert listener.brightness == list(range(100, 110)), listener.messages
        assert {message["protocol"] for message in listener.messages} == {4}
        assert {message["data"]["devId"] for message in listener.messages} == {LAMP}

    @check(f"the SDK decodes names of version {version}")
    def _():
        answer = listener.api.put(f"/v1.0/devices/{LAMP}", {"name": "Küche ☕"})
        assert answer["success"], answer
        message = until(lambda: next((one for one in listener.messages if one["protocol"] == 20), None))
        assert message["data"]["bizCode"] == "nameUpdate"
        assert message["data"]["bizData"]["name"] == "Küche ☕"

    listener.hub.stop()


def renewal():
    listener = Listener(AuthType.CUSTOM)

    @check("the SDK renews its configuration, and the new client takes the place of the old one")
    def _():
        first = listener.hub.mq_config
        until(lambda: listener.hub.mq_config is not first, what="another configuration")
        assert listener.hub.mq_config.client_id == first.client_id
        assert listener.hub.mq_config.password != first.password
        until(lambda: listener.hub.client.is_connected(), what="a connection")
        time.sleep(1)
        listener.command(700)
        until(lambda: listener.brightness, what="a report")
        assert listener.brightness == [700], listener.messages


def tag():
    listener = Listener(AuthType.CUSTOM)

    @check("the SDK, which verifies, takes nothing whose tag does not fit")
    def _():
        listener.command(800)
        time.sleep(2)
        assert listener.messages == []


cases = {
    "custom": lambda: reads(AuthType.CUSTOM, "2.0"),
    "app": lambda: reads(AuthType.SMART_HOME, "1.0"),
    "renewal": renewal,
    "tag": tag,
}
cases[CASE["case"]]()
sys.stdout.flush()
# The SDK's threads sleep for hours.
os._exit(0)
