#!/usr/bin/python3
"""Clients of Engine.IO 3 and bipe-server: refused by default, served where `allow-eio3` is on, and then
readers of events, too, who say by a query where they go on."""

import asyncio
import json
import re

import lab
import wire

QUERY = "/socket.io/?EIO=3&transport="


async def connect(port):
    websocket = await wire.WebSocket.open(port, QUERY + "websocket")
    assert (await websocket.receive()).startswith('0{"sid":')
    assert await websocket.receive() == "40"
    return websocket


async def is_served(server):
    status, _, body = await wire.request(server.port, "GET", QUERY + "polling")
    assert status == 400 and json.loads(body)["error_code"] == 1001 or body.endswith(b"2:40"), body
    return status == 200


async def read_events(server):
    for query, answers in (
        ("?after=0", ("40/events,", '42/events,["event",{"seq":1,"event":"queued"')),
        ("?after=99999", ("40/events,", '42/events,["event",{"seq":0,"event":"reset"}]')),
        ("?after=", ('44/events,"after must be the seq of an event"',)),
        ("?after=-1", ('44/events,"after must be the seq of an event"',)),
        ("?after=1x", ('44/events,"after must be the seq of an event"',)),
    ):
        websocket = await connect(server.port)
        websocket.send("40/events%s," % query)
        for answer in answers:
            packet = await asyncio.wait_for(websocket.receive(), 10)
            assert packet.startswith(answer), (query, packet)
        websocket.cut()


async def outlast(server, seconds):
    """A GET hangs until the client pings, however short the time for other answers is."""
    _, _, body = await wire.request(server.port, "GET", QUERY + "polling")
    path = QUERY + "polling&sid=" + re.search(rb'"sid":"([^"]*)"', body).group(1).decode()
    hanging = asyncio.create_task(wire.request(server.port, "GET", path))
    await asyncio.sleep(seconds)
    assert not hanging.done(), hanging.result()
    assert (await wire.request(server.port, "POST", path, "1:2"))[0] == 200
    assert (await hanging)[2] == b"1:3"


async def send(server):
    websocket = await connect(server.port)
    websocket.send('421["message","4006381333931"]')
    assert (await asyncio.wait_for(websocket.receive(), 10)).startswith('431[{"ok":true,"uuid":')
    websocket.cut()


def main():
    for settings, expected in (
        ({}, False), ({"BIPE_ALLOW_EIO3": "on"}, True), ({"BIPE_PROFILE": "development"}, True),
        ({"BIPE_PROFILE": "development", "BIPE_ALLOW_EIO3": "off"}, False),
    ):
        with lab.Folder() as folder, lab.Server(folder, **settings) as server:
            assert asyncio.run(is_served(server)) == expected, settings
            if expected:
                asyncio.run(send(server))
                asyncio.run(read_events(server))
            assert server.stop() == 0
    with lab.Folder() as folder:
        with lab.Server(folder, BIPE_ALLOW_EIO3="on", BIPE_TIME_LIMIT="1") as server:
            asyncio.run(outlast(server, 3))
            assert server.stop() == 0


main()
