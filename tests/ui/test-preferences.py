#!/usr/bin/python3
"""What can be set, in the real window: each change counts at once, and is there after a restart.

test-preferences.py BIPE SEND-KEYS LIVE SCENARIO: prints TAP. LIVE is the folder of tests/live, where a
private PostgreSQL is.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, sys.argv[3])

from desktop import Server, Station, Tree, drive, main, scan, wait_for
from lab import Folder, Postgres

PASSWORD = "corre(t h0rse/@:%"


def save(home, **settings):
    """What the window would have saved before."""
    os.makedirs(f"{home}/config/glib-2.0/settings", exist_ok=True)
    with open(f"{home}/config/glib-2.0/settings/keyfile", "w", encoding="ascii") as file:
        file.write("[io/github/bipe/Bipe]\n")
        file.writelines(f"{key}={value}\n" for key, value in settings.items())


def read_saved(home):
    try:
        with open(f"{home}/config/glib-2.0/settings/keyfile", encoding="utf-8") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    except FileNotFoundError:
        return {}


def start(home, server, **settings):
    tree = Tree()
    station = Station(home, port=str(server.port), **settings)
    tree.find_shown("page tab", "Scan")
    return tree, station


def focus(title):
    """Without a window manager nobody else gives a dialog the keyboard."""
    wait_for(f"the window “{title}”", lambda: subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$", "windowfocus", "--sync"],
        stderr=subprocess.DEVNULL, check=False).returncode == 0)


def open_preferences(tree, page=None):
    focus("Bipe")
    drive("key ctrl+comma")
    tree.find("page tab", "Station", "dialog")
    focus("Preferences")
    if page is not None:
        tree.press("page tab", page, "dialog")


def close_dialog(title):
    focus(title)
    drive("key Escape")
    wait_for("no dialog", lambda: not subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"],
        stdout=subprocess.PIPE, check=False).stdout)


def close_preferences(tree):
    close_dialog("Preferences")


def type_name(tree, text):
    """As a person does, a key after the other."""
    tree.click("text", "Name of this station")
    drive("key ctrl+a", f"type --delay 150 {text}")
    wait_for("the text", lambda: text in tree.text_of(
        tree.find("text", "Name of this station", "dialog")))


def list_scans(server):
    """As (code, station, state), oldest first."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/v1/scans?limit=100") as answer:
        rows = json.load(answer)["data"]
    return sorted((row["id"], row["code"], row["station"], row["state"]) for row in rows)


def wait_for_change(tree, home, key, value):
    """Saved, and then taken on by the station, which makes the page wait."""
    wait_for("it to be saved", lambda: read_saved(home).get(key) == f"'{value}'")
    wait_for("it to count", lambda: any(
        node.get_state_set().contains(tree.atspi.StateType.SENSITIVE)
        for node in tree.look("text", "Name of this station", "dialog")))


def find_station_of(server, code):
    return next((row[2] for row in list_scans(server) if row[1] == code), None)


def test_station(home):
    """Name and queue, and that a scanner's keys change nothing here and are not lost."""
    server = Server()
    tree, station = start(home, server)
    server.post("apple")
    wait_for("the scan", lambda: server.codes() == ["apple"])
    assert find_station_of(server, "apple") not in (None, "till4")

    open_preferences(tree)
    type_name(tree, "till4")
    drive("key Return")
    wait_for_change(tree, home, "station", "till4")
    server.post("banana")
    wait_for("the scan", lambda: server.codes() == ["apple", "banana"])
    assert find_station_of(server, "banana") == "till4"

    # A scanner's burst, with its Enter, while a field has the keyboard and holds what is not applied.
    type_name(tree, "half")
    scan("4006381333931")
    wait_for("the code", lambda: "4006381333931" in server.codes())
    assert find_station_of(server, "4006381333931") == "till4"
    assert tree.text_of(tree.find("text", "Name of this station", "dialog")).endswith("half")
    assert read_saved(home)["station"] == "'till4'"

    # Nor is it lost, or taken, by a change of something else.
    tree.click("check box", "Hold It for Review")
    wait_for_change(tree, home, "queue-mode", "review")
    server.post("cherry")
    tree.find("label", "1 scan is held", "dialog")
    assert tree.text_of(tree.find("text", "Name of this station", "dialog")).endswith("half")
    assert read_saved(home)["station"] == "'till4'"
    tree.click("check box", "Store It at Once")
    wait_for_change(tree, home, "queue-mode", "automatic")
    server.post("damson")
    wait_for("the scan", lambda: "damson" in server.codes())
    assert "cherry" not in server.codes()
    tree.press("push button", "Release All", "dialog")
    wait_for("the released one", lambda: "cherry" in server.codes())
    close_preferences(tree)
    station.stop()

    # As it was left; and what is fixed from outside says so.
    tree, station = start(home, server, queue_mode="review")
    open_preferences(tree)
    tree.find("label", "Fixed by the variable BIPE_QUEUE_MODE", "dialog")
    server.post("elder")
    tree.find("label", "1 scan is held", "dialog")
    close_preferences(tree)
    tree.press("push button", "Release All (1)")
    wait_for("the scan", lambda: "elder" in server.codes())
    assert find_station_of(server, "elder") == "till4"
    station.stop()


