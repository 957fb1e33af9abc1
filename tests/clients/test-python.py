#!/usr/bin/python3
"""python3-socketio, sync and async, against bipe-server: each transport emits what the seed's clients
do, gets its acks, and finds its scans stored once, also when its connections are cut and the server is
started anew.

By polling it does not always say that it was disconnected (python3-engineio 4.3.4, client.py). A cut
between two of its requests harms nothing: the session lives, and the next request finds it. One while
it has something to send may end its reading alone: the None that shall end its writing is then
swallowed (_write_loop), and it posts on, with nobody to read the acks, until the session ends by its
ping timeout and a post is answered with 400; this resets the client without a word (_reset), and it
never connects again. So its user has to notice that no ack comes, and to take a new client."""

import asyncio
import json
import random
import threading
import time

import drive
import lab
import socketio
from socketio.exceptions import BadNamespaceError, ConnectionError, TimeoutError

TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]]


def messages(name):
    """What is sent, and whether it is a scan."""
    return [
        (name, True),
        ({"code": name + "-object", "key": name, "symbology": "QR Code"}, True),
        ({"code": name + "-object", "key": name, "symbology": "QR Code"}, True),  # the same again
        ("", False),
        ("a\0b", False),
        (10**20, False),
        (name + "-last", True),
    ]


def check(answer, is_scan):
    assert answer["ok"] is is_scan, answer
    if not is_scan:
        assert answer["error_code"] == 1001, answer


def run_sync(url, transports):
    client = socketio.Client()
    client.connect(url, transports=transports)
    for message, is_scan in messages("sync-" + "-".join(transports)):
        check(client.call("message", message, timeout=20), is_scan)
    client.disconnect()


async def run_async(url, transports):
    client = socketio.AsyncClient()
    await client.connect(url, transports=transports)
    for message, is_scan in messages("async-" + "-".join(transports)):
        check(await client.call("message", message, timeout=20), is_scan)
    await client.disconnect()


def check_full_queue():
    """At the bound a scan is refused aloud, and what waits already stays."""
    with lab.Folder() as folder:
        settings = {"BIPE_QUEUE_MODE": "review", "BIPE_QUEUE_LIMIT": "3"}
        with lab.Server(folder, **settings) as server:
            client = socketio.Client()
            client.connect("http://127.0.0.1:%d" % server.port)
            answers = [client.call("message", "full-%d" % i, timeout=20) for i in range(4)]
            assert [answer["ok"] for answer in answers] == [True, True, True, False], answers
            assert answers[3]["error_code"] == 1010, answers
            client.emit("message", "nobody hears")
            lab.wait_for("the log", lambda: "nobody to hear of it" in server.read_log())
            client.disconnect()
            queue = server.get("/v1/queue")[1]["data"]
            assert [row["code"] for row in queue] == ["full-0", "full-1", "full-2"], queue
            assert server.stop() == 0


def check_stored(server, acknowledged):
    stored, after = {}, 0
    while rows := server.get("/v1/scans?limit=1000&after=%d" % after)[1]["data"]:
        assert not stored.keys() & {row["code"] for row in rows}
        stored.update((row["code"], row["uuid"]) for row in rows)
        after = rows[-1]["id"]
    assert stored == acknowledged, stored.items() ^ acknowledged.items()


class User(threading.Thread):
    """Sends one code after the other, each until it is acknowledged, under the same key."""

    ACK_SECONDS = 2

    def __init__(self, server, transport):
        super().__init__(daemon=True)
        self.name = type(self).__name__ + "-" + transport
        self.transport, self.proxy = transport, drive.Proxy(server.port)
        self.url = "http://127.0.0.1:%d" % self.proxy.port
        self.acknowledged, self.n_clients, self.is_done = {}, 0, False

    def message(self, code):
        return {"code": code, "key": code}

    def note(self, code, answer):
        check(answer, True)
        self.acknowledged[code] = answer["uuid"]

    def next_code(self):
        return "%s-%d" % (self.name, len(self.acknowledged))


