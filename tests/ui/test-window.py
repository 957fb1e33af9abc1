#!/usr/bin/python3
"""The real program, seen and used as a person does, by its accessible tree (AT-SPI).

test-window.py BIPE SEND-KEYS PICTURE-SOURCE SCENARIO: prints TAP.
"""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

from desktop import PATIENCE, Server, Station, Tree, drive, main, scan, wait_for

PICTURE_SOURCE = sys.argv[3]


def behind_first(codes):
    """Without those that the window was tried with; it may have come up in the middle of one."""
    while "first" in codes:
        codes = codes[codes.index("first") + 1:]
    return codes


def test_alone(home):
    """An empty home and no session bus; what was scanned is there after a restart."""
    server = Server()
    codes = [f"40063813339{i:02}" for i in range(20)]
    station = Station(home, port=str(server.port))
    wait_for("the window to take a scan", lambda: scan("first") or "first" in (server.codes() or []))
    scan(*codes)
    wait_for("all codes, in order", lambda: behind_first(server.codes()) == codes,
             seen=server.codes)
    station.stop()

    station = Station(home, port=str(server.port))
    wait_for("the codes after a restart",
             lambda: behind_first(server.codes() or []) == codes)
    station.stop()


def test_scan_page(home):
    tree = Tree()
    station = Station(home)
    tree.find_shown("label", "Scan a code to begin")
    tree.find("label", "http://127.0.0.1:")
    wait_for("the window to take a scan", lambda: scan("first") or tree.look("label", "first"))
    scan("4006381333931")
    tree.find("label", "4006381333931")
    tree.find("label", "Stored")

    tree.enter("text", "Code", "by hand \u4f60\u597d")
    tree.press("push button", "Add")
    tree.find("label", "by hand \u4f60\u597d")
    wait_for("an empty field", lambda: tree.text_of(tree.find("text", "Code")) == "Code")

    tree.enter("text", "Code", "x" * 7090)
    tree.press("push button", "Add")
    tree.find("any", "This is not a usable code")
    assert len(tree.text_of(tree.find("text", "Code"))) == len("Code") + 7090
    station.stop()


def test_history_page(home):
    tree = Tree()
    server = Server()
    station = Station(home, port=str(server.port))
    tree.find_shown("label", "Scan a code to begin")
    tree.press("page tab", "History")
    tree.find("label", "No Scans Yet")
    server.post("apple", "banana", "cherry")
    tree.wait_for_history("cherry", "banana", "apple")

    tree.enter("entry", "Search codes", "NAN")
    tree.wait_for_history("banana")
    tree.enter("entry", "Search codes", "no such code")
    tree.find("label", "Nothing Found")
    tree.enter("entry", "Search codes", "nan")
    tree.wait_for_history("banana")

    tree.press("push button", "Void…")
    tree.find("label", "banana\n", "dialog")
    tree.answer("Void", "Reason (optional)", "a mistake")
    tree.find("label", "Voided: banana")
    wait_for("a voided one to be left out", lambda: server.codes() == ["apple", "cherry"])
    tree.press("push button", "Undo")
    tree.find("label", "Restored: banana")
    wait_for("the restored one", lambda: server.codes() == ["apple", "banana", "cherry"])

    tree.press("push button", "Void…")
    tree.answer("Void")
    tree.press("push button", "Restore")
    wait_for("the restored one", lambda: server.codes() == ["apple", "banana", "cherry"])
    station.stop()


def test_review(home):
    """Held scans are released, edited, removed, and removed ones come back."""
    tree = Tree()
    server = Server()
    station = Station(home, port=str(server.port), queue_mode="review")
    tree.find_shown("label", "Scan a code to begin")
    server.post("apple")
    tree.find("label", "Held for review")
    tree.press("push button", "Edit")
    tree.answer("Save", "Corrected code", "apricot")
    tree.find("label", "apricot")
    tree.press("push button", "Remove")
    tree.find("label", "Removed from the queue: apricot")
    tree.find("label", "Voided")
    wait_for("nothing held", lambda: not tree.look("label", "Held for review"))
    tree.press("push button", "Undo")
    tree.find("label", "Held for review")
    wait_for("nothing voided", lambda: not tree.look("label", "Voided"))
    tree.press("push button", "Release")
    wait_for("the released one", lambda: server.codes() == ["apricot"])
    server.post("banana", "cherry")
    tree.press("push button", "Release All (2)")
    wait_for("all released", lambda: server.codes() == ["apricot", "banana", "cherry"])
    station.stop()


