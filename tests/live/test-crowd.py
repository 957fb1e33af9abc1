#!/usr/bin/python3
"""Whoever shows no token may take neither all connections nor all sessions of Socket.IO. Two network namespaces
joined by a veth pair, since nothing of this counts on loopback; skipped where none can be made."""

import http.client
import json
import socket
import subprocess
import sys
import time

import lab
import network
from lab import Folder, Server

PLACES = 100  # of all connections
KEPT = 32  # of these for loopback
OF_ONE = 20  # of these for one address
NEWCOMERS = 1000  # sessions of one address that are in no namespace
OPEN = "/socket.io/?EIO=4&transport=polling"


def give_token(folder):
    done = subprocess.run(
        [lab.SERVER, "token", "new", "phone", "--scopes", "scan"],
        env=folder.environment(BIPE_DATA_DIR=folder.join("data")), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=True, text=True, timeout=60,
    )
    return done.stdout.strip()


def is_served(connection):
    """Whether it is let in: a silent one is waited for, one too many is told so and hung up on."""
    connection.settimeout(0.5)
    try:
        return connection.recv(4096)[:12] not in (b"", b"HTTP/1.1 503")
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def connect(server, address, source):
    return socket.create_connection((address, server.port), 20, (source, 0))


def fill(server, address, sources, n):
    """As many silent connections, from each of the sources in turn."""
    return [connect(server, address, sources[i % len(sources)]) for i in range(n)]


def close(connections):
    for connection in connections:
        connection.close()


def test_places(net, folder):
    """Whatever comes from outside, this machine finds room; IPv6 counts by the network."""
    sources = ["10.99.7.%d" % i for i in range(20, 24)]
    sources6 = ["fd99:7::%d" % i for i in range(20, 24)]
    for source in sources:
        net.add_address("phone", source + "/24")
    for source in sources6:
        net.add_address("phone", source + "/64")
    with net.inside("station"), Server(
            folder, BIPE_LISTEN="lan", BIPE_TLS="off", BIPE_MAX_CONNECTIONS=str(PLACES),
            BIPE_MAX_CONNECTIONS_PER_ADDRESS=str(OF_ONE)) as server:
        with net.inside("phone"):
            held = fill(server, net.addresses6["station"], sources6, OF_ONE)
            for source in sources6:
                with connect(server, net.addresses6["station"], source) as one:
                    assert not is_served(one), source
            held += fill(server, net.addresses["station"], sources, PLACES - KEPT - OF_ONE)
            assert all(is_served(one) for one in (held[0], held[-1]))
            with connect(server, net.addresses["station"], net.addresses["phone"]) as one:
                assert not is_served(one)
        near = [connect(server, "127.0.0.1", "127.0.0.%d" % (i + 1)) for i in range(KEPT - 1)]
        assert is_served(near[-1])
        assert server.request("GET", "/v1/health")[0] == 200
        assert give_token(folder)
        close(held + near)
        assert server.stop() == 0


class Phone:
    """One connection, as a client that polls."""

    def __init__(self, host, port, token=None):
        self.connection = http.client.HTTPConnection(host, port, timeout=20)
        self.headers = {"Authorization": "Bearer " + token} if token else {}

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def open(self):
        """The sid, or the status of a refusal."""
        status, body = self.ask("GET", OPEN)
        return json.loads(body[1:])["sid"] if status == 200 else status

    def join(self, token):
        path = OPEN + "&sid=" + self.open()
        assert self.ask("POST", path, "40" + json.dumps({"token": token})) == (200, "ok")
        status, body = self.ask("GET", path)
        assert status == 200 and body.startswith("40{"), (status, body)


def test_newcomers(net, folder):
    with net.inside("station"), Server(folder, BIPE_LISTEN="lan", BIPE_TLS="off") as server:
        token = give_token(folder)
        with net.inside("phone"):
            phone = Phone(net.addresses["station"], server.port)
            # Those that are in do not count, however many.
            for _ in range(NEWCOMERS + 1):
                phone.join(token)
            start = time.monotonic()
            for _ in range(NEWCOMERS):
                assert isinstance(phone.open(), str)
            assert phone.open() == 503
            # Another address has room of its own, and who shows a token at once needs none.
            assert isinstance(Phone(net.addresses6["station"], server.port).open(), str)
            assert isinstance(Phone(net.addresses["station"], server.port, token).open(), str)
        near = Phone("127.0.0.1", server.port)
        for _ in range(NEWCOMERS + 1):
            assert isinstance(near.open(), str)
        with net.inside("phone"):
            lab.wait_for("room", lambda: isinstance(phone.open(), str), 20)
            assert 8 < time.monotonic() - start < 15, time.monotonic() - start
            phone.join(token)
        assert server.stop() == 0


def main():
    net = network.open_or_skip()
    for test in (test_places, test_newcomers):
        with net, Folder() as folder:
            test(net, folder)
            print("ok " + test.__name__)
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
