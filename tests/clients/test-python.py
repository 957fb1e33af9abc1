#!/usr/bin/python3
"""python3-socketio, sync and async, against bipe-server: each transport emits what the seed's clients
do, gets its acks, and finds its scans stored once."""

import asyncio

import lab
import socketio

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


def main():
    check_full_queue()
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
