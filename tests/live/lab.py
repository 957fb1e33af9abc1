"""What the black-box tests share: a server started as an administrator would, a private PostgreSQL, a
plain HTTP client. Everything is in a temporary folder of its own and ends with the test."""

import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SERVER = os.environ.get("BIPE_SERVER") or os.path.join(os.getcwd(), "build/src/bipe-server")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=60):
    """Polls: what is waited for happens in another process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited %d s for %s" % (seconds, what))


class Folder:
    """A temporary folder; a server in it runs with an empty home and no session bus."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="bipe-live-")
        os.chmod(self.path, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def join(self, name):
        return os.path.join(self.path, name)

    def environment(self, **settings):
        home = self.join("home")
        os.makedirs(home, exist_ok=True)
        kept = {
            name: os.environ[name]
            for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
            if name in os.environ
        }
        return dict(kept, HOME=home, LANG="C.UTF-8", **settings)


class Server:
    """One run of bipe-server."""

    def __init__(self, folder, data="data", **settings):
        self.port = int(settings.pop("PORT", 0)) or free_port()
        self.folder = folder
        self.log = folder.join("server.log")
        environment = folder.environment(
            PORT=str(self.port), BIPE_DATA_DIR=folder.join(data), **settings
        )
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [SERVER], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            wait_for("the server", self.is_ready, 60)
        except AssertionError:
            self.kill()
            sys.stderr.write(self.read_log()[-4000:])
            raise

    def read_log(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def is_ready(self):
        assert self.process.poll() is None, "the server ended: " + self.read_log()[-4000:]
        try:
            return self.get("/v1/health")[0] in (200, 503)
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path):
        status, body = self.request("GET", path)
        return status, json.loads(body)

    def post(self, path, value=None):
        body = None if value is None else json.dumps(value)
        headers = {"Content-Type": "application/json"} if body else {}
        status, body = self.request("POST", path, body, headers)
        return status, json.loads(body)

    def health(self):
        return self.get("/v1/health")[1]["data"]

    def read_metric(self, name):
        text = self.request("GET", "/metrics")[1].decode()
        return float(re.search("^%s (.*)$" % re.escape(name), text, re.MULTILINE).group(1))

    def read_memory(self, field):
        """In KiB: VmRSS is what it has, VmHWM the most that it ever had."""
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(field + r":\s*(\d+)", status.read()).group(1))

    def is_sanitized(self):
        with open("/proc/%d/maps" % self.process.pid) as maps:
            return "libasan" in maps.read()

    def wait_until_stored(self, seconds=120):
        wait_for("an empty queue", lambda: self.health()["queued"] == 0, seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As systemd or a container engine would; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        assert "ERROR: AddressSanitizer" not in self.read_log(), self.read_log()[-8000:]
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Postgres:
    """A cluster of its own on a free port of 127.0.0.1; as root it runs as the user postgres."""

    def __init__(self, folder):
        programs = max(
            glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4])
        )
        self.programs = programs
        self.port = free_port()
        self.path = folder.join("postgres")
        os.mkdir(self.path)
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(self.path, "postgres", "postgres")
        self.run("initdb", "-D", self.path + "/data", "-A", "trust", "-U", "postgres",
                 "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()

    @property
    def url(self):
        return "postgresql://postgres@127.0.0.1:%d/postgres" % self.port

    def run(self, program, *arguments):
        subprocess.run(
            self.user + [os.path.join(self.programs, program), *arguments],
            cwd=self.path, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def control(self, *arguments):
        self.run("pg_ctl", "-D", self.path + "/data", "-w", *arguments)

    def start(self):
        self.control("-l", self.path + "/log", "-o",
                     "-p %d -k %s -c listen_addresses=127.0.0.1" % (self.port, self.path), "start")

    def stop(self, mode="fast"):
        self.control("-m", mode, "stop")

    def query(self, sql):
        """Rows of one column."""
        output = subprocess.run(
            [os.path.join(self.programs, "psql"), self.url, "-XAtc", sql],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        return output.splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop("immediate")
        except subprocess.CalledProcessError:
            pass
