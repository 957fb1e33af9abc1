#!/usr/bin/python3
"""Web pages that were refused, and the operator who is asked about them.

test-origins.py BIPE SEND-KEYS SCENARIO: prints TAP.
"""

import time
import urllib.error
import urllib.request

from desktop import Server, Station, Tree, drive, main, scan, wait_for


def ask_as_page(server, origin):
    """The status of what a page there asks; None while nothing answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/queue",
                                     headers={"Origin": origin})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def read_saved_origins(home):
    """As GSettings' key file has them."""
    try:
        with open(f"{home}/config/glib-2.0/settings/keyfile", encoding="ascii") as file:
            lines = [line for line in file if line.startswith("allowed-origins=")]
    except FileNotFoundError:
        return None
    return lines[0].strip().partition("=")[2] if lines else None


def has_question(tree, text="wants to use this station."):
    return bool(tree.look("any", text))


def can_have_focus(tree, button):
    return tree.find("push button", button).get_state_set().contains(
        tree.atspi.StateType.FOCUSABLE)


def decide(tree, button):
    """Once the question has stood there long enough to be answered."""
    wait_for(f"“{button}” to be in reach", lambda: tree.is_sensitive(button, "frame"))
    tree.press("push button", button)


def test_origins(home):
    """A web page that was refused is asked about, without being in anybody's way."""
    tree = Tree()
    server = Server()
    station = Station(home, port=str(server.port))
    start = time.monotonic()
    shop, forum = "https://shop.example", "https://forum.example:8443"
    tree.find_shown("label", "Scan a code to begin")
    wait_for("the window to take a scan", lambda: scan("first") or tree.look("label", "first"))
    assert ask_as_page(server, "http://localhost:3000") == 200
    assert not has_question(tree)

    # Nothing that a scanner types is an answer: neither at once, nor once it can be answered, nor
    # wherever its Tab has gone.
    assert ask_as_page(server, shop) == 403
    tree.find("any", f"The web page {shop} wants to use this station.")
    drive("key Return")
    scan("apple")
    wait_for("the answers", lambda: tree.is_sensitive("_Allow", "frame"))
    assert not can_have_focus(tree, "_Allow") and not can_have_focus(tree, "_Refuse")
    drive("key Return")
    for i in range(8):
        drive("key Tab")
        scan(f"banana {i}")
    tree.find("label", "banana 7")
    assert has_question(tree, shop) and ask_as_page(server, shop) == 403

    # One at a time; and the second of two clicks is no answer to the next.
    assert ask_as_page(server, forum) == 403
    assert not has_question(tree, forum)
    tree.click("push button", "_Allow", "frame")
    drive("click --repeat 4 --delay 100 1")
    wait_for("the shop to be let in", lambda: ask_as_page(server, shop) == 200)
    tree.find("any", f"The web page {forum} wants to use this station.")
    assert ask_as_page(server, forum) == 403
    wait_for("it to be saved", lambda: read_saved_origins(home) == f"'{shop}'")
    decide(tree, "_Refuse")
    wait_for("no question", lambda: not has_question(tree))
    assert ask_as_page(server, forum) == 403 and ask_as_page(server, shop) == 200

    # Once a run; a flood of them comes to a few questions and a few lines, and no scan is lost.
    for i in range(1000):
        assert ask_as_page(server, f"https://x{i}.example") == 403
    assert ask_as_page(server, forum) == 403
    scan("damson")
    tree.find("label", "damson")
    with open(f"{home}/log", encoding="utf-8") as log:
        n_told = log.read().count("refused a request of the web page")
    minutes = 1 + (time.monotonic() - start) // 60
    assert 33 <= n_told <= 33 * minutes, n_told
    for i in range(3):
        tree.find("any", f"https://x{i}.example")
        decide(tree, "_Refuse")
    station.stop()

    # After a restart the one is still let in, and the other asked about again; added to a list.
    tree = Tree()
    station = Station(home, port=str(server.port))
    tree.find_shown("label", "Scan a code to begin")
    assert ask_as_page(server, shop) == 200 and ask_as_page(server, "null") == 403
    tree.find("any", "A web page without an address (a file, or a sandboxed frame) wants to use")
    tree.find("label", "Any web page can show itself without its address.")
    decide(tree, "_Refuse")
    assert ask_as_page(server, forum) == 403
    tree.find("any", forum)
    decide(tree, "_Allow")
    wait_for("the forum to be let in", lambda: ask_as_page(server, forum) == 200)
    wait_for("it to be saved", lambda: read_saved_origins(home) == f"'{shop},{forum}'")
    assert ask_as_page(server, "null") == 403
    station.stop()

    # Where the list is fixed from outside, nothing is saved; and with * nothing is ever refused.
    tree = Tree()
    station = Station(home, port=str(server.port), allowed_origins="https://till.example")
    tree.find_shown("label", "Scan a code to begin")
    assert ask_as_page(server, "https://till.example") == 200
    assert ask_as_page(server, shop) == 403
    tree.find("label", "until the program ends: the list is fixed by the variable "
              "BIPE_ALLOWED_ORIGINS.")
    decide(tree, "_Allow")
    wait_for("the shop to be let in", lambda: ask_as_page(server, shop) == 200)
    station.stop()
    assert read_saved_origins(home) == f"'{shop},{forum}'"

    tree = Tree()
    station = Station(home, port=str(server.port), allowed_origins="*")
    tree.find_shown("label", "Scan a code to begin")
    assert ask_as_page(server, "null") == 200 and ask_as_page(server, "file://") == 200
    assert not has_question(tree)
    station.stop()


main(globals())
