"""A page in a headless Chromium, over the pipe of its DevTools protocol: nothing but the standard library."""

import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import tempfile
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]
PATIENCE = 60


def program():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Page:
    """One page of one browser, whose events are kept in ``events``."""

    def __init__(self, url, width=1200, height=900, **media):
        self.profile = tempfile.mkdtemp(prefix="chromium")
        # Chromium reads its third descriptor and writes its fourth; ours lie above, so that neither is overwritten.
        (theirs, self.to), (self.back, other) = (_high(os.pipe()) for _ in range(2))
        moves = [(os.POSIX_SPAWN_DUP2, theirs, 3), (os.POSIX_SPAWN_DUP2, other, 4)]
        moves += [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (1, 2)]
        arguments = [program(), *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        self.pid = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=moves, setpgroup=0)
        os.close(theirs)
        os.close(other)
        self.rest, self.numbers, self.events, self.session = b"", itertools.count(1), [], None
        target = next(t for t in self("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self(f"{domain}.enable")
        self.resize(width, height)
        self(
            "Emulation.setEmulatedMedia",
            features=[{"name": f"prefers-{k}", "value": v} for k, v in media.items()],
        )
        self.open(url)

    def __call__(self, method, **params):
        """Call a method of the protocol."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params} | (
            {"sessionId": self.session} if self.session else {}
        )
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _read(self):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.back], [], [], PATIENCE)
            more = os.read(self.back, 1 << 16) if ready else b""
            if not more:
                raise RuntimeError("Chromium " + ("has gone" if ready else f"said nothing for {PATIENCE} s"))
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url):
        """Load an address anew, and wait until that is done."""
        for each in ("about:blank", url):
            self.events.clear()
            self("Page.navigate", url=each)
            while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
                self.events.append(self._read())

    def resize(self, width, height):
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )

    def evaluate(self, expression):
        """The value of an expression of JavaScript, awaited."""
        given = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self("Runtime.evaluate", **given)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def press(self, key, code):
        """Press a key, as a hand does."""
        text = {"text": "\r"} if key == "Enter" else {}
        self("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def close(self):
        """End the browser that this page started."""
        os.close(self.to)
        os.close(self.back)
        try:
            os.killpg(self.pid, signal.SIGKILL)
        finally:
            os.waitpid(self.pid, 0)
            shutil.rmtree(self.profile, ignore_errors=True)


def _high(descriptors):
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20) for fd in descriptors]
    for fd in descriptors:
        os.close(fd)
    return high


def address(path):
    """The address of a file."""
    return Path(path).resolve().as_uri()
