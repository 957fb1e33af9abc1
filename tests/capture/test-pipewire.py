#!/usr/bin/python3
"""A camera that comes and goes: PipeWire's own test source, found directly and through the portal.

test-pipewire.py CAMERA-WATCH: prints TAP; skips where one of the programs is not installed.
Everything is private: X server, session bus, PipeWire, home. Nothing here waits for a time, only
for a line of CAMERA-WATCH.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

WATCH = sys.argv[1]
PATIENCE = int(os.environ.get("BIPE_TEST_PATIENCE", 30))  # seconds, for machines that are busy

CONFIG = "context.spa-libs = { videotestsrc = videotestsrc/libspa-videotestsrc }\n"
CAMERA = ("create-node spa-node-factory { factory.name = videotestsrc node.name = fake "
          "node.description = \"Fake camera\" media.class = Video/Source media.role = Camera }\n")


def find_missing():
    programs = ["pipewire", "wireplumber", "pw-cli", "dbus-run-session", "gdbus", "Xvfb"]
    yield from (name for name in programs if shutil.which(name) is None)
    for path in ["/usr/libexec/xdg-desktop-portal", "/usr/libexec/xdg-desktop-portal-gtk",
                 "/usr/lib/*/gstreamer-1.0/libgstpipewire.so"]:
        if not glob.glob(path):
            yield path


def wait_for(what, get):
    end = time.monotonic() + PATIENCE
    while not get():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


class Camera:
    """It is there for as long as the one who plugged it in."""

    def __enter__(self):
        self.tool = subprocess.Popen(["pw-cli"], stdin=subprocess.PIPE, text=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.tool.stdin.write(CAMERA)
        self.tool.stdin.flush()
        return self

    def __exit__(self, *_):
        self.tool.kill()
        self.tool.wait()
        self.tool.stdin.close()


class Watch:
    """The program under test, and what it has said."""

    def __init__(self, *arguments):
        self.lines = []
        self.process = subprocess.Popen([WATCH, *arguments], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def wait_for(self, line):
        """Forgets all before it."""
        end = time.monotonic() + PATIENCE
        while not any(said.startswith(line) for said in self.lines):
            assert time.monotonic() < end, f"waited in vain for {line!r}: {self.lines}"
            time.sleep(0.02)
        first = next(i for i, said in enumerate(self.lines) if said.startswith(line))
        del self.lines[:first + 1]

    def wait_for_frames(self):
        """However few a second: the machine may be busy."""
        wait_for("frames", lambda: any(re.match("frames [1-9]", said) for said in self.lines))
        self.lines.clear()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.reader.join()
        self.process.stdout.close()
        assert kind is not None or status == 0, f"ended with {status}: {self.lines}"
        assert kind is not None or not any("CRITICAL" in line for line in self.lines), self.lines


def permit(answer):
    store = "org.freedesktop.impl.portal.PermissionStore"
    subprocess.run(["gdbus", "call", "--session", "-d", store, "-o", "/" + store.replace(".", "/"),
                    "-m", store + ".SetPermission", "devices", "true", "camera", "",
                    f"['{answer}']"], check=True, stdout=subprocess.DEVNULL)


def check_coming_and_going(*arguments):
    with Watch(*arguments) as watch:
        with Camera():
            watch.wait_for("names Fake camera")
            watch.wait_for("state running")
            watch.wait_for("frames")
            watch.wait_for_frames()
        watch.wait_for("state unplugged")
        with Camera():
            watch.wait_for("state running")
            watch.wait_for("frames")
            watch.wait_for_frames()


def test_plugged_in_later():
    with Watch() as watch:
        watch.wait_for("state none")
        with Camera():
            watch.wait_for("state running")
        watch.wait_for("state unplugged")


def test_coming_and_going():
    check_coming_and_going()


def test_another_camera_is_wanted():
    with Camera(), Watch("--device", "Another camera") as watch:
        watch.wait_for("problem the camera Another camera is not plugged in")
        watch.wait_for("state unplugged")
        watch.wait_for("frames 0")
        watch.wait_for("frames 0")


def test_two_of_a_kind():
    with Camera(), Camera(), Watch("--device", "Fake camera (2)") as watch:
        watch.wait_for("names Fake camera|Fake camera (2)")
        watch.wait_for("state running")


def test_portal_granted():
    permit("yes")
    with Camera(), Watch("--device", "portal") as watch:
        watch.wait_for("names Fake camera")
        watch.wait_for("state running")
        watch.wait_for_frames()


def test_portal_coming_and_going():
    permit("yes")
    check_coming_and_going("--device", "portal")


def test_portal_refused():
    permit("no")
    with Camera(), Watch("--device", "portal") as watch:
        watch.wait_for("problem the camera was refused")
        watch.wait_for("state refused")
        watch.wait_for("frames 0")


def run_tests(pipewire):
    """That of Debian 13 (1.4.2) ends when the one goes who has made a test source that is in use."""
    tests = [(name, func) for name, func in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, func) in enumerate(tests, 1):
        begin = time.monotonic()
        try:
            if pipewire.poll() is None:
                func()
            else:
                name += f" # SKIP PipeWire itself has ended with {pipewire.returncode}"
            print(f"ok {number} {name} ({time.monotonic() - begin:.1f} s)", flush=True)
        except Exception as error:
            if pipewire.poll() is not None:
                print(f"ok {number} {name} # SKIP PipeWire has ended meanwhile", flush=True)
                continue
            failed = 1
            print(f"not ok {number} {name}\n# {error!r}", flush=True)
    return failed


def run_inside_bus():
    """The bus, and what it starts, has the X server of this process's parent."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    permit("yes")
    with subprocess.Popen(["pipewire"], **quiet) as pipewire:
        try:
            wait_for("PipeWire", lambda: subprocess.run(["pw-cli", "info", "0"], **quiet)
                     .returncode == 0)
            with subprocess.Popen(["wireplumber"], **quiet) as wireplumber:
                try:
                    wait_for("WirePlumber", lambda: "WirePlumber" in subprocess.run(
                        ["pw-cli", "ls", "Client"], capture_output=True, text=True).stdout)
                    return run_tests(pipewire)
                finally:
                    wireplumber.terminate()
        finally:
            pipewire.terminate()


