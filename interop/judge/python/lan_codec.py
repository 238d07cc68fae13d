"""Devices as the protocol describes them, on the frames and ciphers of tinytuya alone: no line of this knows our code."""

import hmac
import json
import os
import random
import socket
import socketserver
import struct
import threading
import time
from hashlib import md5, sha256

from tinytuya.core import header as H
from tinytuya.core.crypto_helper import AESCipher
from tinytuya.core.message_helper import TuyaMessage, pack_message, parse_header, unpack_message
from tinytuya.core.udp_helper import udpkey

START, RESP, FINISH, CONTROL, STATUS, HEARTBEAT, QUERY = 3, 4, 5, 7, 8, 9, 10
CONTROL_NEW, QUERY_NEW, REFRESH, UDP, UDP_NEW, UDP_34, UDP_ASK = 0x0D, 0x10, 0x12, 0x00, 0x13, 0x23, 0x25
UNVALID = b"json obj data unvalid"
HEADERLESS = {START, RESP, FINISH, HEARTBEAT, QUERY, QUERY_NEW, REFRESH, 0x40}


def ecb(key, data, pad=True):
    return AESCipher(key).encrypt(data, use_base64=False, pad=pad)


def frame55(seq, cmd, body, hmac_key=None):
    return pack_message(TuyaMessage(seq, cmd, 0, body, 0, True, H.PREFIX_55AA_VALUE, None), hmac_key=hmac_key)


def frame66(seq, cmd, retcode, payload, key):
    message = TuyaMessage(seq, cmd, retcode, payload, 0, True, H.PREFIX_6699_VALUE, os.urandom(12))
    return pack_message(message, hmac_key=key)


class Device:
    """One device: its state, its server, and what it says over UDP."""

    def __init__(self, i, version, dps, udp):
        self.version, self.udp = version, udp
        self.id = f"codec000000000000000{i:02}"
        self.key = f"c0d3c<>&'key {i:03}".encode()[:16].ljust(16, b"~")
        self.host = f"127.84.0.{i + 1}"
        self.state = dict(dps)
        self.lines, self.opened = [], 0
        device = self

        class Line(socketserver.BaseRequestHandler):
            def handle(self):
                device.opened += 1
                Conversation(device, self.request).run()

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer((self.host, 0), Line)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        threading.Thread(target=self.announce if version != "3.5" else self.answer, daemon=True).start()
        port = self.server.server_address[1]
        self.told = {"id": self.id, "name": version, "key": self.key.decode(), "ip": self.host, "port": port}

    def dps(self):
        return self.state

    def connections(self):
        return self.opened

    def press(self, dps):
        self.state.update(dps)
        for line in list(self.lines):
            line.push(dps)

    def card(self):
        return json.dumps(
            {"ip": self.host, "gwId": self.id, "active": 2, "ablilty": 0, "mode": 0, "encrypt": True,
             "productKey": "codec", "version": self.version}, separators=(",", ":")).encode()  # fmt: skip

    def announce(self):
        """Every two seconds, as its version does it."""
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.bind((self.host, 0))
        code = struct.pack(">I", 0)
        while True:
            if self.version == "3.1":
                datagram, port = frame55(0, UDP, code + self.card()), self.udp[0]
            else:
                cmd = UDP_34 if self.version == "3.4" else UDP_NEW
                datagram, port = frame55(0, cmd, code + ecb(udpkey, self.card())), self.udp[1]
            sender.sendto(datagram, ("127.0.0.1", port))
            time.sleep(2)

    def answer(self):
        """Keeps silent until somebody asks, with both members that the vendor's code wants."""
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind(("127.255.255.255", self.udp[2]))
        mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        mouth.bind((self.host, 0))
        while True:
            data, _ = ear.recvfrom(4096)
            message = unpack_message(data, hmac_key=udpkey, no_retcode=True)
            if message.cmd != UDP_ASK or not message.crc_good:
                continue
            asked = json.loads(message.payload)
            if asked.get("from") and asked.get("ip"):
                mouth.sendto(frame66(0, UDP_NEW, 0, self.card(), udpkey), (asked["ip"], self.udp[2]))


