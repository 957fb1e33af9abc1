#!/usr/bin/python3
"""Many Socket.IO clients at once, each a scanner that sends its next code when it has the ack of the
last: all are acknowledged, all are stored once, readers of events miss nothing meanwhile, and readers
that read nothing are dropped and harm nobody.

By hand, on an idle machine, with the numbers of a note:

    test-many.py --clients 1000 --codes 100 [--every 0.3] [PATH/bipe-server]

Without --every more comes than such readers can take: they are dropped at their bound, too, and come
again with the number of their last event, as any reader should."""

import argparse
import asyncio
import collections
import multiprocessing
import random
import re
import resource
import sys
import time

import lab
import wire
from lab import Folder, Server, wait_for
from readers import KINDS

SKIPPED = 77
EVENTS_MIN = 40000  # of a size that fills the system's buffers and the outbox, each some 4 MiB
SPARE_DESCRIPTORS = 100
ACK = re.compile(r'43(\d+)\[\{"ok":true,"uuid":"([\w-]+)","state":"queued"\}\]')
EVENT = re.compile(rb'"event":"(\w+)".*?"uuid":"([\w-]+)".*?"code":"([\w-]+)"')


# The scanners, in a process of their own.


class Scanner:
    def __init__(self, number, n_codes):
        self.codes = ["%04d-%06d" % (number, index) for index in range(n_codes)]
        self.stored, self.times = {}, []

    async def connect(self, port):
        self.websocket = await wire.open_socketio(port)

    async def receive(self):
        while (packet := await self.websocket.receive()) == "2":
            self.websocket.send("3")
        return packet

    async def scan(self, every):
        for index, code in enumerate(self.codes):
            await asyncio.sleep(every * 2 * random.random())
            start = time.perf_counter()
            self.websocket.send('42%d["message","%s"]' % (index, code))
            ack = ACK.fullmatch(await self.receive())
            self.times.append(time.perf_counter() - start)
            assert ack is not None and int(ack.group(1)) == index, (code, ack)
            self.stored[code] = ack.group(2)


async def run_scanners(port, options, pipe):
    scanners = [Scanner(number, options.codes) for number in range(options.clients)]
    start = time.perf_counter()
    await asyncio.gather(*(scanner.connect(port) for scanner in scanners))
    pipe.send(time.perf_counter() - start)
    await asyncio.to_thread(pipe.recv)
    start = time.perf_counter()
    await asyncio.gather(*(scanner.scan(options.every) for scanner in scanners))
    seconds = time.perf_counter() - start
    stored = {code: uuid for scanner in scanners for code, uuid in scanner.stored.items()}
    pipe.send((seconds, sorted(spent for scanner in scanners for spent in scanner.times), stored))
    await asyncio.to_thread(pipe.recv)  # they stay connected until then


# The readers, in another.


async def leave_untaken(reader, port):
    """Connects, and takes nothing: what it has got by then is read when all is over. Tells how much
    that was."""
    await reader.open(port)
    reader.writer.transport.pause_reading()

    async def finish():
        reader.writer.transport.resume_reading()
        try:
            while True:
                await reader.read()
        except (wire.Closed, ConnectionError):
            return reader.last

    return finish


async def run_readers(port, options, pipe):
    n_events = 2 * options.clients * options.codes
    counts = collections.Counter()
    readers = [KINDS[number % len(KINDS)]() for number in range(options.readers)]
    readers[0].on_event = lambda record: counts.update([EVENT.search(record).groups()])
    finishes = [await leave_untaken(kind(None), port) for kind in KINDS]
    following = asyncio.gather(*(reader.follow(port, n_events) for reader in readers))
    while not all(reader.n_connections for reader in readers):
        await asyncio.sleep(0.01)
    pipe.send(None)
    await following
    pipe.send(([reader.n_connections for reader in readers], counts))
    await asyncio.to_thread(pipe.recv)
    pipe.send([await finish() for finish in finishes])
    for reader in readers:
        await reader.cut()


