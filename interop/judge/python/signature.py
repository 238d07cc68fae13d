"""A strict judge of signatures: what a client sent, as bytes on the wire, against the platform's published rules.

Requests come as one JSON object a line on standard input; what is wrong with each is printed as one line of JSON.
Nothing here knows the program that signed them.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
from urllib.parse import unquote

SECRET = sys.argv[1].encode()
CLIENT = sys.argv[2]


def canonical(target):
    """Path and query with the parameters in order of their names, undecoded values decoded."""
    path, _, query = target.partition("?")
    if not query:
        return path
    pairs = [pair.partition("=") for pair in query.split("&")]
    decoded = [(unquote(name), unquote(value.replace("+", " "))) for name, _, value in pairs]
    return path + "?" + "&".join(f"{name}={value}" for name, value in sorted(decoded, key=lambda pair: pair[0]))


def faults(request):
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = base64.b64decode(request["body"])
    token_path = re.fullmatch(r"/v1\.0/token(/[^/?]+)?", request["target"].partition("?")[0])
    token = headers.get("access_token", "")
    found = []
    if headers.get("client_id") != CLIENT:
        found.append(f"client_id is {headers.get('client_id')!r}")
    if headers.get("sign_method") != "HMAC-SHA256":
        found.append(f"sign_method is {headers.get('sign_method')!r}")
    if not re.fullmatch(r"\d{13}", headers.get("t", "")):
        found.append(f"t is {headers.get('t')!r}")
    if bool(token) == bool(token_path):
        found.append("access_token stands where it must not, or lacks")
    if body and headers.get("content-type", "").partition(";")[0] != "application/json":
        found.append(f"content-type is {headers.get('content-type')!r}")
    if request["method"] == "GET" and body:
        found.append("a body with GET")
    listed = headers.get("signature-headers", "")
    signed = "".join(f"{name}:{headers.get(name.lower(), '')}\n" for name in listed.split(":") if name)
    text = "\n".join([request["method"], hashlib.sha256(body).hexdigest(), signed, canonical(request["target"])])
    message = CLIENT + token + headers.get("t", "") + headers.get("nonce", "") + text
    expected = hmac.new(SECRET, message.encode(), hashlib.sha256).hexdigest().upper()
    if headers.get("sign") != expected:
        found.append("sign is not the signature of what was sent")
    return found


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"call": f"{request['method']} {request['target']}", "faults": faults(request)}), flush=True)
