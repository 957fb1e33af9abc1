#!/usr/bin/python3
"""What the container files do, done without an engine: each role's file system is put together by
containers/image.sh, of Debian's own files and of those of the packages that it names, and of no others; and its
server runs in it as a container's would: read-only but for its volume, as nobody in particular, with the
settings, the health check and the signal of its container file. And the files say what they should."""

import glob
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
CONTAINERS = os.path.join(SOURCE, "containers")
BUILD = os.environ["BIPE_BUILD"]
ROLES = ("station", "gateway", "speech")
USER = 10001

# Loaded while they run, and so in no program's list of libraries.
LOADED = {"glib-networking", "ca-certificates", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good"}
LEFT_OUT = re.compile(r"/usr/share/(doc|man|locale|info|lintian|bug)/")


def image(*words):
    return subprocess.run([os.path.join(CONTAINERS, "image.sh"), *words], check=True, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout


def read(name):
    with open(os.path.join(CONTAINERS, name)) as file:
        return file.read()


class Containerfile:
    """Its instructions."""

    def __init__(self, role):
        text = re.sub(r"\\\n", " ", read(role + ".Containerfile"))
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.steps = [tuple(line.split(None, 1)) for line in lines]
        self.environment = dict(
            each.split("=", 1) for name, words in self.steps if name == "ENV" for each in words.split())

    def get(self, name):
        found = [words for step, words in self.steps if step == name]
        assert len(found) == 1, (name, found)
        return found[0]


def check_containerfile(role):
    file = Containerfile(role)
    names = [name for name, _ in file.steps]
    sources = [words.split()[0] for name, words in file.steps if name == "FROM"]
    assert sources == ["docker.io/library/debian:12", "docker.io/library/debian:12-slim"], sources
    # Nothing is run as root behind USER, and nobody is called by a name that could be another's.
    assert file.get("USER") == "%d:%d" % (USER, USER)
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER"):]) and "ADD" not in names
    assert file.get("STOPSIGNAL") == "SIGTERM" and file.get("VOLUME") == "/var/lib/bipe"
    assert json.loads(file.get("ENTRYPOINT")) == ["bipe-server"]
    assert json.loads(file.get("HEALTHCHECK").split("CMD", 1)[1]) == ["bipe-server", "health"]
    assert file.get("EXPOSE") == file.environment["PORT"]
    assert file.environment["BIPE_LISTEN"] == "lan" and "BIPE_TLS" not in file.environment
    assert file.environment.get("BIPE_ROLE") == (None if role == "station" else role)
    for name, words in file.steps:
        if name == "COPY" and "--from" not in words:
            assert os.path.exists(os.path.join(SOURCE, words.split()[0])), words
        if name == "RUN":
            assert "curl" not in words and "wget" not in words, words
    assert "/files/%s/ /" % role in "".join(words for name, words in file.steps if name == "COPY")
    return file


def check_compose():
    try:
        import yaml
    except ImportError:
        print("compose files: there is no python3-yaml")
        return
    for name, roles in (("compose.yaml", {"station"}), ("compose-speech.yaml", {"gateway", "speech"})):
        compose = yaml.safe_load(read(name))
        services = compose["services"]
        assert set(services) - {"database"} == roles, services
        for role, service in services.items():
            text = json.dumps(service)
            # The README calls them so, whatever else each engine would add to it.
            assert service["container_name"] == "bipe-" + role
            # Where nothing is set, an older podman-compose takes no empty text.
            assert "${BIPE_ALLOWED_HOSTS:-}" not in text
            # No secret in an environment, which is shown to whoever may look at containers.
            assert not re.search(r"password[^\"]*\"?: \"(?!/run/secrets)|token", json.dumps(
                service.get("environment", {})), re.IGNORECASE), text
            assert service["healthcheck"]["test"][0] == "CMD"
            for volume in service["volumes"]:
                assert volume.split(":")[0] in compose["volumes"], volume
            for secret in service.get("secrets", []):
                wanted = secret if isinstance(secret, str) else secret["source"]
                assert compose["secrets"][wanted]["file"].startswith("./secrets/"), secret
            if role == "database":
                continue
            file = Containerfile(role)
            assert service["build"] == {"context": "..", "dockerfile": "containers/%s.Containerfile" % role}
            assert service["healthcheck"]["test"][1:] == json.loads(file.get("HEALTHCHECK").split("CMD", 1)[1])
            assert service["stop_signal"] == file.get("STOPSIGNAL")
            assert service["read_only"] and service["cap_drop"] == ["ALL"]
            assert service["ports"] == ["%s:%s" % (file.get("EXPOSE"), file.get("EXPOSE"))]
            assert file.get("VOLUME") in [volume.split(":")[1] for volume in service["volumes"]]
            for other, how in service.get("depends_on", {}).items():
                assert how == {"condition": "service_healthy"} and "healthcheck" in services[other]


def check_secrets(folder):
    """The two scripts' words: what they make is read by the programs."""
    made = os.path.join(folder, "secrets")
    script = os.path.join(CONTAINERS, "secrets.sh")

    def run(*words, said=""):
        done = subprocess.run([script, *words], env={**os.environ, "BIPE_SECRETS": made}, check=False, input=said,
                              text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        return done.returncode, done.stderr

    assert run()[0] == run()[0] == 0  # the second changes nothing
    pin = hashlib.sha256(b"x").hexdigest().upper()
    for wrong in ("", ":", "AB:CD", pin[1:], pin + "0", pin[1:] + "G", pin[:32] + "\n" + pin[32:]):
        status, errors = run("gateway", wrong, said="a.b.c\n")
        assert status == 2 and "logs bipe-speech" in errors, (wrong, status, errors)
    for wrong in ("", "\n", "podman exec bipe-speech\na.b.c\n"):
        status, errors = run("gateway", pin, said=wrong)
        assert status == 2 and "token" in errors, (status, errors)
    assert "gateway.conf" not in os.listdir(made)
    assert run("gateway", ":".join(re.findall("..", pin)), said="a.b.c\n")[0] == 0
    contents = {name: open(os.path.join(made, name)).read() for name in os.listdir(made)}
    assert set(contents) == {"database-password", "station.conf", "gateway.conf"}, contents
    assert re.fullmatch("[0-9a-f]{48}", contents["database-password"])
    assert "bipe:%s@database" % contents["database-password"] in contents["station.conf"]
    assert contents["gateway.conf"] == (
        "[bipe]\nspeech-url=https://speech:5000/#fp=%s\nspeech-token=a.b.c\n" % pin), contents
    assert os.stat(made).st_mode & 0o077 == 0
    # Where the sources go, they don't.
    for name in (".gitignore", ".dockerignore", "flatpak/io.github.bipe.Bipe.yml"):
        with open(os.path.join(SOURCE, name)) as file:
            assert "containers/secrets" in file.read(), name


class Packages:
    """Those of this machine."""

    def __init__(self):
        self.dependencies, self.provided = {}, {}
        with open("/var/lib/dpkg/status") as status:
            for paragraph in status.read().split("\n\n"):
                fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
                if fields.get("Status") != "install ok installed":
                    continue
                name = fields["Package"]
                self.dependencies[name] = [
                    [re.split(r"[ (:]", each.strip())[0] for each in group.split("|")]
                    for field in ("Depends", "Pre-Depends") if field in fields
                    for group in fields[field].split(",")]
                for each in fields.get("Provides", "").split(","):
                    self.provided.setdefault(re.split(r"[ (]", each.strip())[0], name)

    def close(self, names):
        """With all that they depend on; a package that is missing here is an error."""
        found, wanted = set(), [[name] for name in names]
        while wanted:
            group = wanted.pop()
            chosen = [name if name in self.dependencies else self.provided.get(name) for name in group]
            chosen = [name for name in chosen if name]
            assert chosen, "not installed here: " + " | ".join(group)
            if chosen[0] not in found:
                found.add(chosen[0])
                wanted += self.dependencies[chosen[0]]
        return found

    def files(self, names):
        for name in sorted(names):
            lists = glob.glob("/var/lib/dpkg/info/%s.list" % name) or glob.glob(
                "/var/lib/dpkg/info/%s:*.list" % name)
            with open(lists[0]) as file:
                yield from file.read().splitlines()


def copy_files(paths, root, copied):
    """What one root has already, the next ones share."""
    for name in ("bin", "lib", "lib64", "sbin"):
        os.makedirs(os.path.join(root, "usr", name), exist_ok=True)
        os.symlink("usr/" + name, os.path.join(root, name))
    for path in paths:
        target = root + path
        if LEFT_OUT.match(path) or path in ("/.", "/bin", "/lib", "/lib64", "/sbin") or not os.path.lexists(path):
            continue
        if os.path.isdir(path) and not os.path.islink(path):
            os.makedirs(target, exist_ok=True)
        elif not os.path.lexists(target) and os.access(path, os.R_OK, follow_symlinks=False):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if path in copied:
                os.link(copied[path], target, follow_symlinks=False)
                continue
            shutil.copyfile(path, target, follow_symlinks=False)
            if not os.path.islink(path):
                os.chmod(target, os.stat(path).st_mode & 0o755)
            copied[path] = target


def programs(root):
    return [os.path.join(root, "usr/bin/bipe-server"), *glob.glob(root + "/**/libexec/bipe/*", recursive=True)]


def check_linked(root, listed):
    """Exactly the packages whose libraries the programs name: none is missing, and none too many."""
    names = set()
    for program in programs(root):
        dynamic = subprocess.run(["objdump", "-p", program], check=True, stdout=subprocess.PIPE,
                                 text=True, timeout=60).stdout
        names |= set(re.findall(r"NEEDED +(\S+)", dynamic))
    owners = set()
    for name in names:
        found = [path for path in glob.glob("/var/lib/dpkg/info/*.list")
                 if re.search(r"^(/usr)?/lib/\S*/%s$" % re.escape(name), open(path).read(), re.MULTILINE)]
        assert found, name
        owners.add(os.path.basename(found[0])[:-len(".list")].split(":")[0])
    assert owners - {"libc6"} == listed - LOADED, (sorted(owners - listed), sorted(listed - owners - LOADED))


class Image:
    """A role's root, and a server that runs in it."""

    def __init__(self, folder, role):
        self.role = role
        self.file = check_containerfile(role)
        self.root, self.volume = os.path.join(folder, role), os.path.join(folder, role + "-volume")
        self.packages = set(image("packages", role).split())
        self.conf = self.process = None

    def assemble(self, packages, copied):
        paths = packages.files(packages.close(self.packages | {"libc6", "base-files"}))
        os.makedirs(self.root)
        copy_files(paths, self.root, copied)
        # What the packages' own scripts make when they are installed.
        copy_files_made(self.root)
        image("files", BUILD, self.role, self.root)
        image("user", self.root)
        for name in ("proc", "dev", "tmp"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        shutil.copytree(os.path.join(self.root, "var/lib/bipe"), self.volume)
        if os.getuid() == 0:
            os.chown(self.volume, USER, USER)
        os.chmod(self.volume, 0o700)
        check_linked(self.root, self.packages)

    def command(self, words, **settings):
        """As an engine would run it."""
        environment = {"PATH": "/usr/bin", **self.file.environment, "PORT": str(self.port), **settings}
        confined = [
            "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--as-pid-1", "--die-with-parent", "--uid",
            str(USER), "--gid", str(USER), "--cap-drop", "ALL", "--ro-bind", self.root, "/", "--proc", "/proc",
            "--dev", "/dev", "--tmpfs", "/tmp", "--bind", self.volume, "/var/lib/bipe", "--chdir", "/", "--clearenv"]
        if self.conf:
            confined += ["--ro-bind", self.conf, "/etc/bipe/bipe.conf"]
        for name, value in environment.items():
            confined += ["--setenv", name, value]
        user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"] if os.getuid() == 0 else []
        return [*user, *confined, "--", *words]

    def run(self, *words):
        return subprocess.run(self.command(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)

    def start(self, port):
        self.port = port
        self.log = open(self.volume + ".log", "a+")
        self.process = subprocess.Popen(self.command(json.loads(self.file.get("ENTRYPOINT"))),
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        check = json.loads(self.file.get("HEALTHCHECK").split("CMD", 1)[1])
        end = time.monotonic() + 60
        while self.run(*check).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, self.read_log()
        return self

    def read_log(self):
        with open(self.volume + ".log") as log:
            return log.read()[-4000:]

    def give_token(self, scopes):
        """The first one, too: by whoever may run something in the container."""
        done = self.run("bipe-server", "token", "new", "test", "--scopes", scopes)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def get_fingerprint(self):
        return re.search(r"fingerprint \(SHA-256\) is (\S+)", self.read_log()).group(1)

    def request(self, method, path, body=None, token=None, kind="application/json"):
        """By TLS, as from anywhere; the certificate is the one that the log tells."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        headers = {"Content-Type": kind, **({"Authorization": "Bearer " + token} if token else {})}
        try:
            connection.connect()
            shown = hashlib.sha256(connection.sock.getpeercert(True)).hexdigest()
            assert shown == self.get_fingerprint().replace(":", "").lower()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stop(self):
        """As an engine does it: the signal, and ten seconds."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as children:
            server = int(children.read().split()[0])
        started = time.monotonic()
        os.kill(server, getattr(signal, self.file.get("STOPSIGNAL")))
        assert self.process.wait(10) == 0, self.read_log()
        took = time.monotonic() - started
        assert self.run("bipe-server", "health").returncode == 1
        written = sorted(os.listdir(self.volume))
        print("%s: %d packages, stopped in %.2f s, wrote %s" % (self.role, len(self.packages), took, written))

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def copy_files_made(root):
    for pattern in ("/usr/lib/*/gdk-pixbuf-2.0/*/loaders.cache", "/usr/lib/*/gio/modules/giomodule.cache",
                    "/usr/share/mime/*.cache", "/usr/share/mime/magic", "/usr/share/mime/globs*"):
        for path in glob.glob(pattern):
            target = root + path
            if os.path.isdir(os.path.dirname(target)) and not os.path.exists(target):
                shutil.copyfile(path, target)


def try_station(station, port):
    station.start(port)
    token = station.give_token("scan,read,collect,speech")
    assert station.request("POST", "/v1/scans", b'{"code":"4006381333931"}')[0] == 401
    assert station.request("POST", "/v1/scans", b'{"code":"4006381333931"}', token)[0] == 201
    with open(os.path.join(SOURCE, "tests/data/qr.png"), "rb") as picture:
        status, answer = station.request("POST", "/v1/decode", picture.read(), token, "image/png")
    assert status == 200 and json.loads(answer)["data"], answer
    try_speech(station, token)
    assert station.request("GET", "/")[0] == 200
    station.stop()
    # The same volume again: all of it is there.
    station.start(port)
    status, answer = station.request("GET", "/qrcode/all", None, token)
    assert status == 200 and b"4006381333931" in answer, answer
    station.stop()


def try_speech(image_, token):
    status, answer = image_.request("POST", "/output", b'{"message":"Ol\xc3\xa1","name":"n"}', token)
    assert status == 200, answer
    status, answer = image_.request("GET", "/files/n", None, token)
    assert status == 200 and answer[:3] == b"ID3" and len(answer) > 2000, (status, answer[:100])


def try_services(folder, gateway, speech, ports):
    speech.start(ports[0])
    token = speech.give_token("speech,read")
    try_speech(speech, token)
    gateway.conf = os.path.join(folder, "gateway.conf")
    with open(gateway.conf, "w") as conf:
        conf.write("[bipe]\nspeech-url=https://localhost:%d/#fp=%s\nspeech-token=%s\n"
                   % (ports[0], speech.get_fingerprint().replace(":", ""), token))
    gateway.start(ports[1])
    order = b'{"message":"Bom dia","name":"m"}'
    assert gateway.request("POST", "/input", order)[0] == 401
    status, answer = gateway.request("POST", "/input", order, gateway.give_token("speech"))
    assert status == 200 and json.loads(answer) == json.loads(order), (answer, gateway.read_log())
    assert speech.request("GET", "/files/m", None, token)[0] == 200
    gateway.stop()
    speech.stop()


def can_confine(folder):
    user = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"] if os.getuid() == 0 else []
    try:
        return subprocess.run([*user, "bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc",
                               "/proc", "true"], check=False, timeout=60, stderr=subprocess.DEVNULL,
                              cwd=folder).returncode == 0
    except FileNotFoundError:
        return False


def free_ports(n):
    sys.path.insert(0, os.path.join(SOURCE, "tests/live"))
    import lab
    return [lab.free_port() for _ in range(n)]


def main():
    folder = tempfile.mkdtemp(prefix="bipe-containers-")
    os.chmod(folder, 0o755)
    images = {}
    try:
        check_compose()
        check_secrets(folder)
        images = {role: Image(folder, role) for role in ROLES}
        packages, copied = Packages(), {}
        for each in images.values():
            each.assemble(packages, copied)
        if not can_confine(folder):
            print("no process may be confined here (bwrap): nothing is run")
            sys.exit(77)
        ports = free_ports(3)
        try_station(images["station"], ports[0])
        try_services(folder, images["gateway"], images["speech"], ports[1:])
    finally:
        for each in images.values():
            each.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
