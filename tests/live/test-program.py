#!/usr/bin/python3
"""bipe-server as an administrator meets it: settings, exit statuses, messages, signals, and the seed's
flow with curl's plain requests."""

import hashlib
import os
import socket
import subprocess
from pathlib import Path

import lab
from lab import Folder, Postgres, Server, free_port, wait_for

PICTURES = Path(__file__).parent.parent / "data"


def run(folder, *arguments, **settings):
    """Runs to the end; returns status, output, errors."""
    done = subprocess.run(
        [lab.SERVER, *arguments], env=folder.environment(**settings), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_print_config(folder):
    os.makedirs(folder.join("home/.config/bipe"), exist_ok=True)
    with open(folder.join("home/.config/bipe/bipe.conf"), "w") as file:
        file.write("[bipe]\nstation=saved\nqueue-mode=review\n")
    status, output, _ = run(
        folder, "--print-config", "--queue-limit=5", PORT="6000", BIPE_STATION="from environment",
        DATABASE_URL="postgresql://user:hushhush@db.example/scans",
    )
    assert status == 0
    assert "port = 6000  (PORT)" in output, output
    assert "station = from environment  (BIPE_STATION)" in output, output
    assert "queue-mode = review  (" in output and "bipe.conf)" in output, output
    assert "queue-limit = 5  (command line)" in output, output
    assert "hushhush" not in output and "postgresql://user:***@db.example/scans" in output, output
    os.unlink(folder.join("home/.config/bipe/bipe.conf"))


def test_commands(folder):
    """--help lists them, and settings may stand before them."""
    for option in ("--help", "--help-all"):
        status, output, _ = run(folder, option)
        lines = [line.split() for line in output.splitlines()]
        for command in ("token", "pair", "health", "decode"):
            assert status == 0 and any(len(line) > 1 and line[0] == command for line in lines), output
    status, output, _ = run(folder, "token", "--help")
    assert status == 0 and "--scopes" in output, output
    data = folder.join("commands")
    for settings in (["--data-dir=" + data], ["--data-dir", data, "--station=token"]):
        assert run(folder, *settings, "token", "list")[:2] == (0, ""), settings
        status, _, errors = run(folder, *settings, "pair", "--scopes", "scan")
        assert status == 1 and "no station runs on " + data in errors, errors
    status, output, _ = run(folder, "--symbologies", "qr", "decode", str(PICTURES / "qr.png"))
    assert status == 0 and "QR" in output, output
    for arguments in (["--data-dir"], ["--data-dir", "token"], ["--no-such", "token", "list"], ["-"]):
        status, output, errors = run(folder, *arguments, "--print-config", "stray")
        assert status == 2 and output == "" and errors != "", (arguments, output, errors)


def test_exit_statuses(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        data = {"BIPE_DATA_DIR": folder.join("statuses")}
        cases = [
            (2, ["--no-such-option"], {}, "no-such-option"),
            (2, ["stray"], {}, "stray"),
            (2, [], {"BIPE_PORT": "65536"}, "port"),
            (2, [], {"BIPE_QUEUE_MODE": "sometimes"}, "automatic"),
            (2, [], {"BIPE_PROFILE": "nonsense"}, "BIPE_PROFILE"),
            (2, [], {"DATABASE_URL": "postgresql://user:hidden@host:notaport/db"}, "database-url"),
            (2, [], {"DATABASE_URL": "mysql://host/db"}, "database-url"),
            (2, [], {"BIPE_LISTEN": "localhost"}, "localhost"),
            (3, [], {"BIPE_PORT": port, "BIPE_LISTEN": "127.0.0.1"}, port),
            (5, [], {"BIPE_DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
        ]
        for expected, arguments, settings, word in cases:
            status, _, errors = run(folder, *arguments, **dict(data, **settings))
            assert status == expected, (expected, status, errors, settings)
            assert word in errors and "hidden" not in errors, (word, errors)


def test_data_dir_is_held(folder):
    with Server(folder, data="held") as server:
        assert "Listening on http://127.0.0.1:%d" % server.port in server.read_log()
        status, _, errors = run(folder, PORT=str(free_port()), BIPE_DATA_DIR=folder.join("held"))
        assert status == 4 and str(server.process.pid) in errors, (status, errors)


def test_foreign_journal(folder):
    os.makedirs(folder.join("foreign"), exist_ok=True)
    path = folder.join("foreign/journal.db")
    with open(path, "wb") as file:
        file.write(b"this is somebody's diary\n" * 100)
    status, _, errors = run(folder, PORT=str(free_port()), BIPE_DATA_DIR=folder.join("foreign"))
    assert status == 6 and path in errors, (status, errors)
    with open(path, "rb") as file:
        assert file.read() == b"this is somebody's diary\n" * 100


def test_seed_flow(folder, **settings):
    """Posted, collected, read back: what a client of seed 000 does, without Socket.IO."""
    with Server(folder, data="seed%d" % len(settings), **settings) as server:
        assert server.request("POST", "/codigo/")[1] == b"Nenhuma mensagem recebida..."
        for code in ("123456789", "GS\x1dhere", "<b>不</b>"):
            status, answer = server.post("/v1/scans", {"code": code})
            assert status == 201 and answer["data"]["state"] == "queued", answer
        for path, code in (("/codigo/", "123456789"), ("/codigo", "GS\x1dhere")):
            status, body = server.request("POST", path, "{", {"Content-Type": "text/plain"})
            assert (status, body.decode()) == (200, "A rota recebeu: " + code), body
        wait_for("three rows", lambda: len(server.get("/qrcode/all")[1]) == 3)
        assert server.get("/qrcode/all")[1] == [
            {"id": 1, "codigo_barra": "123456789"},
            {"id": 2, "codigo_barra": "GS\x1dhere"},
            {"id": 3, "codigo_barra": "<b>不</b>"},
        ]
        assert server.get("/qrcode/id=2") == (200, {"id": 2, "codigo_barra": "GS\x1dhere"})
        assert server.get("/qrcode/id=4")[0] == 404
        assert server.get("/qrcode/id=abc")[1]["error_code"] == 1001
        assert server.stop() == 0


def test_decode(folder):
    """What pictures say, a line a code; a file that is none is told, and the others go on."""
    said, percent, missing = PICTURES / "qr.png", PICTURES / "percent.png", folder.join("missing.png")
    empty = folder.join("empty.png")
    open(empty, "w").close()
    expected = "%s\tQR Code\tBIPE-42\n%s\tQR Code\t100%%25%%09tab\n" % (said, percent)

    assert run(folder, "decode", said, percent) == (0, expected, "")
    status, output, problems = run(folder, "decode", said, missing, empty, __file__, percent)
    assert (status, output) == (1, expected)
    assert [line.split(": ")[0] for line in problems.splitlines()] == [missing, empty, __file__]
    assert run(folder, "decode", "--symbologies=ean-13", said) == (0, "", "")
    assert run(folder, "decode")[0] == 2
    status, _, problems = run(folder, "decode", "--symbologies=ean-12", said)
    assert status == 2 and "ean-12" in problems, problems
    with open("/dev/full", "w") as full:
        done = subprocess.run([lab.SERVER, "decode", said], env=folder.environment(), stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and b"could not be written" in done.stderr, done
    assert not os.path.exists(folder.join("data")), "it needs no data folder"


def test_stop_drains(folder, postgres):
    """What was acknowledged just before SIGTERM is in the database afterwards."""
    codes = [{"code": "drain-%d" % number} for number in range(1000)]
    with Server(folder, data="drain", DATABASE_URL=postgres.url) as server:
        assert server.post("/v1/scans", codes)[0] == 201
        assert server.stop() == 0
    assert postgres.query("SELECT count(*) FROM scan WHERE code LIKE 'drain-%'") == ["1000"]


def make_guarded_user(postgres, password):
    """One that is let in with a password alone."""
    path = postgres.path + "/data/pg_hba.conf"
    with open(path) as file:
        rules = file.read()
    with open(path, "w") as file:
        file.write("host all guarded all scram-sha-256\n" + rules)
    postgres.query("CREATE ROLE guarded LOGIN PASSWORD '%s'" % password)
    postgres.query("CREATE DATABASE guarded OWNER guarded")
    postgres.query("SELECT pg_reload_conf()")
    return "postgresql://guarded@127.0.0.1:%d/guarded" % postgres.port


def write_password(folder, data, url, password, mode=0o600):
    """As the window keeps it, where there is no keyring."""
    os.makedirs(folder.join(data), exist_ok=True)
    path = folder.join(data + "/database.password")
    with open(path, "w") as file:
        file.write("[database]\n%s=%s\n" % (hashlib.sha256(url.encode()).hexdigest(), password))
    os.chmod(path, mode)


def assert_store(folder, state, **settings):
    with Server(folder, data="guarded", **settings) as server:
        wait_for("the store to be " + state, lambda: server.health()["store"]["state"] == state)
        if state == "online":
            assert server.post("/v1/scans", {"code": "guarded"})[0] == 201
        assert server.stop() == 0
        log = server.read_log()
    assert "hushhush" not in log, log
    return log


def test_password(folder, postgres):
    """The database's password, where the URL has none: from its file, which nobody else may read,
    or from PostgreSQL's own."""
    url = make_guarded_user(postgres, "hushhush")
    passwords = folder.join("pgpass")
    with open(passwords, "w") as file:
        file.write("*:*:*:guarded:hushhush\n")
    os.chmod(passwords, 0o600)

    assert "give the password" in assert_store(folder, "offline", DATABASE_URL=url)
    write_password(folder, "guarded", url, "hushhush", 0o644)
    assert "other users can read" in assert_store(folder, "offline", DATABASE_URL=url)
    write_password(folder, "guarded", url, "hushhush")
    assert_store(folder, "online", DATABASE_URL=url)
    os.unlink(folder.join("guarded/database.password"))
    assert_store(folder, "online", DATABASE_URL=url, PGPASSFILE=passwords)
    assert_store(folder, "online", DATABASE_URL=url.replace("guarded@", "guarded:hushhush@"))
    assert os.listdir(folder.join("guarded")).count("database.password") == 0
    write_password(folder, "guarded", url, "wrong")
    assert "Check the user's name" in assert_store(folder, "offline", DATABASE_URL=url)


def main():
    with Folder() as folder, Postgres(folder) as postgres:
        test_decode(folder)
        test_print_config(folder)
        test_exit_statuses(folder)
        test_data_dir_is_held(folder)
        test_foreign_journal(folder)
        test_seed_flow(folder)
        test_seed_flow(folder, DATABASE_URL=postgres.url)
        test_stop_drains(folder, postgres)
        test_password(folder, postgres)


main()
