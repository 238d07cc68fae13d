"""The platform's own message queue client, unchanged, and a strict reader, against a simulated queue.

The case is given as JSON on the command line; every check is printed as one line of JSON. Nothing here knows the
program that serves the queue.
"""

import base64
import hashlib
import json
import os
import sys
import time

import websocket
from checks import check, until
from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad
from tuya_connector import TuyaCloudPulsarTopic, TuyaOpenAPI, TuyaOpenPulsar

CASE = json.loads(sys.argv[1])
ACCESS_ID, SECRET, QUEUE = CASE["accessId"], CASE["accessSecret"], CASE["queue"]
HOME = 3182004
LAMP = "bf3c9a7d41e0b2f6aaw1vn"
SCENE = "53IYSXI3gEn2w3Oc"
SAID = " ".join(CASE["with"]) or "as it is"


def api():
    opened = TuyaOpenAPI(CASE["endpoint"], ACCESS_ID, SECRET)
    assert opened.connect()["success"]
    return opened


def command(cloud, code, value):
    answer = cloud.post(f"/v1.0/devices/{LAMP}/commands", {"commands": [{"code": code, "value": value}]})
    assert answer["success"], answer


def values(bodies, code):
    """The values of a data point in the order of their coming, in either wording."""
    points = []
    for body in bodies:
        points += body.get("status", []) + body.get("bizData", {}).get("properties", [])
    return [point["value"] for point in points if point["code"] == code]


def biz_codes(bodies):
    return [body.get("bizCode") for body in bodies]


class Listener:
    """The connector's client and what it was told."""

    def __init__(self):
        self.bodies = []
        self.client = TuyaOpenPulsar(ACCESS_ID, SECRET, QUEUE, TuyaCloudPulsarTopic.PROD)
        self.client.daemon = True
        self.client.add_message_listener(lambda text: self.bodies.append(json.loads(text)))
        self.client.start()
        until(lambda: self.client.ws_app.sock and self.client.ws_app.sock.connected, what="a connection")


def connector():
    cloud = api()
    listener = Listener()

    @check(f"the connector reads reports of a device, in order ({SAID})")
    def _():
        for brightness in range(100, 110):
            command(cloud, "bright_value_v2", brightness)
        until(lambda: len(values(listener.bodies, "bright_value_v2")) >= 10, what="ten reports")
        assert values(listener.bodies, "bright_value_v2") == list(range(100, 110)), listener.bodies
        assert {body["devId"] for body in listener.bodies} == {LAMP}

    @check("the connector reads names, homes, rooms and scenes")
    def _():
        assert cloud.put(f"/v1.0/devices/{LAMP}", {"name": "Lamp"})["success"]
        assert cloud.put(f"/v1.0/homes/{HOME}", {"name": "House"})["success"]
        assert cloud.post(f"/v1.0/homes/{HOME}/room", {"name": "Attic"})["success"]
        assert cloud.post(f"/v1.0/homes/{HOME}/scenes/{SCENE}/trigger")["success"]
        wanted = {"nameUpdate", "homeUpdate", "roomCreate", "sceneExecute"}
        until(lambda: wanted <= set(biz_codes(listener.bodies)), what=f"all of {wanted}")

    @check("what it acknowledged does not come again, neither to it nor after it has come again")
    def _():
        count = len(listener.bodies)
        # Beyond its ack timeout of three seconds.
        time.sleep(4.5)
        assert len(listener.bodies) == count, listener.bodies[count:]
        listener.client.stop()
        again = Listener()
        time.sleep(2.5)
        assert again.bodies == [], again.bodies
        command(cloud, "bright_value_v2", 200)
        until(lambda: again.bodies, what="a report")
        assert values(again.bodies, "bright_value_v2") == [200]
        again.client.stop()


def password(secret):
    digest = hashlib.md5((ACCESS_ID + hashlib.md5(secret.encode()).hexdigest()).encode()).hexdigest()
    return digest[8:24]


def open_socket(query="subscriptionType=Failover", secret=SECRET, name="sub", environment="event"):
    path = f"ws/v2/consumer/persistent/{ACCESS_ID}/out/{environment}/{ACCESS_ID}-{name}?{query}"
    header = {"username": ACCESS_ID, "password": password(secret)}
    return websocket.create_connection(QUEUE + path, header=header, timeout=5)


