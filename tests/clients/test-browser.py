#!/usr/bin/python3
"""A web page in headless Chromium: where its origin is allowed, each way to the station is open to it,
and it finds its scans stored once after its connections were cut and the station was started anew; where
it is not, all is refused with 403 and nothing changes."""

import collections
import contextlib
import http.server
import json
import os
import queue
import re
import signal
import subprocess
import threading

import drive
import lab

EVIL = "evil.example"  # a name that is this machine to the browser, and to nobody else
REFUSALS = ["polling", "websocket", "upgrade", "scan", "collect", "list", "stream", "socket", "blind",
            "script", "image"]


class Proxy(drive.Proxy):
    """Knows what statuses the station answered with."""

    def __init__(self, port):
        self.statuses = collections.Counter()
        super().__init__(port)

    def pass_on(self, data, source):
        if source.getpeername()[1] == self.server:
            self.statuses.update(re.findall(rb"HTTP/1\.1 (\d+) ", data))


class Page(http.server.BaseHTTPRequestHandler):
    """Serves the page, and does what it asks for."""

    def do_GET(self):
        path = self.server.files.get(self.path.split("?")[0])
        self.send_response(200 if path else 404)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
        self.end_headers()
        if path:
            with open(path, "rb") as file:
                self.wfile.write(file.read())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        answer = self.server.actions[self.path](body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(answer).encode())

    def log_message(self, *_):
        pass


class Browser:
    """Chromium on one page, until that tells its outcome."""

    def __init__(self, folder, url):
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--user-data-dir=" + folder.join("chromium"),
                     "--host-resolver-rules=MAP %s 127.0.0.1" % EVIL]
        if os.getuid() == 0:
            arguments.append("--no-sandbox")
        with open(folder.join("chromium.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["chromium", *arguments, url], env=folder.environment(), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Site:
    """The page's server, the station, and the proxy between it and the browser."""

    def __init__(self, ends, name, allowed_origins=()):
        self.name, self.outcomes = name, queue.Queue()
        self.ends, self.folder = ends, ends.enter_context(lab.Folder())
        self.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.pages.files = {
            "/page.html": os.path.join(drive.HERE, "page.html"),
            "/socket.io.js": os.path.join(
                drive.node_modules(), "socket.io-client/dist/socket.io.min.js"),
        }
        self.pages.actions = {
            "/cut": lambda _: self.proxy.cut(),
            "/restart": lambda _: self.restart(),
            "/last": lambda _: self.read_last(),
            "/outcome": lambda body: self.outcomes.put(json.loads(body)),
        }
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()
        self.origin = "http://%s:%d" % (name, self.pages.server_port)
        self.settings = {}
        if name in allowed_origins:
            self.settings["BIPE_ALLOWED_ORIGINS"] = self.origin
        self.server = ends.enter_context(lab.Server(self.folder, **self.settings))
        self.proxy = Proxy(self.server.port)

    def restart(self):
        assert self.server.stop() == 0
        self.server = self.ends.enter_context(
            lab.Server(self.folder, PORT=self.server.port, **self.settings))

    def read_last(self):
        """The number of the last event: each scan was queued and stored, some were collected."""
        self.server.wait_until_stored()
        rows = self.server.get("/v1/scans?limit=1000")[1]["data"]
        return sum(2 + (row["collected_at"] is not None) for row in rows)

    def read_codes(self):
        return [row["codigo_barra"] for row in self.server.get("/qrcode/all")[1]]

    def visit(self):
        url = "%s/page.html?station=http://localhost:%d" % (self.origin, self.proxy.port)
        with Browser(self.folder, url):
            return self.outcomes.get(timeout=120)


def check_allowed(ends, name, allowed_origins=()):
    site = Site(ends, name, allowed_origins)
    outcome = site.visit()
    codes = ["polling", "websocket", "upgrade", "posted"]
    assert outcome["polling"] is outcome["websocket"] is outcome["upgrade"] is True, outcome
    assert outcome["scan"][0] == 201, outcome
    assert outcome["collect"] == [200, "A rota recebeu: polling"], outcome
    status, body = outcome["list"]
    listed = [row["codigo_barra"] for row in json.loads(body)]
    assert status == 200 and listed == codes[:len(listed)] and listed, outcome
    assert (outcome["stream"], outcome["socket"]) == ("1", 1), outcome
    assert outcome["blind"] == "sent" and outcome["nowhere"] == "refused", outcome

    stored = site.read_codes()
    codes += ["%s-%d" % (trouble, i) for trouble in ("cut", "restart") for i in range(10)]
    assert sorted(stored) == sorted(codes), (stored, outcome)
    assert outcome["troubles"] == list(range(1, site.read_last() + 1)), outcome
    # The page has collected two: one of them blindly.
    assert site.server.request("POST", "/codigo/")[1] == b"A rota recebeu: upgrade"
    assert site.server.stop() == 0


def check_refused(ends):
    site = Site(ends, EVIL)
    assert site.server.post("/v1/scans", {"code": "kept"})[0] == 201
    outcome = site.visit()
    for name in REFUSALS:
        assert outcome[name] == "sent" or outcome[name].startswith("failed: "), (name, outcome)
        assert "nothing happens" not in outcome[name], (name, outcome)
    assert outcome["nowhere"] == "refused", outcome
    assert set(site.proxy.statuses) == {b"403"}, site.proxy.statuses
    assert site.proxy.statuses[b"403"] >= len(REFUSALS), site.proxy.statuses
    assert "refused a request of the web page " + site.origin in site.server.read_log()
    assert "allowed-origins" in site.server.read_log()

    site.server.wait_until_stored()
    assert site.read_codes() == ["kept"]
    assert site.server.request("POST", "/codigo/")[1] == b"A rota recebeu: kept"
    assert site.server.stop() == 0


def main():
    drive.need("chromium")
    with contextlib.ExitStack() as ends:
        check_allowed(ends, "localhost")
        check_allowed(ends, EVIL, [EVIL])
        check_refused(ends)


main()
