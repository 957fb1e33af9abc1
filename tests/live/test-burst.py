#!/usr/bin/python3
"""On a slow disk a client emits far more codes at once than the journal can have waiting, and asks for
no ack. It is made to wait, and every code is stored; another client's scan does not wait for it."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing

from lab import Folder, Server
from wire import TEXT, open_socketio

N_CODES = 40_000


def make_burst():
    """All frames as one piece, since a client in Python would be slower than the journal."""
    frames = bytearray()
    for number in range(N_CODES):
        message = b'42["message","burst-%d"]' % number
        frames += bytes((0x80 | TEXT, 0x80 | len(message))) + b"\0\0\0\0" + message
    return bytes(frames)


async def burst(websocket, frames):
    websocket.writer.write(frames)
    await websocket.writer.drain()


async def scan(port, sending):
    """One scan after the other as long as the burst lasts; returns how many, and the slowest."""
    websocket = await open_socketio(port)
    n, slowest = 0, 0
    while n < 5 or not sending.done():
        started = time.monotonic()
        websocket.send('42%d["message","scan-%d"]' % (n, n))
        answer = await websocket.receive()
        assert answer.startswith('43%d[{"ok":true' % n), answer
        slowest = max(slowest, time.monotonic() - started)
        n += 1
    websocket.cut()
    return n, slowest


async def run(port):
    websocket = await open_socketio(port)
    sending = asyncio.create_task(burst(websocket, make_burst()))
    n, slowest = await scan(port, sending)
    await sending
    # An ack comes after all that was emitted before.
    websocket.send('420["message","last"]')
    while not (await websocket.receive()).startswith('430[{"ok":true'):
        pass
    websocket.cut()
    print("%d scans beside the burst, the slowest after %.0f ms" % (n, slowest * 1000))
    return n


def main():
    slow = {"LD_PRELOAD": os.environ["BIPE_SLOW_SYNC"], "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with Folder() as folder, Server(folder, **slow) as server:
        n = asyncio.run(run(server.port))
        server.wait_until_stored()
        assert server.get("/v1/queue?state=rejected")[1]["data"] == []
        assert server.stop() == 0
        with closing(sqlite3.connect(folder.join("data/scans.db"))) as store:
            found = store.execute("SELECT count(*), count(DISTINCT code) FROM scan"
                                  " WHERE code LIKE 'burst-%'").fetchone()
            others, = store.execute("SELECT count(DISTINCT code) FROM scan"
                                    " WHERE code LIKE 'scan-%'").fetchone()
    assert found == (N_CODES, N_CODES), found
    assert others == n, (others, n)


main()
