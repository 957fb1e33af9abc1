#!/usr/bin/python3
"""curl and readers of events over restarts, orderly ones and crashes: what curl posts again under its
key gives the first record, and the readers go on where they were, without a gap or a double."""

import asyncio
import collections
import json
import re
import subprocess
import sys
import shutil
import threading
import time

from lab import Folder, Server, free_port, wait_for
from readers import SocketIoReader, SseReader, WebSocketReader

SKIPPED = 77
TROUBLES = ("kill", "stop", "kill", "kill", "stop")
CODES_EACH = 40
CODES = ["%06d" % number for number in range(CODES_EACH * (len(TROUBLES) + 1))]
EVENT = re.compile(rb'"event":"(\w+)".*?"code":"(\w+)"')


class CurlReader(SseReader):
    """curl -N, started anew with the number of its last event."""

    process = None

    async def connect(self, port):
        self.process = await asyncio.create_subprocess_exec(
            "curl", "-sN", "-H", "Accept: text/event-stream", "-H", "Last-Event-ID: %d" % self.last,
            "http://127.0.0.1:%d/v1/events" % port, stdout=subprocess.PIPE)
        self.reader = self.process.stdout

    async def cut(self):
        if self.process is None:
            return
        if not self.reader.at_eof():
            self.process.kill()
        await self.process.communicate()


def post(port, code, key):
    """Status, and what was answered; status 0: nobody was there."""
    done = subprocess.run(
        ["curl", "-s", "-w", "\n%{http_code}", "-H", "Content-Type: application/json",
         "-H", "Idempotency-Key: " + key, "-d", json.dumps({"code": code}),
         "http://127.0.0.1:%d/v1/scans" % port], stdout=subprocess.PIPE, text=True, timeout=60)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), json.loads(body) if body else None


class Poster(threading.Thread):
    """Posts each code until it is acknowledged."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.records, self.wrong = port, {}, []

    def run(self):
        for code in CODES:
            while code not in self.records:
                status, answer = post(self.port, code, "key-" + code)
                if status in (200, 201):
                    self.records[code] = answer["data"]
                elif status != 0:
                    self.wrong.append((code, status, answer))
                    return
                else:
                    time.sleep(0.02)


class Followers(threading.Thread):
    """A reader of each kind, on a loop of their own, until the last event of all."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.counts, self.fault = port, collections.Counter(), None
        self.readers = [kind() for kind in (SocketIoReader, WebSocketReader, SseReader, CurlReader)]
        self.readers[-1].on_event = lambda event: self.counts.update([EVENT.search(event).groups()])

    async def follow(self):
        await asyncio.gather(*(reader.follow(self.port, 2 * len(CODES)) for reader in self.readers))
        for reader in self.readers:
            await reader.cut()

    def run(self):
        try:
            asyncio.run(self.follow())
        except Exception as fault:
            self.fault = fault


def check_again(port, poster, code):
    first = poster.records[code]
    status, answer = post(port, code, "key-" + code)
    assert status == 200, (status, answer)
    for name in ("uuid", "key", "code", "scanned_at"):
        assert answer["data"][name] == first[name], (name, answer, first)
    status, answer = post(port, "another", "key-" + code)
    assert (status, answer["error_code"]) == (409, 1007), (status, answer)


def main():
    if shutil.which("curl") is None:
        print("there is no curl")
        sys.exit(SKIPPED)
    port = free_port()
    poster, followers = Poster(port), Followers(port)
    with Folder() as folder:
        server = Server(folder, PORT=port)
        followers.start()
        poster.start()
        for number, trouble in enumerate(TROUBLES, 1):
            wait_for("scans", lambda: poster.wrong or len(poster.records) >= number * CODES_EACH)
            assert not poster.wrong, poster.wrong
            code = list(poster.records)[-1]
            getattr(server, trouble)()
            server = Server(folder, PORT=port)
            check_again(port, poster, code)
            check_again(port, poster, CODES[0])
        poster.join(60)
        followers.join(60)
        server.wait_until_stored()
        rows = server.get("/v1/scans?limit=1000")[1]["data"]
        assert server.stop() == 0

    assert followers.fault is None, followers.fault
    assert [(row["code"], row["uuid"]) for row in rows] == [
        (code, poster.records[code]["uuid"]) for code in CODES]
    expected = {(kind, code.encode()): 1 for kind in (b"queued", b"stored") for code in CODES}
    assert followers.counts == expected, followers.counts - collections.Counter(expected)
    for reader in followers.readers:
        print("%s: %d events over %d connections"
              % (type(reader).__name__, reader.last, reader.n_connections))
        assert reader.last == 2 * len(CODES), "it does not get on"


main()
