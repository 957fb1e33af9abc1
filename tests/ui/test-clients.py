#!/usr/bin/python3
"""Other machines and the window: how they are let in, what is seen of them, and how they are put out.

test-clients.py BIPE SEND-KEYS LIVE SCENARIO: prints TAP. LIVE is the folder of tests/live, where a
device is that pairs as /v1/pair expects it.
"""

import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import sys
import threading
import urllib.parse

sys.path.insert(0, sys.argv[3])

from desktop import Server, Station, Tree, drive, main, wait_for
from phone import Phone


def find_own_address():
    """Of this machine, and not its loopback; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


def save(home, **settings):
    """What the window would have saved before."""
    os.makedirs(f"{home}/config/glib-2.0/settings", exist_ok=True)
    with open(f"{home}/config/glib-2.0/settings/keyfile", "w", encoding="ascii") as file:
        file.write("[io/github/bipe/Bipe]\n")
        file.writelines(f"{key}={value}\n" for key, value in settings.items())


def read_saved(home):
    with open(f"{home}/config/glib-2.0/settings/keyfile", encoding="ascii") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)


def is_open(address, port):
    try:
        socket.create_connection((address, port), timeout=5).close()
        return True
    except OSError:
        return False


def show_code(tree):
    """The link in the dialog that shows the code."""
    tree.press("push button", "Pair a Device…")
    return read_link(tree)


def read_link(tree):
    label = tree.find("label", "#pair=", "dialog")
    return re.search(r"https://\S+", tree.text_of(label)).group()


def focus(title):
    """Without a window manager nobody else gives a dialog the keyboard."""
    drive(f"search --onlyvisible --name ^{title.replace(' ', '.')}$ windowfocus --sync")


class Asking(threading.Thread):
    """A device that has sent the code and waits for the operator."""

    def __init__(self, link, name):
        super().__init__()
        self.phone = Phone(link, name)
        self.status = None
        self.start()

    def run(self):
        self.status = self.phone.pair()

    def get_status(self):
        self.join(60)
        return self.status


def spell(digits):
    return digits[:3] + " " + digits[3:]


def pair(tree, name):
    """Lets a device in with what is usual; returns it."""
    asking = Asking(show_code(tree), name)
    tree.find("alert", spell(asking.phone.digits), "dialog")
    tree.press("push button", "_Allow", "dialog")
    tree.find("label", "Device Paired", "dialog")
    assert asking.get_status() == 201
    tree.press("push button", "_Done", "dialog")
    return asking.phone


@contextlib.contextmanager
def follow(phone):
    """A stream of events, as long as the phone is let in: its connection."""
    connection = phone.connect()
    connection.request("GET", "/v1/events", headers={"Authorization": "Bearer " + phone.token,
                                                     "Accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    try:
        yield answer
    finally:
        connection.close()


def is_ended(answer):
    """Whether the stream has come to its end, which is waited for."""
    try:
        while answer.read(1):
            pass
    except (OSError, http.client.HTTPException):
        pass
    return True


def start_open(home, port, **settings):
    tree = Tree()
    station = Station(home, port=str(port), listen="lan", **settings)
    tree.press("page tab", "Clients")
    return tree, station


def test_pairing(home):
    """From the code to the token; and each way in which there is none."""
    port = Server().port
    tree, station = start_open(home, port)
    tree.find("label", "No Clients")

    link = show_code(tree)
    assert urllib.parse.urlsplit(link).port == port, link
    tree.find("label", "Valid for 1:", "dialog")
    asking = Asking(link, "Ana’s phone")
    tree.find("alert", spell(asking.phone.digits), "dialog")
    tree.find("label", "Ana’s phone · ", "dialog")

    # A name that can't be one is not taken, nor rights that are none.
    allow = tree.find("push button", "_Allow", "dialog")
    def is_allowed():
        return allow.get_state_set().contains(tree.atspi.StateType.SENSITIVE)
    tree.enter("text", "Name", "", "dialog")
    wait_for("Allow to be out of reach", lambda: not is_allowed())
    tree.enter("text", "Name", "Ana at the counter", "dialog")
    wait_for("Allow", is_allowed)
    tree.click("check box", "Scan")
    tree.click("check box", "Read")
    wait_for("Allow to be out of reach", lambda: not is_allowed())
    tree.click("check box", "Scan")
    wait_for("Allow", is_allowed)
    tree.press("push button", "_Allow", "dialog")
    tree.find("label", "Ana at the counter: Scan. Until ", "dialog")
    assert asking.get_status() == 201
    phone = asking.phone
    assert phone.scan("4006381333931") == 201
    assert phone.request("GET", "/v1/scans")[0] == 403

    # Refused.
    tree.press("push button", "Pair _Another", "dialog")
    asking = Asking(read_link(tree), "thief")
    tree.find("alert", spell(asking.phone.digits), "dialog")
    tree.press("push button", "_Refuse", "dialog")
    tree.find("label", "Refused", "dialog")
    assert asking.get_status() == 403

    # A second device with the code ends it while the first waits.
    tree.press("push button", "_New Code", "dialog")
    link = read_link(tree)
    asking = Asking(link, "first")
    tree.find("alert", spell(asking.phone.digits), "dialog")
    assert Phone(link, "second").ask()[0] == 403
    tree.find("label", "The Code No Longer Counts", "dialog")
    assert asking.get_status() == 403

    # Five wrong codes end it.
    tree.press("push button", "_New Code", "dialog")
    link = read_link(tree)
    for _ in range(5):
        assert Phone(link).ask(code="0" * 32)[0] == 403
    tree.find("label", "too many wrong codes", "dialog")
    assert Phone(link).ask()[0] == 403

    # With the dialog the code goes.
    tree.press("push button", "_New Code", "dialog")
    link = read_link(tree)
    focus("Pair a Device")
    drive("key Escape")
    wait_for("the code to be taken back", lambda: Phone(link).ask()[0] == 403)
    station.stop()


def test_unreachable(home):
    """Where nobody can be paired, the dialog says why, and where to change it."""
    port = Server().port
    save(home, port=port)
    tree = Tree()
    station = Station(home, port=None)
    tree.find("label", "Scan a code to begin")
    tree.press("page tab", "Clients")
    tree.press("push button", "Pair a Device…")
    tree.find("label", "Other Devices Can’t Reach This Station", "dialog")
    tree.press("push button", "_Network…", "dialog")
    tree.click("check box", "All Devices on This Network")
    tree.press("push button", "_Apply", "dialog")
    # It goes on by itself.
    link = read_link(tree)
    assert Phone(link).request("GET", "/v1/health")[0] == 200
    station.stop()

    tree, station = start_open(home, port, tls="off")
    tree.press("push button", "Pair a Device…")
    tree.find("label", "Pairing Needs Encryption", "dialog")
    station.stop()


def test_clients(home):
    """What is seen of a device, and what can be done with it."""
    port = Server().port
    tree, station = start_open(home, port)
    phone = pair(tree, "phone")
    tree.find("heading", "Devices With a Token")
    tree.find("label", "Scan, Read · 0 scans")
    tree.find("label", "last used ")

    assert phone.scan("apple") == 201 and phone.scan("banana") == 201
    tree.find("label", "Scan, Read · 2 scans")

    tree.choose("Rename…")
    tree.answer("Rename", "Name", "till 2")
    tree.find("label", "till 2")

    tree.choose("Rights…")
    tree.click("check box", "Read")
    tree.press("push button", "_Apply", "dialog")
    tree.find("label", "Scan · 2 scans")
    assert phone.request("GET", "/v1/scans")[0] == 403 and phone.scan("cherry") == 201
    tree.choose("Rights…")
    tree.click("check box", "Read")
    tree.press("push button", "_Apply", "dialog")
    tree.find("label", "Scan, Read · 3 scans")

    with follow(phone) as stream:
        tree.find("heading", "Connected (1)")
        tree.find("label", "Events from ")
        tree.choose("Disconnect")
        assert is_ended(stream)
    wait_for("nobody to be connected", lambda: not tree.look("heading", "Connected (1)"))

    with follow(phone) as stream:
        tree.find("heading", "Connected (1)")
        tree.choose("Revoke")
        tree.find("label", "Revoked: till 2")
        assert is_ended(stream)
    assert phone.scan("damson") == 401
    tree.find("label", "Revoked ")
    tree.press("push button", "Undo")
    tree.find("label", "Let in again: till 2")
    assert phone.scan("damson") == 201
    tree.find("label", "Scan, Read · 4 scans")
    station.stop()


def ask_health(address, port, is_encrypted):
    """The status of a request without a token; None where nobody listens."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = (http.client.HTTPSConnection(address, port, timeout=10, context=context)
                  if is_encrypted else http.client.HTTPConnection(address, port, timeout=10))
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/v1/health")
            answer = connection.getresponse()
            json.loads(answer.read())
            return answer.status
        except OSError:
            return None


