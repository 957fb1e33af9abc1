#!/usr/bin/python3
"""Socket.IO, revision 5, as https://github.com/socketio/socket.io-protocol tells it, against
bipe-loopback: namespaces / and /custom, a CONNECT limit of 1,000 ms."""

import asyncio
import json
import re

import loopback
from loopback import each_transport, expect, now

PLACEHOLDERS = [json.dumps({"_placeholder": True, "num": n}, separators=(",", ":")) for n in (0, 1)]


async def connect(session, space="", auth=""):
    """Returns the sid in the namespace; `auth` follows it at once."""
    await session.send("40" + (space + "," if space else "") + auth)
    head = re.escape("40" + (space + "," if space else ""))
    packet = await session.receive()
    match = re.fullmatch(head + r'\{"sid":"([\w-]{20,})"\}', packet)
    assert match, packet
    await expect(session, '42%s["auth",%s]' % (space + "," if space else "", auth or "{}"))
    return match.group(1)


async def check_connect(server):
    async for session in each_transport(server):
        sids = {session.opened["sid"], await connect(session)}
        sids.add(await connect(session, "/custom", '{"token":"ü","n":1.10}'))
        assert len(sids) == 3, sids
    session = await server.linked()
    await connect(session, auth='{"token":"123"}')


async def check_unknown_namespace(server):
    async for session in each_transport(server):
        await session.send("40/random,")
        await expect(session, '44/random,{"message":"Invalid namespace"}')
        await session.send('40/random,{"token":1}')
        await expect(session, '44/random,{"message":"Invalid namespace"}')
        await connect(session, "/custom")


async def check_query_in_namespace(server):
    session = await server.linked()
    await session.send("40/custom?key=value,")
    assert (await session.receive()).startswith('40/custom,{"sid":')


async def check_connect_limit(server):
    """A refused namespace does not count as one."""
    for packet in (None, "40/random,"):
        async for session in each_transport(server):
            start = now()
            if packet is not None:
                await session.send(packet)
                await session.receive()
            try:
                await session.receive()
                raise AssertionError("something came")
            except loopback.wire.Closed:
                assert 0.9 < now() - start < 1.4, now() - start


async def check_no_connect_first(server):
    for packet in ('42["message"]', "41", '43["a"]', '44{"message":"x"}', "40[]", '40"x"', "4"):
        session = await server.linked()
        start = now()
        await session.send(packet)
        await session.assert_gone()
        assert now() - start < 0.3, packet


async def check_events(server):
    async for session in each_transport(server):
        await connect(session)
        await connect(session, "/custom")
        for arguments in (
            "1.10", '"2",{"3":[true]},null,-0.0,1e300', "9007199254740993", '{"a" : [1, 2]}',
            r'"\u00e9é\ud83d\ude00😀"', "[[[]]]",
        ):
            await session.send('42["message",%s]' % arguments)
            await expect(session, '42["message-back",%s]' % arguments)
            await session.send('42/custom,["message",%s]' % arguments)
            await expect(session, '42/custom,["message-back",%s]' % arguments)
        await session.send('42["message"]', '42["unheard of",1]', '42["message",2]')
        await expect(session, '42["message-back"]', '42["message-back",2]')


async def check_acks(server):
    async for session in each_transport(server):
        await connect(session)
        await connect(session, "/custom")
        for number in ("0", "456", "9007199254740993", "18446744073709551615"):
            await session.send('42%s["message-with-ack",1.10,"2",{"3":[false]}]' % number)
            await expect(session, '43%s[1.10,"2",{"3":[false]}]' % number)
            await session.send('42/custom,%s["message-with-ack"]' % number)
            await expect(session, "43/custom,%s[]" % number)


async def check_binary(server):
    first, second = PLACEHOLDERS
    session = await server.linked()
    await connect(session)
    await connect(session, "/custom")
    await session.send('451-["message",%s]' % first, b"\1\2\3")
    await expect(session, '451-["message-back",%s]' % first, b"\1\2\3")
    await session.send('452-/custom,["message",%s,{"a":%s}]' % (first, second), b"\1", b"")
    await expect(session, '452-/custom,["message-back",%s,{"a":%s}]' % (first, second), b"\1", b"")
    await session.send('451-789["message-with-ack",%s]' % first, b"\4")
    await expect(session, "461-789[%s]" % first, b"\4")

    session = await server.polling()
    await connect(session)
    await session.send('452-["message",%s,%s]' % (first, second), "bAQID", "bBAUG")
    status, body = await session.get()
    assert body == "\x1e".join(
        ['452-["message-back",%s,%s]' % (first, second), "bAQID", "bBAUG"]), body
    await session.send('451-7["message-with-ack",%s]' % first, "bAQID")
    await expect(session, "461-7[%s]" % first, "bAQID")


async def check_disconnect(server):
    async for session in each_transport(server):
        first = await connect(session)
        await connect(session, "/custom")
        await session.send("41", '42/custom,["message",1]')
        await expect(session, '42/custom,["message-back",1]')
        assert await connect(session) != first
        await session.send("41/custom,", '42["message",2]')
        await expect(session, '42["message-back",2]')
        await connect(session, "/custom")
    session = await server.linked()
    await connect(session)
    await session.send("41")
    assert await session.websocket.receive() == "2"  # and nothing before it


async def check_malformed(server):
    first = PLACEHOLDERS[0]
    for packets in (
        ["4abc"], ["4"], ["47"], ["42"], ["42{}"], ["42[]"], ["42[1]"], ['42["message"'],
        ['42["message"]x'], ["42['message']"], ['42["message",01]'], ['42-1["message"]'],
        ['4299999999999999999999["message"]'], ['42["message",NaN]'], ["40"], ["40{}"],
        ['42/random,["message"]'], ["41/random,"], ['45["message"]'],
        ['451-["message"]', b"\1"], ['451-["message",%s]' % first, '42["message"]'],
        ['4599999999-["message",%s]' % first], ['42["message",%s%s]' % ("[" * 100, "]" * 100)],
        [b"\1\2"], ["43"], ["43{}"], ['44{"message":"x"}'],
    ):
        session = await server.linked()
        await connect(session)
        start = now()
        await session.send(*packets)
        await asyncio.wait_for(session.assert_gone(), 5)
        assert now() - start < 0.25, packets

    session = await server.polling()
    await connect(session)
    await session.post("4abc")
    await session.assert_gone()


async def check_upgrade(server):
    """What is connected stays so, and nothing is lost between the transports."""
    session = await server.polling()
    await connect(session)
    hanging = asyncio.create_task(session.get())
    websocket = await server.websocket("EIO=4&transport=websocket&sid=" + session.opened["sid"])
    websocket.send("2probe")
    linked = loopback.Linked(websocket, session.opened)
    await expect(linked, "3probe")
    assert await hanging == (200, "6")
    await session.send('42["message",1]')
    websocket.send("5")
    websocket.send('42["message",2]')
    await expect(linked, '42["message-back",1]', '42["message-back",2]')


if __name__ == "__main__":
    loopback.run("socketio", globals())
