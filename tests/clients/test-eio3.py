#!/usr/bin/python3
"""Engine.IO, revision 3, as the branch v3 of https://github.com/socketio/engine.io-protocol tells it,
with Socket.IO, revision 4, above it, against bipe-loopback. Timers: 300 ms and 200 ms."""

import asyncio
import json
import re

import loopback
import wire
from loopback import TIMEOUT, expect, now

BYTES = "application/octet-stream"
QUERY = "EIO=3&transport="
GREETING = ("40", '42["auth",{}]')  # that nobody has asked for


def units(text):
    """Its length as JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


def counted(*packets):
    return "".join("%d:%s" % (units(packet), packet) for packet in packets).encode()


def in_bytes(*packets):
    """Each as text or, where it is bytes, as binary."""
    body = b""
    for packet in packets:
        is_binary = isinstance(packet, bytes)
        packet = b"\4" + packet if is_binary else packet.encode()
        body += bytes((is_binary, *map(int, str(len(packet))), 255)) + packet
    return body


class Polling:
    """A session that polls: bodies as they are."""

    def __init__(self, server, extra=""):
        self.server, self.query = server, QUERY + "polling" + extra

    async def open(self):
        status, _, body = await self.get()
        assert status == 200, (status, body)
        match = re.match(rb"(\d+):", body)
        end = match.end() + int(match.group(1))
        packet, rest = body[match.end():end].decode(), body[end:]
        assert packet[0] == "0", packet
        self.opened = json.loads(packet[1:])
        self.query += "&sid=" + self.opened["sid"]
        return rest

    async def request(self, method, body=None, headers=None):
        return await asyncio.wait_for(wire.request(
            self.server.port, method, self.server.address(self.query), body, headers), TIMEOUT)

    async def get(self):
        status, headers, body = await self.request("GET")
        return status, headers.get("content-type"), body

    async def post(self, body, kind="text/plain;charset=UTF-8"):
        status, _, answer = await self.request("POST", body, {"Content-Type": kind})
        return status, answer

    async def assert_gone(self):
        assert (await self.get())[0] == 400


async def polling(server, extra=""):
    session = Polling(server, extra)
    assert await session.open() == counted(*GREETING)
    return session


async def linked(server, extra=""):
    websocket = await server.websocket(QUERY + "websocket" + extra)
    for head in ('0{"sid":', *GREETING):
        packet = await asyncio.wait_for(websocket.receive(), TIMEOUT)
        assert packet.startswith(head), packet
    return loopback.Linked(websocket, None)


async def check_versions(server):
    for eio in ("EIO=3&", ""):
        session = Polling(server)
        session.query = eio + "transport=polling"
        assert await session.open() == counted(*GREETING)
        timers = {"pingInterval": 300, "pingTimeout": 200}
        assert session.opened["upgrades"] == ["websocket"]
        assert {name: session.opened[name] for name in timers} == timers
        (await server.websocket(eio + "transport=websocket")).cut()
    session = await server.polling()
    assert (await server.request("GET", session.query.replace("EIO=4", "EIO=3")))[0] == 400
    for eio in ("2", "5", "abc", ""):
        assert (await server.request("GET", "EIO=%s&transport=polling" % eio))[0] == 400


async def check_text(server):
    session = await polling(server)
    texts = ["a", "ü€😀", "1:2", "x" * 10000]
    packets = ['42["message","%s"]' % text for text in texts]
    assert await session.post(counted(*packets)) == (200, b"ok")
    answers = ['42["message-back","%s"]' % text for text in texts]
    assert await session.get() == (200, "text/plain; charset=utf-8", counted(*answers))


async def check_binary(server):
    """Bytes for those who take them, base64 for others; both are understood in any case."""
    event = '451-["message",{"_placeholder":true,"num":0}]'
    answer = '451-["message-back",{"_placeholder":true,"num":0}]'
    data, base64 = bytes(range(256)) * 5, None
    base64 = "b4" + wire.base64.b64encode(data).decode()
    for extra, kind, expected in (
        ("", BYTES, in_bytes(answer, data)),
        ("&b64=1", "text/plain; charset=utf-8", counted(answer, base64)),
    ):
        session = await polling(server, extra)
        for body, sent in ((counted(event, base64), "text/plain"), (in_bytes(event, data), BYTES)):
            assert await session.post(body, sent) == (200, b"ok")
            assert await session.get() == (200, kind, expected)
    for extra, expected in (("", b"\4" + data), ("&b64=1", base64)):
        session = await linked(server, extra)
        for message in (b"\4" + data, base64):
            await session.send(event, message)
            await expect(session, answer, expected)


async def check_malformed(server):
    for body, kind in (
        (b"", ""), (b"4a", ""), (b"2:4", ""), (b"3:4\xc3\xbc", ""), (b"1:3", ""), (b"01:4", ""),
        (b"1:6", BYTES), (b"\0\1\xff6", "text/plain"), (b"\0\1", BYTES), (b"\1\2\xff4a", BYTES),
    ):
        session = await polling(server)
        assert (await session.post(body, kind))[0] == 400, body
        await session.assert_gone()
    for message in ("3", "7", "", b"a", "bYQ==", "40", "40/custom?a=%zz,"):
        session = await linked(server)
        await session.send(message)
        await session.assert_gone()


async def check_heartbeat(server):
    """The client pings; a session whose client does not is ended."""
    session, link = await polling(server), await linked(server)
    for _ in range(3):
        await asyncio.sleep(0.4)
        assert await session.post(b"1:2") == (200, b"ok")
        assert (await session.get())[2] == b"1:3"
        link.websocket.send("2")
        assert await link.websocket.receive() == "3"
    start = now()
    assert (await session.get())[2] == b"1:1"
    assert 0.35 < now() - start < 0.75, now() - start
    await link.assert_gone()
    await session.assert_gone()


async def check_upgrade(server):
    session = await polling(server)
    hanging = asyncio.create_task(session.get())
    await asyncio.sleep(0.05)
    websocket = await server.websocket(QUERY + "websocket&sid=" + session.opened["sid"])
    websocket.send("2probe")
    assert await websocket.receive() == "3probe"
    assert (await hanging)[2] == b"1:6"
    websocket.send("5")
    websocket.send('42["message",1.10]')
    await expect(loopback.Linked(websocket, None), '42["message-back",1.10]')
    await session.assert_gone()


async def check_namespaces(server):
    session = await linked(server)
    await session.send("40/custom?token=x&name=%C3%BC,", "40/random,", '42/custom,1["message-with-ack",2]')
    await expect(
        session, "40/custom,", '42/custom,["auth",{"token":"x","name":"ü"}]',
        '44/random,"Invalid namespace"', "43/custom,1[2]")
    await session.send("41/custom,", '420["message-with-ack"]')
    await expect(session, "430[]")


if __name__ == "__main__":
    loopback.run("socketio", globals(), "--allow-eio3")
