#!/usr/bin/python3
"""Real Socket.IO clients against bipe-server: they emit and get their acks, lose their connection, lose
the server, come back by themselves, send again what has no ack yet, and each scan is stored once.

    test-reconnect.py js4|js3|js2|ws
"""

import collections
import contextlib
import os
import sys

import drive
import lab
from drive import HERE

N_CODES = 20


def start(kind, server):
    modes = ("polling", "websocket", "upgrade")
    path = drive.node_modules()
    if kind == "ws":
        command = ["node", os.path.join(HERE, "client-ws.js")]
        return [drive.Client(kind, "websocket", server, command, NODE_PATH=path)]
    module = {"js4": "socket.io-client", "js3": "socket.io-client-3", "js2": "socket.io-client-2"}[kind]
    command = ["node", os.path.join(HERE, "client.js"), module]
    return [drive.Client(kind, mode, server, [*command, mode], NODE_PATH=path) for mode in modes]


def emit_keyed(client, step):
    for number in range(N_CODES):
        code = "%s-%s-%s-%d" % (client.name, client.mode, step, number)
        client.emit(code, {"code": code, "key": code, "symbology": "QR Code", "device": client.name})


def main():
    kind = sys.argv[1]
    settings = {"BIPE_ALLOW_EIO3": "on"} if kind == "js2" else {}
    with lab.Folder() as folder, contextlib.ExitStack() as ends:
        with lab.Server(folder, **settings) as server:
            clients = [ends.enter_context(client) for client in start(kind, server)]
            for client in clients:
                client.expect_connection()
                client.emit("123456789", "123456789")
                client.emit("number", 4006381333931)
                client.wait_for_acks(2)
            for client in clients:
                emit_keyed(client, "cut")
                client.proxy.cut()
            for client in clients:
                client.expect("disconnected")
                client.expect_connection()
                client.wait_for_acks(2 + N_CODES)
            for client in clients:
                emit_keyed(client, "restart")
            assert server.stop() == 0

        with lab.Server(folder, PORT=server.port, **settings) as server:
            for client in clients:
                client.expect("disconnected")
                client.expect_connection()
                client.wait_for_acks(2 + 2 * N_CODES)
            server.wait_until_stored()
            rows = server.get("/v1/scans?limit=1000")[1]["data"]
            assert server.stop() == 0

    counts = collections.Counter(row["code"] for row in rows)
    assert counts.pop("123456789") == counts.pop("4006381333931") == len(clients), counts
    assert len(counts) == 2 * N_CODES * len(clients) and set(counts.values()) == {1}, counts
    acks = {ack["uuid"] for client in clients for ack in client.acks.values()}
    assert acks == {row["uuid"] for row in rows}, "acknowledged and stored differ"
    assert {row["source"] for row in rows} == {"remote"}


main()
