"""Drives client programs against a bipe-server, each through a proxy of its own that can be cut.

A program gets `CODE JSON` by its input: emit `message` with that value and an ack, and again after each
connect until the ack has come. It prints `connected TRANSPORT`, `upgraded TRANSPORT`, `disconnected`
and `ack CODE JSON`.
"""

import fcntl
import hashlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading

from lab import free_port, wait_for

SKIPPED = 77
HERE = os.path.dirname(os.path.abspath(__file__))


def skip(why):
    print(why)
    sys.exit(SKIPPED)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip("there is no %s" % program)


def node_modules():
    """The folder of the packages of package-lock.json, installed once for a build folder."""
    need("node", "npm")
    folder = os.path.join(os.environ["BIPE_BUILD_DIR"], "node")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(HERE, "package-lock.json"), "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(folder, "installed"), "a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        if stamp.read() != version:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(HERE, name), folder)
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder)
            if done.returncode != 0:
                skip("npm ci has failed: is the registry within reach?")
            stamp.truncate(0)
            stamp.write(version)
    return os.path.join(folder, "node_modules")


class Proxy:
    """Between a client and the server's port: to take its connections away."""

    def __init__(self, port):
        self.server, self.sockets = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.server))
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=pair, daemon=True).start()

    def pass_on(self, data, source):
        """What a kind of proxy of its own does with what it passes on."""

    def copy(self, source, target):
        try:
            while data := source.recv(65536):
                self.pass_on(data, source)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        while self.sockets:
            try:
                self.sockets.pop().shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Client:
    """A client program in its mode: polling, websocket, or upgrade."""

    def __init__(self, name, mode, server, command, **environment):
        self.name, self.mode = name, mode
        self.proxy = Proxy(server.port)
        self.acks, self.lines = {}, queue.Queue()
        self.process = subprocess.Popen(
            [*command, "http://127.0.0.1:%d" % self.proxy.port], text=True,
            env=dict(os.environ, **environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            word, *rest = line.rstrip("\n").split(" ", 2)
            if word == "ack":
                assert rest[0] not in self.acks, "acknowledged twice: " + line
                self.acks[rest[0]] = json.loads(rest[1])
            else:
                self.lines.put((word, *rest))

    def expect(self, *words):
        """The next line but acks."""
        line = self.lines.get(timeout=30)
        assert line[:len(words)] == words, (self.name, self.mode, line, words)
        return line

    def expect_connection(self):
        if self.mode == "websocket":
            self.expect("connected", "websocket")
        elif self.mode == "polling":
            self.expect("connected", "polling")
        elif self.expect("connected")[1] == "polling":
            self.expect("upgraded", "websocket")

    def emit(self, code, value):
        self.process.stdin.write("%s %s\n" % (code, json.dumps(value, separators=(",", ":"))))
        self.process.stdin.flush()

    def wait_for_acks(self, count):
        wait_for("%d acks of %s by %s" % (count, self.name, self.mode),
                 lambda: len(self.acks) == count, 30)
        for code, ack in self.acks.items():
            assert set(ack) == {"ok", "uuid", "state"} and ack["ok"] is True, (code, ack)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