def test_full(home):
    """Where nothing more can be kept, nothing says that all is well."""
    tree = Tree()
    server = Server()
    station = Station(home, port=str(server.port), queue_mode="review", queue_limit="1")
    tree.find_shown("label", "Scan a code to begin")
    server.post("apple")
    tree.find("label", "Held for review")
    tree.find("label", "Stored on this computer")
    tree.enter("text", "Code", "banana")

    def is_refused():
        """It is forgotten after a while."""
        tree.press("push button", "Add")
        return (tree.look("any", "No scan can be kept now: ")
                and not tree.look("label", "Stored on this computer"))
    wait_for("a refusal, and no other word", is_refused)
    tree.press("push button", "Release")
    wait_for("room for it", lambda: server.codes() == ["apple"])
    tree.press("push button", "Add")
    tree.find("label", "Stored on this computer")
    station.stop()


def test_locked(home):
    """Where another process has the data folder, the window says which."""
    os.makedirs(f"{home}/data/bipe")
    with open(f"{home}/data/bipe/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\nhttp://localhost:1\n")
        lock.flush()
        station = Station(home)
        tree = Tree()
        tree.find("label", "The data folder")
        tree.find("label", "in use by process 4711")
        assert not tree.look("label", "--data-dir")
        station.stop()


def make_qr(path, *texts):
    """A picture with a QR code for each text, side by side."""
    codes = []
    for text in texts:
        code = subprocess.run(["qrencode", "-8", "-s", "6", "-m", "6", "-t", "ASCII"], input=text,
                              stdout=subprocess.PIPE, check=True).stdout.decode()
        # Two characters a module, and the margin is white.
        codes.append([[char == "#" for char in line[::2]] for line in code.splitlines()])
    width, height = sum(len(code[0]) for code in codes), max(len(code) for code in codes)
    rows = [sum((code[y] if y < len(code) else [False] * len(code[0]) for code in codes), [])
            for y in range(height)]
    write_png(path, [[0 if dark else 255 for dark in row for _ in range(6)]
                     for row in rows for _ in range(6)])
    return width, height