def strictly_read(frame):
    """The body of a frame; whatever is not as the platform writes it is an error."""
    assert set(frame) <= {"messageId", "payload", "properties", "publishTime", "redeliveryCount", "key"}, frame
    assert frame["redeliveryCount"] == 0
    envelope = json.loads(base64.b64decode(frame["payload"], validate=True))
    assert set(envelope) == {"data", "protocol", "pv", "sign", "t"}, envelope
    signed = "".join(f"{name}={envelope[name]}||" for name in sorted(envelope) if name != "sign") + SECRET
    assert envelope["sign"] == hashlib.md5(signed.encode()).hexdigest(), "the signature does not fit"
    data = base64.b64decode(envelope["data"], validate=True)
    key = SECRET[8:24].encode()
    em = frame["properties"].get("em", "")
    if em == "aes_gcm":
        plain = AES.new(key, AES.MODE_GCM, nonce=data[:12]).decrypt_and_verify(data[12:-16], data[-16:])
    else:
        assert em in ("", "aes_ecb"), em
        plain = unpad(AES.new(key, AES.MODE_ECB).decrypt(data), 16)
    return json.loads(plain), em


def strict():
    cloud = api()
    reader = open_socket()
    bodies, ciphers, ids = [], set(), []

    def receive(count):
        while len(bodies) < count:
            frame = json.loads(reader.recv())
            body, em = strictly_read(frame)
            bodies.append(body)
            ciphers.add(em)
            ids.append(frame["messageId"])
            reader.send(json.dumps({"messageId": frame["messageId"]}))

    families = max(1, CASE["with"].count("--queue-family"))

    @check(f"every frame is as the platform writes it ({SAID})")
    def _():
        for brightness in range(300, 330):
            command(cloud, "bright_value_v2", brightness)
        receive(30 * families)
        told = values(bodies, "bright_value_v2")
        assert told == [value for value in range(300, 330) for _ in range(families)], told
        assert len(set(ids)) == len(ids)

    @check(f"the ciphers are those that were chosen ({SAID})")
    def _():
        wanted = {"ecb": {"aes_ecb"}, "plain-ecb": {""}, "gcm": {"aes_gcm"}, "mixed": {"", "aes_ecb", "aes_gcm"}}
        assert ciphers == wanted[CASE["with"][1]], ciphers

    @check(f"what is not acknowledged comes again, what is does not ({SAID})")
    def _():
        command(cloud, "bright_value_v2", 400)
        unread = [json.loads(reader.recv())["messageId"] for _ in range(families)]
        reader.close()
        again = open_socket()
        for message_id in unread:
            assert json.loads(again.recv())["messageId"] == message_id
            again.send(json.dumps({"messageId": message_id}))
        again.settimeout(1)
        try:
            raise AssertionError(again.recv())
        except websocket.WebSocketTimeoutException:
            pass
        again.close()


def status_of(**wishes):
    try:
        open_socket(**wishes).close()
        return 101
    except websocket.WebSocketBadStatusException as refusal:
        if refusal.status_code == 401:
            assert b"Authentication required" in refusal.resp_body, refusal.resp_body
        return refusal.status_code


def refusals():
    for name, wishes, wanted in [
        ("a wrong secret is 401, with the page that people report", {"secret": "0" * 32}, 401),
        ("an unknown subscription is 404", {"name": "other"}, 404),
        ("an unknown environment is 404", {"environment": "events"}, 404),
        ("an unknown type is 400", {"query": "subscriptionType=One"}, 400),
        ("an ack timeout below a second is 400", {"query": "ackTimeoutMillis=500"}, 400),
    ]:

        @check(name)
        def _():
            assert status_of(**wishes) == wanted, status_of(**wishes)

    @check("a second exclusive reader is 409")
    def _():
        first = open_socket(query="")
        assert status_of(query="") == 409
        first.close()

    @check("text that is no JSON ends the connection")
    def _():
        until(lambda: status_of(environment="event-test") == 101)
        socket = open_socket()
        socket.send("hello")
        opcode, _data = socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_CLOSE, opcode

    @check("a ping gets its pong, with what was in it")
    def _():
        socket = open_socket(query="")
        socket.ping("demo")
        opcode, frame = socket.recv_data_frame(control_frame=True)
        assert (opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"demo")
        socket.close()


def silence():
    @check("without a rule the connector connects and nothing comes")
    def _():
        cloud = api()
        listener = Listener()
        command(cloud, "bright_value_v2", 500)
        time.sleep(2.5)
        assert listener.bodies == []


{"connector": connector, "strict": strict, "refusals": refusals, "silence": silence}[CASE["case"]]()
sys.stdout.flush()
# The connector's thread has no end of its own.
os._exit(0)
