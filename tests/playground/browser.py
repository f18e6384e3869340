# SPDX-License-Identifier: BSL-1.0
"""A headless Chromium, over the two pipes of its DevTools protocol, and a static file server that
notes what it is asked for."""

import contextlib
import functools
import http.server
import itertools
import json
import os
import select
import subprocess
import tempfile
import threading
import time


class Page:
    """A page that is open. Its requests are noted: all, to whatever host."""

    def __init__(self, browser, session):
        self._browser, self._session = browser, session
        self.requests, self.complaints = [], []

    def send(self, method, **params):
        return self._browser.send(method, params, self._session, self._note)

    def _note(self, event):
        params = event.get("params", {})
        if event["method"] == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif event["method"] == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])

    def evaluate(self, expression):
        """The value of an expression of JavaScript, awaited."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait_for(self, expression, seconds):
        """Until the expression is true."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            if time.monotonic() > end:
                raise TimeoutError(f"{seconds} s, and still not: {expression}\n"
                                   + "\n".join(self.complaints))
            time.sleep(0.2)
        return value


class Browser:
    def __init__(self, program="chromium"):
        self._profile = tempfile.TemporaryDirectory()
        their_in, self._out = os.pipe()
        self._in, their_out = os.pipe()
        # The protocol's pipes are descriptors 3 and 4.
        command = (f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}')
        self._process = subprocess.Popen(
            ["bash", "-c", command, program, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "about:blank"],
            pass_fds=(their_in, their_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_in)
        os.close(their_out)
        self._ids, self._rest = itertools.count(1), b""

    def close(self):
        self._process.terminate()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)
        with contextlib.suppress(OSError): # what Chromium still writes there
            self._profile.cleanup()

    def _receive(self, seconds):
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], seconds)[0]:
                raise TimeoutError(f"Chromium is silent for {seconds} s")
            got = os.read(self._in, 1 << 16)
            if not got:
                raise EOFError("Chromium has ended")
            self._rest += got
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def send(self, method, params, session=None, on_event=lambda event: None, seconds=180):
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive(seconds)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                on_event(answer)

    def open(self, url, width=1280, height=900):
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, session)
        for domain in ("Network", "Runtime", "Log", "Page"):
            page.send(f"{domain}.enable")
        page.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)
        page.send("Page.navigate", url=url)
        return page


@contextlib.contextmanager
def serve(folder):
    """(address, paths asked for) of a server of plain files."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code="-", size="-"):
            asked.append((self.path, int(code)))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                             functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
