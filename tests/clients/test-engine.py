#!/usr/bin/python3
"""Engine.IO, revision 4, as https://github.com/socketio/engine.io-protocol tells it, against
bipe-loopback, whose sessions say back what they are told. Timers: 300 ms and 200 ms."""

import asyncio

import loopback
import wire
from loopback import TIMEOUT, expect, now

PAYLOAD_MAX = 1000000


async def refused(server, query):
    """The status that a WebSocket's handshake is refused with."""
    try:
        (await server.websocket(query)).cut()
    except wire.Closed as closed:
        return closed.code
    return 101


async def check_open_packet(server):
    timers = {"pingInterval": 300, "pingTimeout": 200, "maxPayload": PAYLOAD_MAX}
    for session, upgrades in ((await server.polling(), ["websocket"]), (await server.linked(), [])):
        sid = session.opened.pop("sid")
        assert len(sid) >= 20, sid
        assert session.opened == dict(timers, upgrades=upgrades), session.opened


async def check_refusals(server):
    sid = (await server.polling()).opened["sid"]
    for query in (
        "transport=polling", "EIO=abc&transport=polling", "EIO=&transport=polling",
        "EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=4", "EIO=4&transport=",
        "EIO=4&transport=abc", "EIO=4&transport=polling&sid=abc", "EIO=4&transport=polling&sid=",
        "EIO=4&transport=websocket", "EIO=abc&transport=polling&sid=" + sid,
        "EIO=4&transport=abc&sid=" + sid, "EIO=4&transport=polling&j=0",
    ):
        for method, body in (("GET", None), ("POST", "4a"), ("PUT", "4a")):
            status, _ = await server.request(method, query, body)
            assert status == 400, (method, query, status)
    for method in ("POST", "PUT"):
        assert (await server.request(method, "EIO=4&transport=polling", "4a"))[0] == 400
    for query in (
        "transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc",
        "EIO=4&transport=polling", "EIO=4&transport=websocket&sid=abc",
    ):
        assert await refused(server, query) == 400, query


async def check_post(server):
    session = await server.polling()
    assert await session.post("4hello") == (200, "ok")
    await expect(session, "4hello")


async def check_kind_and_order(server):
    """Several packets in one POST, and in one answer."""
    session = await server.polling()
    texts = ["4", "4a", "4ü€😀", "4\0", "bAQIDBA==", "b", "4" + "x" * 10000]
    await session.send(*texts)
    status, body = await session.get()
    assert (status, body) == (200, "\x1e".join(texts)), body[:200]

    session = await server.linked()
    messages = ["4", "4a", b"\1\2\3\4", b"", "4ü€😀", b"\0", "4\0", "4\x1e4"]
    await session.send(*messages)
    await expect(session, *messages)


async def check_malformed(server):
    for body in ("abc", "", "4a\x1e", "\x1e4a", "4a\x1eabc", "7", "2", "0", "b!", "bA", "4\udcff"):
        session = await server.polling()
        body = body.encode(errors="surrogateescape")
        assert (await session.post(body))[0] == 400, body
        await session.assert_gone()
    for message in ("abc", "", "7", "2", "0{}", "bAQ=="):
        session = await server.linked()
        await session.send(message)
        await session.assert_gone()


async def check_max_payload(server):
    whole, more = "4" + "x" * (PAYLOAD_MAX - 1), "4" + "x" * PAYLOAD_MAX
    session = await server.polling()
    await session.send(whole)
    await expect(session, whole)
    assert (await session.post(more))[0] in (400, 413)
    await session.assert_gone()

    session = await server.linked()
    await session.send(whole)
    await expect(session, whole)
    await session.send(more)
    await session.assert_gone()


async def check_two_gets(server):
    session = await server.polling()
    first = asyncio.create_task(session.get())
    await asyncio.sleep(0.05)
    assert (await session.get())[0] == 400
    assert await first == (200, "1")
    await session.assert_gone()


async def check_hang_up(server):
    """What there is to tell after a GET's client has hung up, the next GET gets; the noop that the
    first is answered with still reaches one that has only no more to say."""
    for leave in ("close", "abort", "write_eof"):
        session = await server.polling()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                      % server.address(session.query)).encode())
        await asyncio.sleep(0.05)
        getattr(writer.transport, leave)()
        if leave == "write_eof":
            status, headers = await asyncio.wait_for(wire.read_head(reader), TIMEOUT)
            assert (status, headers["connection"]) == (200, "close"), headers
            assert await reader.read() == b"6"
            writer.close()
        await asyncio.sleep(0.05)
        await session.send("4kept", "4too")
        assert await session.get() == (200, "4kept\x1e4too"), leave
        hanging = asyncio.create_task(session.get())
        await asyncio.sleep(0.05)
        await session.send("4goes on")
        assert await hanging == (200, "4goes on"), leave


async def check_heartbeat(server):
    session = await server.polling()
    for _ in range(3):
        start = now()
        assert await session.get() == (200, "2")
        assert 0.2 < now() - start < 0.45, now() - start
        await session.send("3")
    session = await server.linked()
    for _ in range(3):
        start = now()
        assert await session.websocket.receive() == "2"
        assert 0.2 < now() - start < 0.45, now() - start
        session.websocket.send("3")


async def check_no_pong(server):
    session, start = await server.polling(), now()
    assert await session.get() == (200, "2")
    await session.get()
    assert 0.4 < now() - start < 0.75, now() - start
    await session.assert_gone()

    session, start = await server.linked(), now()
    assert await session.websocket.receive() == "2"
    try:
        await session.websocket.receive()
        raise AssertionError("something came")
    except wire.Closed:
        assert 0.4 < now() - start < 0.75, now() - start


