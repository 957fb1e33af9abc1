#!/usr/bin/python3
"""`bipe-server token`, with and without a station that runs; the key's file; that no token is in a log, nor
shown to strangers, whom `health` does not believe either;
and 10,000 wrong tokens a second while a scanner works.

By hand, on an idle machine: test-tokens.py --flood --strict --seconds 20 demands the bound of 50 ms of the
99th percentile, which a busy machine does not keep."""

import argparse
import fcntl
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import threading
import time

import lab
from lab import Folder, Server, wait_for

FLOOD_CONNECTIONS = 16
RATE = 10000
DURABLE_MAX = 0.050


def run(folder, data, *arguments, **settings):
    """Status, output, errors of `bipe-server …`."""
    settings.setdefault("BIPE_DATA_DIR", folder.join(data))
    environment = folder.environment(**settings)
    done = subprocess.run(
        [lab.SERVER, *arguments], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def token(folder, data, *arguments, **settings):
    return run(folder, data, "token", *arguments, **settings)


def give(folder, data, *arguments):
    status, output, errors = token(folder, data, "new", *arguments)
    assert status == 0 and output.count("\n") == 1, (status, output, errors)
    return output.strip(), errors.split("\t")[0]


def bearer(text):
    return {"Authorization": "Bearer " + text, "Content-Type": "application/json"}


def status_of(server, text, path="/v1/queue"):
    return server.request("GET", path, None, bearer(text))[0]


def test_usage(folder):
    for arguments in (
        [], ["new"], ["list", "x"], ["revoke"], ["steal", "x"], ["new", "a", "b"],
        ["new", "a", "--scopes", "root"], ["new", "a", "--scopes="], ["new", "", "--days=1"],
        ["new", "a", "--days=-1"], ["new", "a", "--days", "0"], ["new", "a", "--days=3651"], ["new", "a", "--days=x"],
        ["new", "a\nb"], ["list", "--no-such-option"],
    ):
        status, output, errors = token(folder, "usage", *arguments)
        assert status == 2 and output == "" and errors != "", (arguments, status, output, errors)
    status, output, errors = token(folder, "usage", "revoke", "nothing")
    assert (status, output) == (1, "") and "no token" in errors, errors
    status, _, errors = token(folder, "usage", "list", BIPE_PROFILE="testing", BIPE_DATA_DIR="")
    assert status == 2 and "--data-dir" in errors, errors


def test_without_a_station(folder):
    """What is given out and taken back while nothing runs counts when it does."""
    kept, _ = give(folder, "first", "kept", "--scopes", "read", "--days", "3")
    gone, jti = give(folder, "first", "gone")
    key = folder.join("first/secret.key")
    assert os.stat(key).st_mode & 0o777 == 0o600 and os.stat(key).st_size == 32
    assert token(folder, "first", "revoke", jti)[0] == 0
    with Server(folder, data="first") as server:
        assert status_of(server, kept) == 200
        assert status_of(server, gone) == 401
        assert status_of(server, kept, "/v1/tokens") == 403
        assert server.stop() == 0


def test_with_a_station(folder):
    with Server(folder, data="second", BIPE_LOG_LEVEL="debug") as server:
        text, jti = give(folder, "second", "till 2", "--scopes=scan,read,void")
        assert status_of(server, text) == 200
        status, output, _ = token(folder, "second", "list")
        line = output.rstrip("\n").split("\t")
        assert status == 0 and output.count("\n") == 1, output
        assert line[:3] == [jti, "till 2", "scan,read,void"] and line[-1] == "revoked -", line
        assert "last used 20" in output, output

        # Out within a second, the socket that is open too.
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        stream.sendall(("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        "Authorization: Bearer %s\r\n\r\n" % text).encode())
        assert stream.recv(65536).startswith(b"HTTP/1.1 200")
        query = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        query.request("GET", "/v1/events?token=" + text, headers={"Accept": "text/event-stream"})
        assert query.getresponse().status == 200
        query.close()
        assert token(folder, "second", "revoke", jti)[0] == 0
        start = time.monotonic()
        while stream.recv(65536):
            pass
        assert time.monotonic() - start < 1
        assert status_of(server, text) == 401
        assert status_of(server, text, "/v1/queue?token=" + text) == 401
        # Neither the one that was given nor that by which the command has asked.
        assert server.stop() == 0
        assert "eyJ" not in server.read_log() and text.split(".")[2] not in server.read_log()


def test_restart(folder):
    """The key and the list are the same after a crash."""
    with Server(folder, data="third") as server:
        text, _ = give(folder, "third", "till")
        gone, jti = give(folder, "third", "gone")
        assert token(folder, "third", "revoke", jti)[0] == 0
        server.kill()
    with Server(folder, data="third") as server:
        assert status_of(server, text) == 200 and status_of(server, gone) == 401
        assert server.stop() == 0


def test_port_zero(folder):
    """A free port was taken, and another address is tried by nobody."""
    with Server(folder, data="fourth") as server:
        with open(folder.join("fourth/lock")) as lock:
            assert lock.read() == "%d\nhttp://127.0.0.1:%d\n" % (server.process.pid, server.port)
        assert server.stop() == 0


def test_key_file(folder):
    path = folder.join("named.key")
    settings = {"BIPE_SECRET_KEY_FILE": path}
    with Server(folder, data="fifth", **settings) as server:
        status, text, _ = token(folder, "fifth", "new", "till", **settings)
        assert status == 0 and status_of(server, text.strip()) == 200
        assert server.stop() == 0
    assert not os.path.exists(folder.join("fifth/secret.key"))
    for mode, content, word in ((0o644, b"k" * 32, "other users"), (0o600, b"k" * 33, "33 bytes")):
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, mode)
        done = subprocess.run(
            [lab.SERVER], env=folder.environment(BIPE_DATA_DIR=folder.join("fifth"), **settings),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60,
        )
        assert done.returncode == 2 and word in done.stderr and path in done.stderr, done.stderr


def test_needs_token(folder):
    with Server(folder, data="sixth", BIPE_LOOPBACK_WITHOUT_TOKEN="off") as server:
        status, body = server.request("GET", "/v1/queue")
        assert status == 401 and json.loads(body)["error_code"] == 1003, body
        text, _ = give(folder, "sixth", "till")
        assert status_of(server, text) == 200
        assert server.stop() == 0


class Stranger:
    """Has a station's port; answers with @answer, or never."""

    def __init__(self):
        self.answer, self.heard = None, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        kept = []
        while True:
            peer = self.socket.accept()[0]
            self.heard += peer.recv(65536)
            if self.answer is None:
                kept.append(peer)
            else:
                peer.sendall(self.answer)
                peer.close()


def reply(body, status="200 OK"):
    return ("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body)).encode()


def test_strangers(folder):
    """The address in the lock counts only while somebody has the lock, and health shows him nothing."""
    def fails(word, *command, data="seventh"):
        status, output, errors = run(folder, data, *command)
        assert (status, output) == (1, "") and word in errors, (word, status, output, errors)

    fails("no station runs on " + folder.join("nowhere"), "health", data="nowhere")
    fails("no station runs on", "pair", "--scopes=scan", data="nowhere")
    assert not os.path.exists(folder.join("nowhere"))

    os.mkdir(folder.join("seventh"))
    stranger = Stranger()
    with open(folder.join("seventh/lock"), "w") as lock:
        lock.write("1\nhttp://127.0.0.1:%d\n" % stranger.port)
        lock.flush()
        stranger.answer = reply('{"data":{"status":"ok"}}')
        fails("no station runs on", "health")
        fails("no station runs on", "pair", "--scopes=scan")
        assert os.listdir(folder.join("seventh")) == ["lock"] and stranger.heard == b""

        fcntl.flock(lock, fcntl.LOCK_EX)
        for answer, word in (
            (reply("<html>It works!</html>"), "no station"), (reply('{"data":{"status":"fine"}}'), "no station"),
            (reply('{"data":[]}'), "no station"), (reply("{}", "404 Not Found"), "no station"),
            (reply('{"message":"the disk is full"}', "503 Busy"), "the disk is full"),
            (reply("", "302 Found\r\nLocation: http://127.0.0.1:%d/" % stranger.port), "no station"),
            (b"\0" * 100, "cannot ask"), (None, "does not answer within 5 s"),
        ):
            stranger.answer = answer
            fails(word, "health")
        stranger.answer = reply('{"data":{"status":"degraded"}}')
        assert run(folder, "seventh", "health")[:2] == (0, "degraded\n")
        assert stranger.heard.count(b"GET /v1/health ") == stranger.heard.count(b"GET ") == 9, stranger.heard
        assert b"authorization" not in stranger.heard.lower()
        lock.truncate(0)
        fails("listens nowhere", "health")
        assert os.listdir(folder.join("seventh")) == ["lock"]

    # By TLS alone, and with a token from all others.
    with Server(folder, data="eighth", BIPE_TLS="on", BIPE_LOOPBACK_WITHOUT_TOKEN="off") as server:
        assert run(folder, "eighth", "health")[:2] == (0, "ok\n")
        assert server.stop() == 0
    fails("no station runs on", "health", data="eighth")


def guess(port, end, n, rate):
    """Wrong tokens, one behind the other, @rate a second."""
    request = (b"GET /v1/scans HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
               b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.%s\r\n\r\n" % (b"A" * 43))
    count, start = 0, time.monotonic()
    sock = socket.create_connection(("127.0.0.1", port), timeout=60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while time.monotonic() < end:
        sock.sendall(request)
        answer = sock.recv(65536)
        assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 429")), answer
        count += 1
        time.sleep(max(0, start + count / rate - time.monotonic()))
    with n.get_lock():
        n.value += count


def flood(port, seconds, n):
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=guess, args=(port, end, n, RATE / 2 / FLOOD_CONNECTIONS))
               for _ in range(FLOOD_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_flood(folder, seconds, is_strict):
    """A scanner behind the attacker's own address, with a token."""
    with Server(folder, data="flood", BIPE_LOG_LEVEL="warning") as server:
        text, _ = give(folder, "flood", "scanner", "--scopes=scan")
        n = multiprocessing.Value("l", 0)
        attackers = [multiprocessing.Process(target=flood, args=(server.port, seconds, n))
                     for _ in range(2)]
        for attacker in attackers:
            attacker.start()
        time.sleep(0.5)
        times = []
        scanner = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while len(times) < 10 or any(attacker.is_alive() for attacker in attackers):
            start = time.monotonic()
            scanner.request("POST", "/v1/scans", json.dumps({"code": str(len(times))}), bearer(text))
            answer = scanner.getresponse()
            assert answer.status == 201, answer.read()
            answer.read()
            times.append(time.monotonic() - start)
            time.sleep(0.01)
        for attacker in attackers:
            attacker.join()
            assert attacker.exitcode == 0
        p99 = statistics.quantiles(times, n=100)[98]
        print("%d wrong tokens a second; scans: %d, median %.1f ms, 99%% %.1f ms, worst %.1f ms" % (
            n.value / seconds, len(times), 1000 * statistics.median(times), 1000 * p99,
            1000 * max(times)))
        assert not is_strict or p99 < DURABLE_MAX, p99
        assert server.stop() == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--flood", action="store_true", help="nothing but the flood")
    arguments = parser.parse_args()
    with Folder() as folder:
        if arguments.flood:
            test_flood(folder, arguments.seconds, arguments.strict)
            return
        test_usage(folder)
        test_without_a_station(folder)
        test_with_a_station(folder)
        test_restart(folder)
        test_port_zero(folder)
        test_key_file(folder)
        test_needs_token(folder)
        test_strangers(folder)
        test_flood(folder, arguments.seconds, arguments.strict)


main()
