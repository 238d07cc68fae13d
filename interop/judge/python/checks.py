"""What the scripts of several judges share: a check prints one line of JSON, and waiting has an end."""

import json
import time
import traceback


def check(name):
    """Runs the function at once and prints what became of it."""

    def decorate(function):
        try:
            function()
            print(json.dumps({"name": name}), flush=True)
        except Exception:
            print(json.dumps({"name": name, "fault": traceback.format_exc()}), flush=True)
        return function

    return decorate


def until(condition, seconds=15, what="the condition"):
    """Waits until the condition gives something, and gives that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")