async def check_late_pong(server):
    session = await server.polling()
    await asyncio.sleep(0.6)
    assert (await session.post("3"))[0] == 400
    await session.assert_gone()


async def check_close(server):
    session = await server.polling()
    hanging = asyncio.create_task(session.get())
    await asyncio.sleep(0.05)
    await session.send("1")
    assert await hanging == (200, "6")
    await session.assert_gone()
    assert (await session.post("4a"))[0] == 400

    session = await server.linked()
    await session.send("1")
    start = now()
    await session.assert_gone()
    assert now() - start < 0.2


async def probe(server, session):
    websocket = await server.websocket(
        "EIO=4&transport=websocket&sid=" + session.opened["sid"])
    websocket.send("2probe")
    assert await asyncio.wait_for(websocket.receive(), TIMEOUT) == "3probe"
    return websocket


async def check_upgrade(server):
    session = await server.polling()
    hanging = asyncio.create_task(session.get())
    await asyncio.sleep(0.05)
    websocket = await probe(server, session)
    start = now()
    assert await hanging == (200, "6")
    assert now() - start < 0.1, now() - start
    websocket.send("5")
    websocket.send("4hello")
    websocket.send(b"\1\2")
    linked = loopback.Linked(websocket, session.opened)
    await expect(linked, "4hello", b"\1\2")

    await session.assert_gone()
    assert (await session.post("4a"))[0] == 400
    assert await refused(server, "EIO=4&transport=websocket&sid=" + session.opened["sid"]) == 400
    await linked.send("4still here")
    await expect(linked, "4still here")
    await asyncio.sleep(0.4)
    await linked.send("4and beats")
    await expect(linked, "4and beats")


async def check_upgrade_at_once(server):
    """Nothing hangs, and `5` follows without waiting; what waited for a poll goes by the link."""
    session = await server.polling()
    websocket = await server.websocket("EIO=4&transport=websocket&sid=" + session.opened["sid"])
    await session.send("4one", "4two")
    for message in ("2probe", "5", "4three"):
        websocket.send(message)
    await expect(loopback.Linked(websocket, None), "3probe", "4one", "4two", "4three")


async def check_failed_probe(server):
    for spoil in ("4a", "5", "abc", b"2probe", None):
        session = await server.polling()
        websocket = await server.websocket(
            "EIO=4&transport=websocket&sid=" + session.opened["sid"])
        if spoil is None:
            websocket.cut()
        else:
            websocket.send(spoil)
            await loopback.Linked(websocket, None).assert_gone()
        await asyncio.sleep(0.02)
        await session.send("4by polling")
        await expect(session, "4by polling")


async def check_two_probes(server):
    session = await server.polling()
    first = await probe(server, session)
    assert await refused(server, "EIO=4&transport=websocket&sid=" + session.opened["sid"]) == 400
    first.send("5")
    first.send("4a")
    await expect(loopback.Linked(first, None), "4a")


async def check_websocket_cannot_upgrade(server):
    session = await server.linked()
    query = "EIO=4&transport=%s&sid=" + session.opened["sid"]
    assert await refused(server, query % "websocket") == 400
    assert (await server.request("GET", query % "polling"))[0] == 400
    assert (await server.request("POST", query % "polling", "4a"))[0] == 400
    await session.send("4a")
    await expect(session, "4a")


async def echo(server, headers=None):
    return loopback.Linked(await wire.WebSocket.open(server.port, "/echo", headers), None)


async def check_echo(server):
    session = await echo(server, {"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "sec-websocket-extensions" not in session.websocket.headers
    messages = ["", "a", b"", b"\0" * 70000, "ü" * 40000, "\0", b"x" * (64 << 20)]
    for message in messages:
        await session.send(message)
        await expect(session, message)
    await session.send(b"x" * (64 << 20) + b"y")
    await session.assert_gone()


async def check_frames(server):
    """RFC 6455: fragments, control frames between them, and what must not come."""
    session = await echo(server)
    websocket = session.websocket
    websocket.send_frame(wire.TEXT, b"\xc3", first=0)
    websocket.send_frame(wire.PING, b"beat")
    websocket.send_frame(0, b"\xbc", first=0)
    websocket.send_frame(0, b"")
    assert await websocket.receive_frame() == (wire.PONG, b"beat")
    assert await websocket.receive_frame() == (wire.TEXT, "ü".encode())
    websocket.send_frame(wire.CLOSE, b"\x0b\xb8bye")
    assert await websocket.receive_frame() == (wire.CLOSE, b"\x0b\xb8")

    for code, opcode, payload, first in (
        (1002, wire.TEXT, b"x", 0xc0), (1002, 3, b"", 0x80), (1002, 0, b"x", 0x80),
        (1002, wire.PING, b"x" * 126, 0x80), (1002, wire.PING, b"", 0), (1002, wire.CLOSE, b"x", 0x80),
        (1002, wire.CLOSE, b"\x03\xed", 0x80), (1007, wire.TEXT, b"\xff", 0x80),
    ):
        websocket = (await echo(server)).websocket
        websocket.send_frame(opcode, payload, first)
        opcode, payload = await asyncio.wait_for(websocket.receive_frame(), TIMEOUT)
        assert (opcode, int.from_bytes(payload[:2], "big")) == (wire.CLOSE, code), (code, payload)


if __name__ == "__main__":
    loopback.run("engine", globals())