class Child:
    """A process that runs one of the two, and a pipe to it."""

    def __init__(self, run, server, options):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=lambda: asyncio.run(run(server.port, options, theirs)), daemon=True)
        self.process.start()
        theirs.close()

    def receive(self, seconds=300):
        assert self.pipe.poll(seconds), "it takes too long"
        return self.pipe.recv()

    def proceed(self):
        self.pipe.send(None)

    def join(self):
        self.process.join(60)
        assert self.process.exitcode == 0, self.process.exitcode


def read_stored(server):
    """code: uuid, and that each is there once."""
    stored, after = {}, 0
    while rows := server.get("/v1/scans?limit=1000&after=%d" % after)[1]["data"]:
        for row in rows:
            assert row["code"] not in stored, row
            stored[row["code"]] = row["uuid"]
        after = rows[-1]["id"]
    return stored


def allow_descriptors(n):
    """Ours and the server's, which it gets from us."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < n:
        print("only %d descriptors are allowed here (ulimit -Hn), %d are needed" % (most, n))
        sys.exit(SKIPPED)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(n, usual), most))


def check_events(acknowledged, counts):
    expected = collections.Counter(
        (kind, uuid.encode(), code.encode())
        for code, uuid in acknowledged.items() for kind in (b"queued", b"stored"))
    assert counts == expected, list((counts - expected) + (expected - counts))[:5]


def run(server, options):
    n_scans = options.clients * options.codes
    n_connections = options.clients + options.readers + len(KINDS) + 1  # and ours
    memory = [server.read_memory("VmRSS")]

    scanners = Child(run_scanners, server, options)
    connecting = scanners.receive()
    memory.append(server.read_memory("VmRSS"))
    readers = Child(run_readers, server, options)
    readers.receive()
    assert server.read_metric("bipe_connections") == n_connections

    start = time.monotonic()
    scanners.proceed()
    seconds, times, acknowledged = scanners.receive()
    assert len(acknowledged) == len(times) == n_scans
    connections, counts = readers.receive()
    reading = time.monotonic() - start
    server.wait_until_stored()
    assert read_stored(server) == acknowledged, "acknowledged and stored differ"
    check_events(acknowledged, counts)
    wait_for("those that read nothing to be dropped",
             lambda: server.read_metric("bipe_connections") == n_connections - len(KINDS))
    readers.proceed()
    untaken = readers.receive()
    assert max(untaken) < 2 * n_scans, untaken
    readers.join()
    memory.append(server.read_memory("VmRSS"))
    scanners.proceed()
    scanners.join()
    wait_for("all to be gone", lambda: server.read_metric("bipe_connections") == 1)
    memory += [server.read_memory("VmRSS"), server.read_memory("VmHWM")]

    print("%d clients connected in %.2f s, and had %d acks in %.1f s: %.0f a second"
          % (options.clients, connecting, n_scans, seconds, n_scans / seconds))
    print("acks after %.1f ms, 99 %% of them %.1f ms, all %.1f ms" % tuple(
        1e3 * times[index] for index in (n_scans // 2, n_scans * 99 // 100, -1)))
    print("%d readers had %d events each after %.1f s; %d came again after they had been dropped"
          % (options.readers, 2 * n_scans, reading, sum(connections) - options.readers))
    print("those that read nothing had %s events when they were dropped" % untaken)
    print("the server: %d KiB, with the clients idle %d (%.1f a client), at the end %d, without "
          "clients %d, at most %d" % (memory[0], memory[1],
                                      (memory[1] - memory[0]) / options.clients, *memory[2:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--codes", type=int, default=100)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--every", type=float, default=0, help="seconds a scanner rests, on average")
    parser.add_argument("server", nargs="?", default=lab.SERVER)
    options = parser.parse_args()
    if 2 * options.clients * options.codes < EVENTS_MIN:
        parser.error("too few for those that read nothing to be dropped")

    lab.SERVER = options.server
    allow_descriptors(options.clients + options.readers + SPARE_DESCRIPTORS)
    with Folder() as folder, Server(folder, BIPE_LOG_LEVEL="warning") as server:
        run(server, options)
        assert server.stop() == 0


if __name__ == "__main__":
    main()
