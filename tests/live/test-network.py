#!/usr/bin/python3
"""The station on one machine, a client on another: who reaches what with each of the settings. Two network
namespaces joined by a veth pair; skipped where none can be made."""

import hashlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time

import lab
import network
from lab import Folder, Server


def lenient():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def ask(host, port, path, token=None, is_secure=True, method="GET", body=None, headers=()):
    """Status and body; 0 where nobody listens."""
    kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
    options = {"context": lenient()} if is_secure else {}
    connection = kind(host, port, timeout=20, **options)
    given = dict(headers, **({"Authorization": "Bearer " + token} if token else {}))
    if body is not None:
        given["Content-Type"] = "application/json"
    try:
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionRefusedError, TimeoutError):
        return 0, b""
    finally:
        connection.close()


def pin(host, port):
    """The fingerprint of the certificate that is shown there."""
    with socket.create_connection((host, port), timeout=20) as plain:
        with lenient().wrap_socket(plain) as connection:
            return hashlib.sha256(connection.getpeercert(True)).hexdigest()


def give_token(folder, scopes):
    done = subprocess.run(
        [lab.SERVER, "token", "new", "phone", "--scopes", scopes],
        env=folder.environment(BIPE_DATA_DIR=folder.join("data")), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=True, text=True, timeout=60,
    )
    return done.stdout.strip()


def test_default(net, folder):
    """Nobody else reaches a station with the settings as they come."""
    with net.inside("station"), Server(folder) as server:
        assert server.get("/v1/scans")[0] == 200
        with net.inside("phone"):
            for address in (net.addresses["station"], net.addresses6["station"]):
                assert ask(address, server.port, "/v1/health", is_secure=False) == (0, b"")
        assert server.stop() == 0


def test_lan(net, folder):
    with net.inside("station"), Server(folder, BIPE_LISTEN="lan") as server:
        token = give_token(folder, "scan,read")
        near = server.request("GET", "/v1/scans")[0], server.request("GET", "/v1/health")[0]
        assert near == (401, 200), near
        with net.inside("phone"):
            for address in (net.addresses["station"], net.addresses6["station"]):
                assert pin(address, server.port) in server.read_log()
                assert "https://" + ("[%s]" if ":" in address else "%s") % address in server.read_log()
                assert ask(address, server.port, "/v1/health")[0] == 200
                assert ask(address, server.port, "/v1/scans")[0] == 401
                assert ask(address, server.port, "/v1/scans", "no.such.token")[0] == 401
                assert ask(address, server.port, "/v1/scans", token)[0] == 200
                assert ask(address, server.port, "/v1/tokens", token)[0] == 403
                assert ask(address, server.port, "/v1/health", is_secure=False)[0] == 426
                status, body = ask(address, server.port, "/v1/scans", token, method="POST",
                                   body='{"code":"from %s"}' % address)
                assert status == 201, (status, body)
            # A name that leads here is nobody's, unless it is this machine's (DNS rebinding).
            for host, expected in (("evil.example", 421), (socket.gethostname(), 200)):
                status, _ = ask(net.addresses["station"], server.port, "/v1/health",
                                headers={"Host": "%s:%d" % (host, server.port)})
                assert status == expected, (host, status)
            # Somebody else's address is not loopback, whatever he says.
            for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
                status, _ = ask(net.addresses["station"], server.port, "/v1/scans",
                                headers={name: "127.0.0.1"})
                assert status == 401, (name, status)
        server.wait_until_stored()
        rows = json.loads(server.request("GET", "/v1/scans", None, {
            "Authorization": "Bearer " + token})[1])["data"]
        assert [row["code"] for row in rows] == [
            "from " + net.addresses["station"], "from " + net.addresses6["station"]], rows

        # An address that comes later is served, and the certificate stays: devices have pinned it.
        before = pin("127.0.0.1", server.port)
        net.add_address("station", "10.99.7.77/24")
        with net.inside("phone"):
            assert ask("10.99.7.77", server.port, "/v1/health")[0] == 200
            assert pin("10.99.7.77", server.port) == before
        assert server.stop() == 0
    with net.inside("station"), Server(folder, BIPE_LISTEN="lan") as server:
        assert pin("127.0.0.1", server.port) == before
        assert "does not name 10.99.7.77" in server.read_log()
        assert server.stop() == 0


def test_some(net, folder):
    """One address, and loopback without a token by the administrator's wish."""
    listen = "127.0.0.1," + net.addresses["station"]
    with net.inside("station"), Server(folder, BIPE_LISTEN=listen,
                                       BIPE_LOOPBACK_WITHOUT_TOKEN="on") as server:
        assert server.get("/v1/scans")[0] == 200
        # This machine by its own address is not loopback.
        assert ask(net.addresses["station"], server.port, "/v1/scans")[0] == 401
        with net.inside("phone"):
            assert ask(net.addresses["station"], server.port, "/v1/health")[0] == 200
            assert ask(net.addresses6["station"], server.port, "/v1/health")[0] == 0
        assert server.stop() == 0


def test_plain(net, folder):
    """tls=off, knowingly."""
    with net.inside("station"), Server(folder, BIPE_LISTEN="lan", BIPE_TLS="off") as server:
        token = give_token(folder, "read")
        with net.inside("phone"):
            host = net.addresses["station"]
            assert ask(host, server.port, "/v1/scans", token, is_secure=False)[0] == 200
            assert ask(host, server.port, "/v1/scans", is_secure=False)[0] == 401
        assert server.stop() == 0


def test_cable(net, folder):
    """Who loses his network within a handshake, or on a kept connection, is let go in time."""
    with net.inside("station"), Server(folder, BIPE_LISTEN="lan", BIPE_TIME_LIMIT="2") as server:
        with net.inside("phone"):
            host = net.addresses["station"]
            begun = socket.create_connection((host, server.port), timeout=20)
            begun.sendall(b"\x16\x03\x01")
            kept = lenient().wrap_socket(socket.create_connection((host, server.port), timeout=20))
            kept.sendall(b"GET /v1/health HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode())
            assert kept.recv(12) == b"HTTP/1.1 200"
        count = lambda: sum(
            ":%04X" % server.port in line.split()[1] and line.split()[3] == "01"
            for line in open("/proc/%d/net/tcp" % server.process.pid).readlines()[1:])
        assert count() >= 2, count()
        network.Network.ip("-n", net.names["station"], "link", "set", "eth0", "down")
        time.sleep(5)
        assert count() == 0, count()
        assert server.get("/v1/health")[0] == 200
        assert server.stop() == 0
        begun.close()
        kept.close()


def main():
    net = network.open_or_skip()
    with net, Folder() as folder:
        test_default(net, folder)
        test_lan(net, folder)
        test_some(net, folder)
        test_plain(net, folder)
        test_cable(net, folder)


if __name__ == "__main__":
    sys.exit(main())