def write_png(path, rows):
    """Grey, 8 bits."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n"
                   + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def show(path):
    """A camera that sees nothing but this picture."""
    return (f"filesrc location={path} ! pngdec ! imagefreeze is-live=true "
            "! video/x-raw,framerate=30/1")


def test_camera(home):
    """A code in view is taken once, and again only when it comes anew."""
    tree = Tree()
    server = Server()
    make_qr(f"{home}/code.png", b"https://bipe.example/4711")
    station = Station(home, port=str(server.port), camera="page",
                      camera_pipeline=show(f"{home}/code.png"))
    wait_for("the code", lambda: server.codes() == ["https://bipe.example/4711"])
    tree.find("image", "Camera picture")
    tree.find("label", "QR Code \u00b7 Camera")

    # In view for longer than camera-repeat: it must have had its chance. Nor does a program that
    # has stood still, and has seen nothing for so long, take it for a new one.
    time.sleep(3)
    station.process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    station.process.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert server.codes() == ["https://bipe.example/4711"], server.codes()

    tree.press("push button", "Camera")
    wait_for("no camera", lambda: not tree.look("image", "Camera picture"))
    time.sleep(1.5)
    tree.press("push button", "Camera")
    tree.find("image", "Camera picture")
    wait_for("the code again", lambda: server.codes() == ["https://bipe.example/4711"] * 2)

    tree.press("page tab", "History")
    tree.find("any", "Search codes")
    time.sleep(1.5)
    tree.press("page tab", "Scan")
    wait_for("the code again", lambda: server.codes() == ["https://bipe.example/4711"] * 3)
    station.stop()

    station = Station(home, port=str(server.port), camera_pipeline=show(f"{home}/code.png"))
    wait_for("the camera, as it was left", lambda: len(server.codes() or []) == 4)
    tree = Tree()
    tree.press("page tab", "History")
    tree.find("any", "Search codes")
    station.stop()

    # The page is saved, too.
    station = Station(home, port=str(server.port), camera_pipeline=show(f"{home}/code.png"))
    wait_for("the server", lambda: server.codes() is not None)
    time.sleep(3)
    assert len(server.codes()) == 4, "on with a page that is not shown"
    station.stop()
    station = Station(home, port=str(server.port), camera="always",
                      camera_pipeline=show(f"{home}/code.png"))
    wait_for("the camera without its page", lambda: len(server.codes() or []) == 5)
    station.stop()


def test_camera_states(home):
    """What the operator is told where there is no picture."""
    tree = Tree()
    station = Station(home, camera="off", camera_device="no such camera")
    tree.find("label", "Any scanner that types like a keyboard")
    assert not tree.look("any", "Camera picture")
    tree.press("push button", "Camera")
    tree.find("label", "The Camera Is Not Plugged In")
    tree.find("label", "Plug it in again")
    drive("key ctrl+shift+c")
    wait_for("no camera", lambda: not tree.look("image", "Camera picture"))
    station.stop()

    tree = Tree()
    station = Station(home, camera="page", camera_pipeline="videotestsrc ! no-such-element")
    tree.find("label", "The Camera Doesn\u2019t Work")
    tree.find("label", "no-such-element")
    tree.press("push button", "Try Again")
    tree.find("label", "no-such-element")
    station.stop()

    make_qr(f"{home}/nul.png", b"one\0two")
    tree = Tree()
    station = Station(home, camera="page", camera_pipeline=show(f"{home}/nul.png"))
    tree.find("label", "one\u2400two")
    tree.find("label", "NUL character (U+0000)")
    station.stop()


def test_images(home):
    """Pictures that are opened are read, and the operator hears what was in them."""
    tree = Tree()
    server = Server()
    make_qr(f"{home}/label.png", b"first code", b"second code")
    make_qr(f"{home}/one.png", b"third code")
    write_png(f"{home}/empty.png", [[255] * 300] * 200)
    with open(f"{home}/notes.png", "w", encoding="ascii") as notes:
        notes.write("This is no picture at all.")

    def open_images(*names):
        """As a file manager does: a second process, which hands them over."""
        again = Station(home, images=[f"{home}/{name}" for name in names], port=str(server.port))
        assert again.process.wait(PATIENCE) == 0

    station = Station(home, images=[f"{home}/label.png"], port=str(server.port))
    tree.find("label", "2 codes from label.png")
    wait_for("both codes", lambda: sorted(server.codes()) == ["first code", "second code"])
    tree.find("label", "Camera \u00b7 Image: label.png")

    open_images("empty.png")
    tree.find("label", "No code found in empty.png")
    open_images("notes.png")
    tree.find("label", "Cannot read notes.png: ")
    open_images("missing.png")
    tree.find("label", "Cannot read missing.png: ")
    open_images("one.png", "empty.png", "label.png", "notes.png")
    tree.find("label", "3 codes from 2 pictures")
    tree.find("label", "No code found in empty.png; 1 more picture without a code")
    wait_for("all codes", lambda: len(server.codes()) == 5)
    station.stop()

    tree = Tree()
    station = Station(home, images=[f"{home}/one.png"], symbologies="EAN-13, Code 128")
    tree.find("label", "No code found in one.png")
    station.stop()
    station = Station(home, symbologies="EAN-13, Morse")
    assert station.process.wait(PATIENCE) == 2


class PictureSource:
    """Another program, with pictures in the clipboard or to be dragged."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PICTURE_SOURCE, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.said = ""
        os.set_blocking(self.process.stdout.fileno(), False)
        Station.running.append(self.process)
        self.expect("ready")

    def has_said(self, what):
        """Since it was asked before."""
        try:
            self.said += os.read(self.process.stdout.fileno(), 4096).decode()
        except BlockingIOError:  # nothing new
            pass
        _, there, after = self.said.partition(what + "\n")
        self.said = after if there else self.said
        return bool(there)

    def expect(self, what):
        wait_for(f"“{what}”", lambda: self.has_said(what))

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0


def test_paste(home):
    """Pictures and files from the clipboard, and pictures that are dropped."""
    tree = Tree()
    server = Server()
    make_qr(f"{home}/one.png", b"first code")
    make_qr(f"{home}/two.png", b"second code", b"third code")
    make_qr(f"{home}/three.png", b"fourth code")
    station = Station(home, port=str(server.port))
    tree.find_shown("label", "Scan a code to begin")

    # Without a window manager nobody else gives the keyboard back.
    paste = ("search --onlyvisible --name ^Bipe$ windowfocus --sync", "key ctrl+v")

    source = PictureSource("--copy", f"{home}/one.png")
    drive(*paste)
    tree.find("label", "1 code from the pasted picture")
    wait_for("the code", lambda: server.codes() == ["first code"])
    source.close()

    source = PictureSource("--copy-files", f"{home}/two.png")
    drive(*paste)
    tree.find("label", "2 codes from two.png")
    wait_for("the codes", lambda: len(server.codes()) == 3)
    source.close()

    drive(*paste)
    tree.find("label", "There is no picture in the clipboard")

    source = PictureSource(f"{home}/three.png")

    def drag():
        drive("mousemove 50 50", "mousemove 80 80")
        return source.has_said("begun")

    def drop():
        """A machine that is busy may miss that something is over it: then once more."""
        drive("mousemove 50 50", "mousedown 1")
        wait_for("the drag to begin", drag)
        drive("mousemove 120 120", "mousemove 400 300", "mousemove 640 400", "mousemove 642 402",
              "mouseup 1")
        source.expect("ended")
        return tree.look("label", "1 code from three.png")

    wait_for("the dropped picture", drop)
    wait_for("the code", lambda: "fourth code" in server.codes())
    source.close()
    station.stop()


main(globals())
