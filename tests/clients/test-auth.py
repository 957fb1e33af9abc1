#!/usr/bin/python3
"""python3-socketio with tokens against bipe-server, by each transport: let in, refused with its number,
and out within a second once its token is revoked."""

import os
import subprocess
import time

import lab
import socketio

TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]]


def token(folder, *arguments):
    done = subprocess.run(
        [lab.SERVER, "token", *arguments],
        env=folder.environment(BIPE_DATA_DIR=folder.join("data")), check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    return done.stdout.strip(), done.stderr.split("\t")[0]


def check_refused(url, transports, namespace, auth, error_code):
    client = socketio.Client(reconnection=False)
    errors = []
    client.on("connect_error", errors.append, namespace=namespace)
    try:
        client.connect(url, auth=auth, namespaces=[namespace], transports=transports, wait_timeout=1)
        raise AssertionError("it was let in with " + str(auth))
    except socketio.exceptions.ConnectionError:
        pass
    lab.wait_for("the refusal", lambda: errors)
    assert errors[0]["data"]["error_code"] == error_code, errors
    client.disconnect()


def check_scans(url, transports, text, name):
    client = socketio.Client()
    client.connect(url, auth={"token": text}, transports=transports)
    answer = client.call("message", name, timeout=20)
    assert answer["ok"] is True, answer
    client.disconnect()


def check_revoked(folder, server, url, transports):
    """By the namespace's token, and by a header of the handshake."""
    for way in ("auth", "header"):
        text, jti = token(folder, "new", "reader", "--scopes=read")
        client = socketio.Client(reconnection=False)
        events, ended = [], []
        client.on("event", events.append, namespace="/events")
        client.on("disconnect", lambda: ended.append(time.monotonic()), namespace="/events")
        client.connect(
            url, namespaces=["/events"], transports=transports,
            auth={"token": text} if way == "auth" else None,
            headers={"Authorization": "Bearer " + text} if way == "header" else {},
        )
        server.post("/v1/scans", {"code": "seen-" + way})
        lab.wait_for("the event", lambda: any("seen-" + way in str(event) for event in events))
        token(folder, "revoke", jti)
        start = time.monotonic()
        lab.wait_for("the end", lambda: ended)
        assert ended[0] - start < 1, (way, transports, ended[0] - start)
        client.disconnect()


def main():
    with lab.Folder() as folder, lab.Server(folder, BIPE_RATE_LIMIT_AUTH="1000") as server:
        url = "http://127.0.0.1:%d" % server.port
        scanner, _ = token(folder, "new", "till 2", "--scopes=scan")
        reader, _ = token(folder, "new", "board", "--scopes=read")
        gone, jti = token(folder, "new", "gone", "--scopes=scan,read")
        token(folder, "revoke", jti)
        for number, transports in enumerate(TRANSPORTS):
            check_scans(url, transports, scanner, "auth-%d" % number)
            check_refused(url, transports, "/events", {"token": scanner}, 1004)
            check_refused(url, transports, "/", {"token": reader}, 1004)
            check_refused(url, transports, "/", {"token": gone}, 10031)
            check_refused(url, transports, "/", {"token": "wrong"}, 10031)
            check_revoked(folder, server, url, transports)
        server.wait_until_stored()
        rows = server.get("/v1/scans")[1]["data"]
        operators = [row["operator"] for row in rows if row["code"].startswith("auth-")]
        assert operators == ["till 2"] * len(TRANSPORTS), rows
        assert server.stop() == 0
        assert "eyJ" not in server.read_log()

    with lab.Folder() as folder:
        with lab.Server(folder, BIPE_LOOPBACK_WITHOUT_TOKEN="off") as server:
            url = "http://127.0.0.1:%d" % server.port
            for transports in TRANSPORTS:
                check_refused(url, transports, "/", None, 1003)
            assert server.stop() == 0


main()
