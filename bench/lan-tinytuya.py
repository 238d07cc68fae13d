"""tinytuya, unchanged, as one of those who are compared; each line on standard input is one request.

`get 3.4` or `set 3.4 true`; the answer is a line with milliseconds, or `failed`.
"""

import json
import sys
import time

import tinytuya

DEVICES = {}


def open_device(entry):
    needs_points = entry["version"] == "3.2"
    device = tinytuya.Device(
        entry["id"],
        entry["ip"],
        entry["localKey"],
        "device22" if needs_points else "default",
        version=float(entry["version"]),
        persist=True,
        port=entry["port"],
        connection_timeout=2,
        connection_retry_limit=1,
    )
    if needs_points:
        device.set_dpsUsed({str(point): None for point in json.loads(sys.argv[2])})
    return device


def run(verb, version, *value):
    device = DEVICES[version]
    start = time.perf_counter()
    answer = device.status() if verb == "get" else device.set_value(1, value[0] == "true")
    took = (time.perf_counter() - start) * 1000
    bad = isinstance(answer, dict) and "Err" in answer
    return "failed" if bad or (verb == "get" and answer is None) else f"{took:.6f}"


for each in json.loads(sys.argv[1]):
    DEVICES[each["version"]] = open_device(each)
print("ready", flush=True)
for line in sys.stdin:
    print(run(*line.split()), flush=True)