def test_network(home):
    """Who can reach the station is changed, and counts at once."""
    port = Server().port
    address = find_own_address()
    save(home, port=port)
    tree = Tree()
    station = Station(home, port=None)
    tree.find("label", f"http://127.0.0.1:{port}")
    assert not is_open(address, port)
    tree.press("page tab", "Clients")

    def open_dialog():
        tree.press("push button", "_Network…")
        tree.find("label", "Who Can Reach the Station", "dialog")

    def apply():
        tree.press("push button", "_Apply", "dialog")

    open_dialog()
    tree.find("label", "Only programs on this computer. They need no token.", "dialog")
    tree.click("check box", "All Devices on This Network")
    tree.find("label", "Once You Apply", "dialog")
    apply()
    tree.find("label", "Fingerprint of the Certificate", "dialog")
    wait_for("TLS", lambda: ask_health(address, port, True) == 200)
    assert ask_health(address, port, False) == 426
    wait_for("it to be saved", lambda: read_saved(home).get("listen") == "'lan'")

    # Off with TLS: in words, and on the wire.
    focus("Network")
    tree.step_in("Encryption", "Down", 2, "Off")
    tree.find("any", "Every device on your network that has a token. NOT encrypted", "dialog")
    apply()
    wait_for("plain", lambda: ask_health(address, port, False) == 200)
    assert ask_health(address, port, True) is None
    tree.step_in("Encryption", "Up", 2, "Automatic")
    apply()
    wait_for("TLS", lambda: ask_health(address, port, True) == 200)

    tree.click("check box", "Nobody")
    apply()
    wait_for("nobody to listen", lambda: not is_open("127.0.0.1", port))
    tree.click("check box", "At Certain Addresses…")
    tree.enter("text", "Addresses of this computer", address + ", nonsense", "dialog")
    wait_for("Apply to be out of reach", lambda: not tree.is_sensitive("_Apply"))
    tree.enter("text", "Addresses of this computer", address, "dialog")
    wait_for("Apply", lambda: tree.is_sensitive("_Apply"))
    apply()
    wait_for("that address", lambda: ask_health(address, port, True) == 200)
    assert ask_health("127.0.0.1", port, False) == 200

    # A port that is taken: the old one goes on, and the next free one is offered.
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        tree.set_value("Port", taken)
        apply()
        button = tree.find("push button", "Use Port ", "dialog")
        assert ask_health(address, port, True) == 200
        free = int(tree.text_of(button).split()[-1])
        assert free != taken
        tree.press("push button", "Use Port ", "dialog")
        wait_for("the free port", lambda: ask_health(address, free, True) == 200)
    wait_for("the old one to be left", lambda: not is_open("127.0.0.1", port))
    wait_for("it to be saved", lambda: read_saved(home).get("port") == str(free))
    station.stop()

    # It was saved; and what is fixed from outside says so.
    tree = Tree()
    station = Station(home, port=None)
    tree.press("page tab", "Scan")
    tree.find("label", f"https://{address}:{free}")
    station.stop()
    tree = Tree()
    station = Station(home, port=str(port), listen="none", tls="on")
    tree.press("page tab", "Scan")
    tree.find("label", "No server")
    tree.press("page tab", "Clients")
    open_dialog()
    tree.find("label", "Fixed by the variable BIPE_LISTEN", "dialog")
    tree.find("label", "Fixed by the variable BIPE_TLS", "dialog")
    tree.find("label", "Fixed by the variable BIPE_PORT", "dialog")
    station.stop()

    # Taken from the start: one click from the Scan page.
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        save(home, port=holder.getsockname()[1])
        tree = Tree()
        station = Station(home, port=None)
        tree.press("push button", "Network…")
        free = int(tree.text_of(tree.find("push button", "Use Port ", "dialog")).split()[-1])
        tree.press("push button", "Use Port ", "dialog")
        wait_for("the free port", lambda: ask_health("127.0.0.1", free, False) == 200)
        tree.find("label", f"http://127.0.0.1:{free}")
    station.stop()


main(globals())
