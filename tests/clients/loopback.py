"""What the checks of the protocols share: bipe-loopback, and sessions with it."""

import asyncio
import json
import os
import re
import subprocess
import sys
import traceback

import wire

TIMEOUT = 10  # for whatever has no time of its own in the protocol


class Loopback:
    """A run of bipe-loopback, and the addresses that it serves."""

    def __init__(self, mode, *options):
        self.process = subprocess.Popen(
            [os.environ["BIPE_LOOPBACK"], "--mode", mode, *options],
            stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)$", self.process.stdout.readline()).group(1))
        self.path = {"engine": "/engine.io/", "socketio": "/socket.io/"}[mode]

    def address(self, query):
        return self.path + "?" + query

    async def request(self, method, query, body=None):
        """Status and body."""
        status, _, answer = await asyncio.wait_for(
            wire.request(self.port, method, self.address(query), body), TIMEOUT)
        return status, answer.decode()

    async def websocket(self, query):
        return await asyncio.wait_for(wire.WebSocket.open(self.port, self.address(query)), TIMEOUT)

    async def polling(self):
        status, body = await self.request("GET", "EIO=4&transport=polling")
        assert status == 200 and body[0] == "0", (status, body)
        return Polling(self, json.loads(body[1:]))

    async def linked(self):
        websocket = await self.websocket("EIO=4&transport=websocket")
        body = await asyncio.wait_for(websocket.receive(), TIMEOUT)
        assert body[0] == "0", body
        return Linked(websocket, json.loads(body[1:]))

    def stop(self):
        self.process.terminate()
        return self.process.wait(TIMEOUT)


class Polling:
    """A session that polls; receive() gives one packet at a time, and answers pings."""

    def __init__(self, server, opened):
        self.server, self.opened, self.packets = server, opened, []
        self.query = "EIO=4&transport=polling&sid=" + opened["sid"]

    async def get(self):
        return await self.server.request("GET", self.query)

    async def post(self, body):
        return await self.server.request("POST", self.query, body)

    async def send(self, *packets):
        assert await self.post("\x1e".join(packets)) == (200, "ok")

    async def receive(self):
        while not self.packets:
            status, body = await self.get()
            if status != 200 or body == "1":
                raise wire.Closed(status)
            for packet in body.split("\x1e"):
                if packet == "2":
                    await self.send("3")
                else:
                    self.packets.append(packet)
        return self.packets.pop(0)

    async def assert_gone(self):
        status, _ = await self.get()
        assert status == 400, status


class Linked:
    """A session by WebSocket; receive() answers pings."""

    def __init__(self, websocket, opened):
        self.websocket, self.opened = websocket, opened

    async def send(self, *packets):
        for packet in packets:
            self.websocket.send(packet)

    async def receive(self):
        while True:
            packet = await asyncio.wait_for(self.websocket.receive(), TIMEOUT)
            if packet != "2":
                return packet
            self.websocket.send("3")

    async def assert_gone(self):
        """Closed from the other side, whatever is told before."""
        try:
            while True:
                await self.receive()
        except wire.Closed:
            pass


async def each_transport(server):
    yield await server.polling()
    yield await server.linked()


async def expect(session, *packets):
    for packet in packets:
        received = await session.receive()
        assert received == packet, (received, packet)


def now():
    return asyncio.get_running_loop().time()


async def run_each(server, checks):
    n_failed = 0
    print("1..%d" % len(checks))
    for number, check in enumerate(checks, 1):
        try:
            await asyncio.wait_for(check(server), 60)
            verdict = "ok"
        except Exception:
            traceback.print_exc()
            verdict, n_failed = "not ok", n_failed + 1
        print("%s %d %s" % (verdict, number, check.__name__), flush=True)
    return n_failed


def run(mode, names, *options):
    """Runs the module's functions check_…, in TAP, each against the same server."""
    server = Loopback(mode, *options)
    try:
        n_failed = asyncio.run(
            run_each(server, [value for name, value in names.items() if name.startswith("check_")]))
    finally:
        status = server.stop()
    assert status == 0, status
    sys.exit(n_failed > 0)
