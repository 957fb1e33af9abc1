#!/usr/bin/python3
"""How long from a scanner's last key to the scan on disk, in the real window.

    bench-window.py BIPE SEND-KEYS [N]

Each of N codes (200) is typed on a display of its own at 1 ms a key, one after the other. The time runs
from the moment when the typing program has ended to the moment when another process can read the row
from the journal, which is after the commit's fsync. Polling adds up to 0.3 ms, and the typing program's
end to the reader's start a little that is not counted."""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

BIPE, SEND_KEYS = sys.argv[1:3]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 200


def wait_for(get, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = get()
        if value:
            return value
        time.sleep(0.0002)
    sys.exit("waited in vain")


def start_display(environment):
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-noreset", "-screen", "0", "1280x800x24",
         "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as number:
        environment["DISPLAY"] = ":" + number.readline().strip()
    return server


def type_code(environment, code):
    subprocess.run([SEND_KEYS, "--gap-min=1", "--gap-max=1"], input=code + "\n", text=True,
                   env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic()


def measure(folder, environment):
    path = os.path.join(folder, "journal.db")
    wait_for(lambda: os.path.exists(path))
    journal = sqlite3.connect("file:%s?mode=ro" % path, uri=True)

    def count():
        try:
            return journal.execute("SELECT count(*) FROM scan").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    while count() == 0:  # until the window takes keys
        type_code(environment, "0000000000000")
        time.sleep(0.2)
    time.sleep(1)
    times = []
    for number in range(COUNT):
        before = count()
        typed = type_code(environment, "%013d" % (number + 1))
        wait_for(lambda: count() > before)
        times.append((time.monotonic() - typed) * 1000)
    return times


def main():
    with tempfile.TemporaryDirectory(prefix="bipe-bench-") as folder:
        environment = dict(os.environ, HOME=folder, BIPE_DATA_DIR=folder, BIPE_PORT="0",
                           GDK_BACKEND="x11", GTK_IM_MODULE="gtk-im-context-simple",
                           BIPE_LOG_LEVEL="error")
        server = start_display(environment)
        window = subprocess.Popen([BIPE], env=environment, stderr=subprocess.DEVNULL)
        try:
            times = sorted(measure(folder, environment))
        finally:
            window.terminate()
            window.wait()
            server.terminate()
            server.wait()
    print("last key to durable in the window, %d codes: median %.1f ms, p99 %.1f ms, most %.1f ms" % (
        COUNT, statistics.median(times), times[int(COUNT * 0.99) - 1], times[-1]))


main()