class Conversation:
    """One connection: strict where the vendor's own code is."""

    def __init__(self, device, sock):
        self.device, self.sock, self.version = device, sock, device.version
        self.session = self.version in ("3.4", "3.5")
        self.key, self.ready = device.key, not self.session
        self.seq, self.last_seq = random.randrange(0xFFFF), 0
        self.counter, self.lock = 0, threading.Lock()
        self.a = self.b = b""

    def run(self):
        data = b""
        self.sock.settimeout(30)
        self.device.lines.append(self)
        try:
            while True:
                chunk = self.sock.recv(4096)
                if not chunk:
                    return
                data += chunk
                while len(data) >= 18:
                    total = parse_header(data).total_length
                    if len(data) < total:
                        break
                    self.hear(data[:total])
                    data = data[total:]
        except (OSError, ValueError, AssertionError):
            pass  # It closes, as a device does.
        finally:
            self.device.lines.remove(self)
            self.sock.close()

    # What comes in.

    def hear(self, frame):
        keyed = self.key if self.session else None
        message = unpack_message(frame, hmac_key=keyed, no_retcode=True)
        assert message.crc_good, "check sum"
        if self.version == "3.5":
            assert message.seqno > self.last_seq, "sequence"
            self.last_seq = message.seqno
        payload = self.opened(message.cmd, message.payload)
        if message.cmd == START:
            assert not self.ready and len(payload) == 16
            self.a, self.b = payload, os.urandom(8).hex().encode()
            self.say(message, RESP, self.b + hmac.new(self.device.key, self.a, sha256).digest())
        elif message.cmd == FINISH:
            assert payload == hmac.new(self.device.key, self.b, sha256).digest(), "proof"
            self.finish()
        else:
            assert self.ready, "no session"
            self.command(message, payload)

    def finish(self):
        mixed = bytes(x ^ y for x, y in zip(self.a, self.b))
        if self.version == "3.4":
            self.key = ecb(self.device.key, mixed, pad=False)
        else:
            self.key = AESCipher(self.device.key).encrypt(mixed, use_base64=False, pad=False, iv=self.a[:12])[12:28]
        assert self.key[0] != 0, "a key that begins with zero is none"
        self.ready = True

    def opened(self, cmd, payload):
        head = self.version.encode()
        if self.version == "3.1":
            if not payload.startswith(head):
                return payload
            piece, text = payload[3:19], payload[19:]
            whole = b"data=" + text + b"||lpv=3.1||" + self.key
            assert piece == md5(whole).hexdigest()[8:24].encode(), "digest"
            return AESCipher(self.key).decrypt(text, decode_text=False, verify_padding=True)
        if self.version in ("3.2", "3.3"):
            has_header = len(payload) % 16 == 15
            assert has_header == (cmd not in HEADERLESS), "header"
            assert not has_header or payload.startswith(head), "version"
            payload = payload[15:] if has_header else payload
        if self.version != "3.5":
            payload = AESCipher(self.key).decrypt(payload, use_base64=False, decode_text=False, verify_padding=True)
        if self.session and cmd not in HEADERLESS:
            assert payload.startswith(head), "version"
            payload = payload[15:]
        return payload

    def command(self, message, payload):
        cmd = message.cmd
        if cmd == HEARTBEAT:
            self.say(message, HEARTBEAT, b"")
            return
        asked = json.loads(payload)
        if cmd in (QUERY, QUERY_NEW):
            right = cmd == (QUERY_NEW if self.session else QUERY) and self.version != "3.2"
            self.say(message, cmd, self.text({"dps": self.device.state}) if right else UNVALID, 0 if right else 1)
        elif cmd in (CONTROL, CONTROL_NEW):
            self.control(message, asked)
        elif cmd == REFRESH:
            self.say(message, cmd, b"")

    def control(self, message, asked):
        dps = asked.get("data", {}).get("dps") if self.session else asked.get("dps")
        assert dps is not None, "no dps"
        new = {k: v for k, v in dps.items() if v is not None}
        if not new:
            self.say(message, message.cmd, b"")
            known = {k: self.device.state[k] for k in dps if k in self.device.state}
            if known:
                self.push(known)
            return
        for k, v in new.items():
            assert type(v) is type(self.device.state.get(k, v)), "type of a value"
        changed = {k: v for k, v in new.items() if self.device.state.get(k) != v}
        self.device.state.update(new)
        # 3.4 was seen to push first; the vendor's code of 3.5 acknowledges with code 1.
        if self.version == "3.4" and changed:
            self.push(changed)
        self.say(message, message.cmd, b"", 0x01000000 if self.version == "3.5" else 0)
        if self.version != "3.4" and changed:
            self.push(changed)

    # What goes out.

    @staticmethod
    def text(value):
        return json.dumps(value, separators=(",", ":")).encode()

    def push(self, dps):
        if not self.ready:
            return
        now = int(time.time())
        body = {"protocol": 4, "t": now, "data": {"dps": dps}} if self.session else {"dps": dps, "t": now}
        self.say(None, STATUS, self.text(body))

    def say(self, message, cmd, payload, code=0):
        with self.lock:
            if self.session:
                seq = self.seq = self.seq + 1
            else:
                seq = message.seqno if message and cmd != HEARTBEAT else 0
            if cmd == STATUS and self.version != "3.1":
                self.counter += 1
                payload = self.version.encode() + struct.pack(">III", 0, self.counter, 1) + payload
            if self.version == "3.5":
                self.sock.sendall(frame66(seq, cmd, code, payload, self.key))
                return
            body = struct.pack(">I", code) + self.sealed(cmd, payload)
            self.sock.sendall(frame55(seq, cmd, body, self.key if self.session else None))

    def sealed(self, cmd, payload):
        if not payload:
            return b""
        if self.version == "3.1":
            if cmd != STATUS:
                return payload
            text = AESCipher(self.key).encrypt(payload)
            piece = md5(b"data=" + text + b"||lpv=3.1||" + self.key).hexdigest()[8:24].encode()
            return b"3.1" + piece + text
        if cmd == STATUS and not self.session:
            return payload[:15] + ecb(self.key, payload[15:])
        return ecb(self.key, payload)


def codec_devices(udp, dps):
    for i, version in enumerate(("3.1", "3.2", "3.3", "3.4", "3.5")):
        yield Device(i, version, dps, udp)
