"""The controller of ebus-sdk, written by others for Homie 5, meets the demo's tree."""

import json
import logging
import sys

import paho.mqtt.client as paho
from checks import check, until
from ebus_sdk.homie import Controller, _parse_set_payload

given = json.loads(sys.argv[1])
complaints = []


class Complaints(logging.Handler):
    def emit(self, record):
        complaints.append(record.getMessage())


logging.getLogger().addHandler(Complaints(logging.WARNING))

root = "tuya-main"
lamp = "tuya-main--bf3c9a7d41e0b2f6aaw1vn"
plug = "tuya-main--bf70e6b1a9d4c2f853vf9y"
controller = Controller(
    mqtt_cfg={"host": "127.0.0.1", "port": given["port"]},
    homie_domain="homie",
    root_device_id=root,
    auto_start=True,
)
hand = paho.Client(paho.CallbackAPIVersion.VERSION2)
hand.connect("127.0.0.1", given["port"])
hand.loop_start()


def described(device):
    """Node, property, and what is described of it."""
    for node in device.get_nodes():
        for name, description in device.get_node_properties(node).items():
            yield node, name, description


def value(device, path):
    node, name = path.split("/")
    return controller.get_device(device).get_property(node, name)


@check("the whole tree is found below its root")
def _():
    until(lambda: controller.get_device(root) and len(controller.get_device(root).children_ids) == 22, 30)
    until(lambda: controller.is_tree_complete(root), 30, "the tree")
    until(lambda: len(controller.get_descendants(root)) == 22)


@check("every device is in a state of the convention, and lost where it cannot be reached")
def _():
    states = {device.device_id: controller.get_effective_state(device.device_id) for device in controller.get_descendants(root)}
    assert states[lamp] == "ready", states
    assert set(states.values()) == {"ready", "lost"}, states


def known():
    return sum(
        device.get_property(node, name) is not None
        for device in controller.get_descendants(root)
        for node, name, _ in described(device)
    )


@check("every value is one that its datatype and format allow")
def _():
    seen = 0
    until(lambda: known() > 80, 30, "the values")
    for device in controller.get_descendants(root):
        for node, name, description in described(device):
            told = device.get_property(node, name)
            if told is None:
                continue
            seen += 1
            result = _parse_set_payload(told, description["datatype"], description.get("format"), None)
            fault = result[1] if isinstance(result, tuple) else None
            assert not fault, (device.device_id, node, name, told, description, fault)
    assert seen > 80, seen


def empty():
    """Retained properties of devices that can be reached, but for what a lamp has in stock and nobody ever set."""
    return [
        (device.device_id, node, name)
        for device in controller.get_descendants(root)
        if controller.get_effective_state(device.device_id) == "ready"
        for node, name, description in described(device)
        if description.get("retained", True) and device.get_property(node, name) is None and "scene" not in name
    ]


@check("every retained property has a value")
def _():
    try:
        until(lambda: not empty(), 30)
    except AssertionError:
        assert not empty(), empty()


@check("a light is switched and coloured, and its target stands there first")
def _():
    assert controller.set_property(lamp, "light", "switch-led", "false")
    until(lambda: value(lamp, "light/switch-led") == "false")
    until(lambda: controller.get_device(lamp).get_property_target("light", "switch-led") == "false")
    assert controller.set_property(lamp, "light", "colour-data-v2", "hsv,300,50,80")
    until(lambda: value(lamp, "light/colour-data-v2") == "hsv,300,50,80")


def named(device, node, wanted):
    """The property that people know by this name."""
    return next(name for at, name, said in described(device) if at == node and said["name"] == wanted)


@check("a home runs its scenes, and says of its automations whether they are on")
def _():
    home = next(device for device in controller.get_descendants(root) if device.device_id.endswith("--home-3182004"))
    assert controller.set_property(lamp, "light", "switch-led", "true")
    until(lambda: value(lamp, "light/switch-led") == "true")
    assert controller.set_property(home.device_id, "scenes", named(home, "scenes", "Good night"), "run")
    until(lambda: value(lamp, "light/switch-led") == "false")
    bedtime = named(home, "automations", "Bedtime")
    assert value(home.device_id, f"automations/{bedtime}") == "true"
    assert controller.set_property(home.device_id, "automations", bedtime, "false")
    until(lambda: value(home.device_id, f"automations/{bedtime}") == "false")


@check("what a property does not take changes nothing and is told")
def _():
    troubles = []
    hand.on_message = lambda _client, _data, message: troubles.append(json.loads(message.payload))
    hand.subscribe("tuya/bridge/error")
    hand.publish(f"homie/5/{lamp}/light/switch-led/set", "maybe", 1).wait_for_publish(5)
    until(lambda: any("switch-led" in trouble.get("topic", "") for trouble in troubles))
    assert value(lamp, "light/switch-led") == "false"
    hand.publish(f"homie/5/{lamp}/light/bright-value-v2/set", "5", 1).wait_for_publish(5)
    until(lambda: any(trouble["reason"] == "command/out-of-range" for trouble in troubles))


@check("a device that was deleted leaves the tree")
def _():
    gone = json.dumps({"params": {"device_id": plug.split("--")[1]}})
    hand.publish("tuya/cmd/op/device-delete", gone, 1).wait_for_publish(5)
    until(lambda: plug not in controller.get_device(root).children_ids)
    left = {}
    hand.on_message = lambda _client, _data, message: left.__setitem__(message.topic, message.payload)
    hand.subscribe(f"homie/5/{plug}/#")
    until(lambda: controller.get_device(plug) is None or controller.get_device(plug).get_property("switch-1", "switch-1") is None, 15)
    assert not any(left.values()), left


@check("the controller had no word of warning")
def _():
    # What is taken back after its device has left the list is nobody's any more.
    left = [complaint for complaint in complaints if "onMessageNoMatchingSubscription" not in complaint]
    assert not left, left


controller.stop()
hand.loop_stop()