class Sync(User):
    def connect(self):
        while True:
            self.n_clients += 1
            client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.2,
                                     randomization_factor=0)
            try:
                client.connect(self.url, transports=[self.transport])
                return client
            except ConnectionError:
                time.sleep(0.1)

    def send(self, client, code):
        """FALSE: nothing is heard of it."""
        n_silent = 0
        while n_silent < 2:
            try:
                self.note(code, client.call("message", self.message(code), timeout=self.ACK_SECONDS))
                return True
            except BadNamespaceError:
                time.sleep(0.02)  # it knows that it is disconnected, and comes back
            except TimeoutError:
                n_silent += 1
        return False

    def run(self):
        client = self.connect()
        while not self.is_done:
            if not self.send(client, self.next_code()):
                client.disconnect()
                client = self.connect()
        client.disconnect()


class Async(User):
    async def connect(self):
        while True:
            self.n_clients += 1
            client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.2,
                                          randomization_factor=0)
            try:
                await client.connect(self.url, transports=[self.transport])
                return client
            except ConnectionError:
                await asyncio.sleep(0.1)

    async def send(self, client, code):
        n_silent = 0
        while n_silent < 2:
            try:
                self.note(code, await client.call(
                    "message", self.message(code), timeout=self.ACK_SECONDS))
                return True
            except BadNamespaceError:
                await asyncio.sleep(0.02)
            except TimeoutError:
                n_silent += 1
        return False

    async def send_all(self):
        client = await self.connect()
        while not self.is_done:
            if not await self.send(client, self.next_code()):
                await client.disconnect()
                client = await self.connect()
        await client.disconnect()

    def run(self):
        asyncio.run(self.send_all())


def await_progress(users):
    """Each has an ack for something that it sends from now on."""
    counts = [len(user.acknowledged) + 2 for user in users]
    for user, count in zip(users, counts):
        lab.wait_for("acks of " + user.name, lambda: len(user.acknowledged) >= count)


def check_old_session(server, query):
    for method, body in (("GET", None), ("POST", '42["message","of old"]')):
        assert server.request(method, "/socket.io/?" + query, body)[0] == 400, method


def check_troubles():
    query = "EIO=4&transport=polling"
    with lab.Folder() as folder:
        server = lab.Server(folder)
        opened = server.request("GET", "/socket.io/?" + query)[1].decode()
        query += "&sid=" + json.loads(opened[1:])["sid"]
        users = [kind(server, transport)
                 for kind in (Sync, Async) for transport in ("polling", "websocket")]
        for user in users:
            user.start()
        for trouble in ("cut", "cut", "cut", "stop", "kill"):
            await_progress(users)
            time.sleep(random.uniform(0, 0.1))
            if trouble == "cut":
                for user in users:
                    user.proxy.cut()
            else:
                getattr(server, trouble)()
                server = lab.Server(folder, PORT=server.port)
                check_old_session(server, query)
        await_progress(users)
        for user in users:
            user.is_done = True
        for user in users:
            user.join(60)
            assert not user.is_alive(), user.name
        server.wait_until_stored()
        check_stored(server, {k: v for user in users for k, v in user.acknowledged.items()})
        for user in users:
            print("%s: %d scans, %d clients" % (user.name, len(user.acknowledged), user.n_clients))
        assert server.stop() == 0


def main():
    check_full_queue()
    check_troubles()
    with lab.Folder() as folder, lab.Server(folder) as server:
        url = "http://127.0.0.1:%d" % server.port
        expected = []
        for transports in TRANSPORTS:
            run_sync(url, transports)
            asyncio.run(run_async(url, transports))
            for kind in ("sync-", "async-"):
                name = kind + "-".join(transports)
                expected += [name, name + "-object", name + "-last"]
        server.wait_until_stored()
        stored = [row["codigo_barra"] for row in server.get("/qrcode/all")[1]]
        assert stored == expected, stored
        # The seed's flow: what was emitted is handed out once, in order.
        for code in expected:
            status, answer = server.request("POST", "/codigo/")
            assert (status, answer.decode()) == (200, "A rota recebeu: " + code), answer
        assert server.request("POST", "/codigo/")[1] == b"Nenhuma mensagem recebida..."
        assert server.get("/qrcode/id=1")[1] == {"id": 1, "codigo_barra": expected[0]}
        assert server.stop() == 0


main()
