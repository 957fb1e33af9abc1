#!/usr/bin/python3
"""A device is paired over TLS, by the QR code that `bipe-server pair` shows in a terminal; it scans, is
revoked, and is out. With --in network station and device are in network namespaces of their own."""

import argparse
import contextlib
import hashlib
import json
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib

import lab
from lab import Folder, Server, wait_for
from network import open_or_skip
from phone import Desk, Phone, WrongCertificate, compute_digits

OUT_SECONDS = 1.0


def run(folder, data, *arguments, **settings):
    """Status, output, errors of `bipe-server …`."""
    done = subprocess.run(
        [lab.SERVER, *arguments],
        env=folder.environment(BIPE_DATA_DIR=folder.join(data), **settings),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def write_png(path, rows, scale=4):
    """rows: of 0 for dark and 1 for light."""
    lines = b"".join(
        (b"\0" + b"".join((b"\xff" if light else b"\0") * scale for light in row)) * scale
        for row in rows)
    chunk = lambda kind, data: struct.pack("!I", len(data)) + kind + data + struct.pack(
        "!I", zlib.crc32(kind + data))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
            "!IIBBBBB", len(rows[0]) * scale, len(rows) * scale, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


class Terminal:
    """`bipe-server pair`, and who sits before it."""

    def __init__(self, folder, data, *arguments):
        self.folder = folder
        self.process = subprocess.Popen(
            [lab.SERVER, "pair", *arguments],
            env=folder.environment(BIPE_DATA_DIR=folder.join(data)), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.output = ""

    def read_until(self, end):
        while not self.output.endswith(end):
            character = self.process.stdout.read(1)
            assert character, self.output + self.process.stderr.read()
            self.output += character

    def read_code(self):
        """As a camera sees it; the same is told as text."""
        self.read_until("within two minutes:\n")
        self.read_until("\n  ")
        link = self.process.stdout.readline().strip()
        lines = [line for line in self.output.split("\n") if set(line) <= set(" ▀▄█")]
        lines = [line for line in lines if len(line) == max(map(len, lines))]
        rows = []
        for line in lines:
            rows.append([character in " ▄" for character in line])
            rows.append([character in " ▀" for character in line])
        picture = self.folder.join("code.png")
        write_png(picture, rows)
        status, text, errors = run(self.folder, "none", "decode", picture)
        assert status == 0, (text, errors, self.output)
        # Control characters and % are escaped there; the link has neither.
        assert text.rstrip("\n").split("\t")[1:] == ["QR Code", link], (text, link)
        return link

    def read_digits(self):
        self.read_until("[y/N] ")
        return "".join(re.search(r"digits: (\d{3}) (\d{3})\n", self.output).groups())

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def finish(self):
        output, errors = self.process.communicate(timeout=60)
        self.output += output
        return self.process.returncode, errors


class Waiting:
    """A device that asks, on a thread of its own; where: a context that the thread enters."""

    def __init__(self, phone, where=contextlib.nullcontext):
        self.phone, self.where, self.status = phone, where, None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.where():
            self.status = self.phone.pair()

    def join(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.status


class Stream:
    """Events over the pinned TLS, and a Socket.IO client that scans."""

    def __init__(self, phone):
        self.events = phone.connect(10)
        self.events.request("GET", "/v1/events", headers={
            "Accept": "text/event-stream", "Authorization": "Bearer " + phone.token})
        self.answer = self.events.getresponse()
        assert self.answer.status == 200, self.answer.status
        self.socket = open_scanner(phone)

    def wait_for_end(self):
        """Seconds until both are closed."""
        start = time.monotonic()
        while self.answer.read1(65536):
            pass
        try:
            while self.socket.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        return time.monotonic() - start


def frame(text):
    data = text.encode()
    return struct.pack("!BBH", 0x81, 0x80 | 126, len(data)) + b"\0\0\0\0" + data


def open_scanner(phone):
    """A WebSocket of Socket.IO's, in which a code was acknowledged."""
    connection = phone.connect(10)
    connection.connect()
    sock = connection.sock
    sock.sendall((
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % (phone.host, phone.port)).encode())
    heard = b""

    def hear(wanted):
        nonlocal heard
        while wanted not in heard:
            data = sock.recv(65536)
            assert data, heard
            heard += data

    hear(b"\r\n\r\n")
    # A frame of less than 126 bytes would have its length elsewhere.
    sock.sendall(frame("40" + json.dumps({"token": phone.token, "x": "-" * 126})))
    hear(b"40{\"sid\":")
    sock.sendall(frame('421["message",%s]' % json.dumps({"code": "by socket", "device": "-" * 126})))
    hear(b'431[{"ok":true')
    return sock


def find_grant(desk, jti):
    return next(grant for grant in desk.request("GET", "/v1/tokens")[1]["data"] if grant["jti"] == jti)


def give_admin(folder, data):
    status, output, errors = run(folder, data, "token", "new", "admin", "--scopes=admin")
    assert status == 0, errors
    return output.strip()


# On one machine.

def test_terminal(folder):
    """By the QR code; refused, and let in with other rights than the usual ones."""
    with Server(folder, data="terminal", BIPE_TLS="on") as server:
        desk = Desk(server, give_admin(folder, "terminal"))
        for answer, status in (("n", 1), ("", 1), ("yes", 0)):
            terminal = Terminal(folder, "terminal", "--name", "door", "--days=3")
            phone = Phone(terminal.read_code(), name="Ana‮ phone")
            waiting = Waiting(phone)
            assert terminal.read_digits() == phone.digits, terminal.output
            assert "“Ana? phone” at 127.0.0.1" in terminal.output, terminal.output
            terminal.say(answer)
            if status == 0:
                terminal.say("root")
                terminal.say("scan")
            code, errors = terminal.finish()
            assert code == status, (code, terminal.output, errors)
            assert waiting.join() == (201 if status == 0 else 403)
        assert phone.scan("x") == 201 and phone.request("GET", "/v1/scans")[0] == 403
        jti = re.search("token revoke (.*)\n", terminal.output).group(1)
        grant = find_grant(desk, jti)
        assert (grant["name"], grant["scopes"], grant["scans"]) == ("door", ["scan"], 1), grant
        for secret in (phone.code, phone.nonce, phone.token, phone.digits):
            assert secret not in server.read_log()

        # Nobody at the terminal, and one who leaves.
        terminal = Terminal(folder, "terminal", "--scopes=scan")
        waiting = Waiting(Phone(terminal.read_code()))
        terminal.read_digits()
        code, errors = terminal.finish()
        assert code == 1 and waiting.join() == 403, (code, errors)
        assert server.stop() == 0


def test_usage(folder):
    for arguments, status, word in (
        (["pair", "x"], 2, "--scopes"), (["pair", "--scopes=root"], 2, "root"),
        (["pair", "--days=x"], 2, "days"), (["pair", "--days=0"], 2, "from 1 to 3650"),
        (["pair"], 1, "no station runs"),
    ):
        found = run(folder, "usage", *arguments)
        assert found[0] == status and word in found[2], found
    with Server(folder, data="usage", BIPE_TLS="off"):
        found = run(folder, "usage", "pair")
        assert found[0] == 1 and "TLS" in found[2], found


def test_broken(folder):
    """The device's connection breaks while the operator looks at the digits: it asks again, and gets what
    was given meanwhile. Several requests of one device are answered together."""
    with Server(folder, data="broken", BIPE_TLS="on") as server:
        desk = Desk(server, give_admin(folder, "broken"))
        phone = Phone(desk.offer()["links"][0])
        connection = phone.connect()
        connection.request("POST", "/v1/pair", json.dumps(
            {"code": phone.code, "nonce": phone.nonce, "name": "phone"}),
            {"Content-Type": "application/json"})
        status, answer = desk.wait()
        assert status == 200 and answer["data"] == {
            "state": "asked", "name": "phone", "address": "127.0.0.1", "digits": phone.digits}, answer
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()
        time.sleep(0.2)
        assert desk.approve(phone.digits, name="till")[1]["data"]["name"] == "till"
        assert phone.pair() == 201 and phone.scan("x") == 201

        phone = Phone(desk.offer()["links"][0])
        both = [Waiting(phone) for _ in range(2)]
        assert desk.wait()[0] == 200
        time.sleep(0.2)
        assert desk.approve(phone.digits)[0] == 200
        assert [waiting.join() for waiting in both] == [201, 201]

        # A stop waits for nobody who waits.
        waiting = Waiting(Phone(desk.offer()["links"][0]))
        assert desk.wait()[0] == 200
        start = time.monotonic()
        assert server.stop() == 0 and time.monotonic() - start < 3
        assert waiting.join() == 403


class Middleman:
    """Who stands between, with a certificate of his own, and hands everything on."""

    def __init__(self, folder, port):
        key, self.certificate = folder.join("middle.key"), folder.join("middle.crt")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
             "-keyout", key, "-out", self.certificate], check=True, stderr=subprocess.DEVNULL)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def fingerprint(self):
        with open(self.certificate) as file:
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()

    def accept(self):
        while True:
            client = self.listener.accept()[0]
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with self.context.wrap_socket(client, server_side=True) as front, \
                    context.wrap_socket(socket.create_connection(("127.0.0.1", self.target))) as back:
                # The request's head and its body, each in a record of its own.
                for _ in range(2):
                    back.sendall(front.recv(65536))
                while data := back.recv(65536):
                    front.sendall(data)
        except OSError:
            pass


def test_middleman(folder):
    """Who pins the certificate does not speak to him; who does not shows other digits."""
    with Server(folder, data="middle", BIPE_TLS="on") as server:
        desk = Desk(server, give_admin(folder, "middle"))
        middleman = Middleman(folder, server.port)
        link = desk.offer()["links"][0]
        phone = Phone(link)
        phone.port = middleman.port
        try:
            phone.ask()
            raise AssertionError("the phone has spoken to another certificate")
        except WrongCertificate:
            pass

        phone.fingerprint = middleman.fingerprint
        waiting = Waiting(phone)
        shown = desk.wait()[1]["data"]["digits"]
        true = Phone(link).fingerprint
        assert shown == compute_digits(phone.code, phone.nonce, true) != phone.digits
        desk.close()
        assert waiting.join() == 403
        assert server.stop() == 0


# On a network.

def check_out(folder, phone, where):
    """Revoked: out within a second of it, wherever it was."""
    with where("phone"):
        stream = Stream(phone)
        stayed = phone.request("GET", "/v1/queue")[0]
    assert stayed == 200
    done = {}

    def wait():
        done["seconds"] = stream.wait_for_end()
        done["at"] = time.monotonic()

    watcher = threading.Thread(target=wait)
    watcher.start()
    with where("station"):
        status, output, errors = run(folder, "network", "token", "list")
        jti = next(line.split("\t")[0] for line in output.splitlines() if "\tphone\t" in line)
        start = time.monotonic()
        status, _, errors = run(folder, "network", "token", "revoke", jti)
        asked = time.monotonic()
        assert status == 0, errors
    watcher.join(10)
    assert not watcher.is_alive(), "still in"
    print("revoked: the command took %.3f s; the sockets were closed %.3f s after its start" % (
        asked - start, done["at"] - start))
    assert done["at"] - start < OUT_SECONDS, done
    with where("phone"):
        status, _, answer = phone.request("GET", "/v1/queue")
        assert (status, answer["error_code"]) == (401, 10031), answer
        assert phone.scan("late") == 401


def test_network(folder):
    with open_or_skip() as network:
        where = network.inside
        with where("station") as address:
            server = Server(folder, data="network", BIPE_LISTEN="lan")
        with server:
            with where("station"):
                terminal = Terminal(folder, "network", "--scopes=scan,read")
                link = terminal.read_code()
            assert link.startswith("https://%s:%d/#pair=" % (address, server.port)), link
            phone = Phone(link)
            waiting = Waiting(phone, lambda: where("phone"))
            assert terminal.read_digits() == phone.digits
            assert "at %s asks" % network.addresses["phone"] in terminal.output, terminal.output
            terminal.say("y")
            assert terminal.finish()[0] == 0, terminal.output
            assert waiting.join() == 201
            with where("phone"):
                assert phone.scan("4006381333931") == 201
                status, _, answer = phone.request("GET", "/v1/scans?q=4006381333931")
                wait_for("the scan", lambda: phone.request("GET", "/v1/scans")[2]["data"])
                phone.token, token = None, phone.token
                assert phone.request("GET", "/v1/scans")[0] == 401
                phone.token = token
            check_out(folder, phone, where)
            with where("station"):
                status, output, _ = run(folder, "network", "token", "list")
                assert "\tphone\tscan,read\t" in output and server.stop() == 0
            for secret in (phone.code, phone.nonce, phone.token, phone.token.split(".")[2]):
                assert secret not in server.read_log()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="place", choices=("network",))
    arguments = parser.parse_args()
    with Folder() as folder:
        if arguments.place == "network":
            test_network(folder)
            return
        test_usage(folder)
        test_terminal(folder)
        test_broken(folder)
        test_middleman(folder)


main()
