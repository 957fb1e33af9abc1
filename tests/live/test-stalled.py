#!/usr/bin/python3
"""Readers that ask for what was, and then take nothing: they are waited for, since who catches up is
not dropped by what it leaves untaken, but no longer than the time limit. Then they are gone, and cost
nothing any more."""

import asyncio
import os

from lab import Folder, Server, wait_for
from readers import KINDS

TIME_LIMIT = 2
N_EACH = 3
CPU_MAX = 0.2  # of a second


def read_cpu(server):
    """Seconds of processor time so far."""
    with open("/proc/%d/stat" % server.process.pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


async def stall(server):
    readers = [kind(0) for kind in KINDS for _ in range(N_EACH)]
    for reader in readers:
        await reader.open(server.port)
        reader.writer.transport.pause_reading()
    assert server.read_metric("bipe_connections") == len(readers) + 1
    await asyncio.to_thread(
        wait_for, "them to be gone", lambda: server.read_metric("bipe_connections") == 1, 20)
    before = read_cpu(server)
    await asyncio.sleep(1)
    assert read_cpu(server) - before < CPU_MAX, "it is busy with nothing"
    for reader in readers:
        await reader.cut()


def main():
    with Folder() as folder, Server(folder, BIPE_TIME_LIMIT=str(TIME_LIMIT)) as server:
        for batch in range(10):
            codes = [{"code": "%d-%d" % (batch, number), "device": "x" * 200} for number in range(1000)]
            assert server.post("/v1/scans", codes)[0] == 201
        server.wait_until_stored()
        asyncio.run(stall(server))
        assert server.stop() == 0


main()
