"""Two machines on a network: two network namespaces joined by a veth pair. Needs root."""

import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
SKIPPED = 77

libc = ctypes.CDLL(None, use_errno=True)


def enter(path):
    """This thread's sockets, and the processes that it starts, are in the namespace from now on."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), "setns " + path)
    finally:
        os.close(descriptor)


class Network:
    """Two sides, "station" and "phone", each with a loopback of its own."""

    SIDES = ("station", "phone")

    def __init__(self):
        self.names = {side: "bipe-%d-%s" % (os.getpid(), side[0]) for side in self.SIDES}
        self.addresses = {"station": "10.99.7.1", "phone": "10.99.7.2"}
        self.addresses6 = {"station": "fd99:7::1", "phone": "fd99:7::2"}

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def add_address(self, side, address):
        """As "10.99.8.1/24"; an IPv6 address can be used at once."""
        words = ["nodad"] if ":" in address else []
        self.ip("-n", self.names[side], "address", "add", address, "dev", "eth0", *words)

    def __enter__(self):
        try:
            for name in self.names.values():
                self.ip("netns", "add", name)
            station, phone = (self.names[side] for side in self.SIDES)
            self.ip("-n", station, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
                    "netns", phone)
            for side in self.SIDES:
                self.ip("-n", self.names[side], "link", "set", "lo", "up")
                self.add_address(side, self.addresses[side] + "/24")
                self.add_address(side, self.addresses6[side] + "/64")
                self.ip("-n", self.names[side], "link", "set", "eth0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            subprocess.run(["ip", "netns", "delete", name], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)

    @contextlib.contextmanager
    def inside(self, side):
        """What this thread connects, binds and starts within is on that side, and stays there."""
        home = "/proc/self/task/%d/ns/net" % libc.gettid()
        before = os.open(home, os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter("/var/run/netns/" + self.names[side])
            try:
                yield self.addresses[side]
            finally:
                if libc.setns(before, CLONE_NEWNET) < 0:
                    raise OSError(ctypes.get_errno(), "setns back")
        finally:
            os.close(before)


def open_or_skip():
    """A Network, or the end of the test with the status for skipped where none can be made."""
    network = Network()
    if shutil.which("ip") is None:
        print("SKIP: there is no program ip (package iproute2)")
        raise SystemExit(SKIPPED)
    try:
        with network:
            with network.inside("station"):
                pass
    except (subprocess.CalledProcessError, OSError) as error:
        print("SKIP: no network namespace can be made: %s" % (getattr(error, "stderr", "") or error))
        raise SystemExit(SKIPPED)
    return network