def make_database(folder):
    """A server that wants a password of the user bench."""
    postgres = Postgres(folder)
    quoted = PASSWORD.replace("'", "''")
    postgres.query(f"create role bench login password '{quoted}'")
    postgres.query("create database scans owner bench")
    config = f"{postgres.path}/data/pg_hba.conf"
    rules = Path(config).read_text(encoding="ascii")
    Path(config).write_text("host all bench 127.0.0.1/32 scram-sha-256\n" + rules, encoding="ascii")
    postgres.query("select pg_reload_conf()")
    return postgres


def list_stored(postgres):
    url = f"postgresql://postgres@127.0.0.1:{postgres.port}/scans"
    output = subprocess.run([f"{postgres.programs}/psql", url, "-XAtc",
                             "select code from scan order by id"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False).stdout
    return output.split()


def test_database(home):
    """From this computer to PostgreSQL and back: tried first, in words, and kept with its password."""
    server = Server()
    with Folder() as folder, make_database(folder) as postgres:
        tree, station = start(home, server)
        server.post("apple")
        wait_for("the scan", lambda: server.codes() == ["apple"])
        open_preferences(tree, "Database")
        tree.find("label", "This Computer", "dialog")
        tree.click("check box", "In PostgreSQL")
        tree.enter("text", "Host", "127.0.0.1", "dialog")
        tree.set_value("Port", postgres.port)
        tree.enter("text", "Database", "scans", "dialog")
        tree.enter("text", "User", "bench", "dialog")

        def apply():
            wait_for("Apply", lambda: tree.is_sensitive("_Apply"))
            tree.press("push button", "_Apply", "dialog")

        # What is typed here stays where something else is changed.
        tree.press("page tab", "Station", "dialog")
        for choice, mode in (("Hold It for Review", "review"), ("Store It at Once", "automatic")):
            tree.click("check box", choice)
            wait_for_change(tree, home, "queue-mode", mode)
        tree.press("page tab", "Database", "dialog")
        assert tree.text_of(tree.find("text", "User", "dialog")).endswith("bench")

        def find_apply():
            return tree.find("push button", "_Apply", "dialog").get_extents(
                tree.atspi.CoordType.WINDOW).y

        tree.enter("text", "Password", "wrong", "dialog")
        before = wait_for("Apply", find_apply)
        tree.press("push button", "_Test", "dialog")
        tree.find("label", "password", "dialog")
        wait_for("Test", lambda: tree.is_sensitive("_Test"))
        assert find_apply() == before, "an answer has pushed Apply away"
        assert read_saved(home).get("database-url") is None
        apply()
        tree.find("label", "It Can’t Be Had Now", "dialog")
        assert read_saved(home).get("database-url") is None

        tree.enter("text", "Password", PASSWORD, "dialog")
        tree.press("push button", "_Test", "dialog")
        tree.find("label", "PostgreSQL 1", "dialog")
        assert list_stored(postgres) == []
        apply()
        wait_for("it to be saved", lambda: read_saved(home).get("database-url") ==
                 f"'postgresql://bench@127.0.0.1:{postgres.port}/scans'")
        tree.find("label", "PostgreSQL scans", "dialog")
        tree.find("label", "Scans are stored there", "dialog")
        assert "Apply" not in [tree.text_of(node) for node in tree.look("push button", "", "dialog")]
        close_preferences(tree)
        server.post("banana")
        wait_for("the scan in PostgreSQL", lambda: list_stored(postgres) == ["banana"])
        tree.press("page tab", "History")
        tree.wanted |= {"apple"}
        tree.wait_for_history("banana")
        station.stop()

        # The password is kept, and is in no setting and no log.
        secrets = [PASSWORD, "corre%28t", "h0rse"]
        for path in Path(home).rglob("*"):
            if path.is_file() and path.name in ("keyfile", "log"):
                text = path.read_text(encoding="utf-8", errors="replace")
                assert not any(secret in text for secret in secrets), path
        save(home, **dict(read_saved(home), **{"window-page": "'scan'"}))
        tree, station = start(home, server)
        server.post("cherry")
        wait_for("the scan in PostgreSQL", lambda: list_stored(postgres) == ["banana", "cherry"])

        # Back: what is there comes into sight again.
        tree.press("page tab", "History")
        tree.wanted |= {"apple"}
        tree.wait_for_history("cherry", "banana")
        open_preferences(tree, "Database")
        tree.click("check box", "On This Computer")
        apply()
        tree.find("label", "This Computer", "dialog")
        wait_for("it to be saved", lambda: read_saved(home).get("database-url") == "''")
        close_preferences(tree)
        tree.wait_for_history("apple")
        station.stop()

        # What is fixed from outside says so.
        tree, station = start(home, server, database_url=f"{postgres.url}?sslmode=disable")
        open_preferences(tree, "Database")
        tree.find("label", "Fixed by the variable BIPE_DATABASE_URL", "dialog")
        close_preferences(tree)
        station.stop()


def test_camera_page(home):
    """The camera by its page."""
    server = Server()
    tree, station = start(home, server, camera_pipeline="videotestsrc is-live=true")
    open_preferences(tree, "Camera")
    tree.step_in("Camera Is On", "Down", 1, "On the Scan Page")
    wait_for("it to be saved", lambda: read_saved(home).get("camera") == "'page'")
    tree.step_in("Size", "Up", 1, "640\u00a0×\u00a0480")
    wait_for("it to be saved", lambda: read_saved(home).get("camera-size") == "'640x480'")
    tree.set_value("Pictures a Second", 10)
    wait_for("it to be saved", lambda: read_saved(home).get("camera-rate") == "10")
    tree.set_value("The Same Code Again After", 5)
    wait_for("it to be saved", lambda: read_saved(home).get("camera-repeat") == "5")
    tree.step_in("Show Mirrored", "Down", 1, "Always")
    wait_for("it to be saved", lambda: read_saved(home).get("camera-mirror") == "'on'")
    close_preferences(tree)
    tree.find("image", "Camera picture")
    station.stop()


def test_keyboard(home):
    """All of it without the pointer."""
    server = Server()
    tree, station = start(home, server)
    open_preferences(tree)
    # The field is behind the tabs, which are one stop in newer versions of GTK.
    def has_focus(role, name):
        return any(node.get_state_set().contains(tree.atspi.StateType.FOCUSED)
                   for node in tree.look(role, name, "dialog"))
    wait_for("the first tab", lambda: has_focus("page tab", "Station"))
    drive("key Tab")
    wait_for("the next stop", lambda: has_focus("page tab", "Database")
             or has_focus("text", "Name of this station"))
    drive(*["key Tab"] * (4 if has_focus("page tab", "Database") else 0), "type --delay 150 till")
    wait_for("the text", lambda: "till" in tree.text_of(
        tree.find("text", "Name of this station", "dialog")))
    drive("key Return")
    wait_for("it to be saved", lambda: read_saved(home).get("station") == "'till'")
    drive("key alt+d")
    tree.find("label", "Where Scans Are Stored", "dialog")
    close_preferences(tree)
    focus("Bipe")
    # Page by page, and no further than the last and the first.
    for key, pages in (("Page_Down", ("History", "Clients", "Clients")),
                       ("Page_Up", ("History", "Scan", "Scan"))):
        for page in pages:
            drive(f"key ctrl+{key}")
            wait_for(f"the page “{page}”",
                     lambda: any(map(tree.is_selected, tree.look("page tab", page))))
    drive("key ctrl+question")
    tree.find("label", "Silence sounds and voice", "dialog")
    close_dialog("Keyboard.Shortcuts")
    station.stop()


def test_failure(home):
    """A start that fails can be tried again, and has ways out."""
    server = Server()
    os.makedirs(f"{home}/data", exist_ok=True)
    Path(f"{home}/data/bipe").write_text("no folder", encoding="ascii")
    tree = Tree()
    station = Station(home, port=str(server.port))
    tree.find("label", "The Station Can’t Start")
    tree.find("push button", "Choose Another _Folder…")
    assert not tree.look("push button", "Store on This _Computer")
    tree.press("push button", "_Try Again")
    wait_for("a second failure", lambda: Path(f"{home}/log").read_text(encoding="utf-8").count(
        "cannot start") == 2)
    os.unlink(f"{home}/data/bipe")
    tree.press("push button", "_Try Again")
    wait_for("the station", lambda: server.codes() == [])
    server.post("apple")
    wait_for("the scan", lambda: server.codes() == ["apple"])
    station.stop()

    # A database that is none.
    save(home, **{"database-url": "'nonsense'"})
    tree = Tree()
    station = Station(home, port=str(server.port))
    tree.find("label", "The Station Can’t Start")
    tree.press("push button", "Store on This _Computer")
    tree.find("label", "Stored on this computer")
    wait_for("the scan", lambda: server.codes() == ["apple"])
    assert read_saved(home)["database-url"] == "''"
    station.stop()

    # Another setting's fault is not the database's.
    save(home, **{"database-url": "'postgresql://127.0.0.1:1/scans'"})
    tree = Tree()
    station = Station(home, port=str(server.port), speech_url="nonsense")
    wait_for("the failure", lambda: "cannot start: the setting speech-url" in Path(
        f"{home}/log").read_text(encoding="utf-8"))
    tree.find("push button", "_Try Again")
    assert not tree.look("push button", "Store on This _Computer")
    station.stop()


if __name__ == "__main__":
    main(globals())