def run_outside():
    missing = ", ".join(find_missing())
    if missing:
        print(f"1..0 # SKIP not installed: {missing}")
        return 0
    with tempfile.TemporaryDirectory(prefix="bipe-pipewire-", ignore_cleanup_errors=True) as home:
        os.makedirs(f"{home}/config/pipewire/pipewire.conf.d")
        os.mkdir(f"{home}/run", 0o700)
        with open(f"{home}/config/pipewire/pipewire.conf.d/test.conf", "w", encoding="utf-8") as f:
            f.write(CONFIG)
        reader, writer = os.pipe()
        with subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "640x480x24",
                               "-nolisten", "tcp"], pass_fds=[writer],
                              stderr=subprocess.DEVNULL) as server:
            os.close(writer)
            with os.fdopen(reader) as number:
                display = ":" + number.readline().strip()
            own = dict(os.environ, BIPE_TEST_BUS="own", HOME=home, DISPLAY=display,
                       XDG_RUNTIME_DIR=f"{home}/run", XDG_CONFIG_HOME=f"{home}/config",
                       XDG_DATA_HOME=f"{home}/data", XDG_CACHE_HOME=f"{home}/cache",
                       XDG_STATE_HOME=f"{home}/state", NO_AT_BRIDGE="1")
            own.pop("WAYLAND_DISPLAY", None)
            # What the bus starts writes to the standard output; ours is another one.
            tap = os.dup(1)
            own["BIPE_TEST_TAP"] = str(tap)
            try:
                return subprocess.call(["dbus-run-session", "--", sys.executable, *sys.argv],
                                       env=own, pass_fds=[tap], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            finally:
                server.terminate()


def main():
    if "BIPE_TEST_BUS" not in os.environ:
        return run_outside()
    os.dup2(int(os.environ["BIPE_TEST_TAP"]), 1)
    return run_inside_bus()


if __name__ == "__main__":
    sys.exit(main())
