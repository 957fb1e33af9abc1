#!/usr/bin/python3
"""Screenshots of the real window, with real scans in it and a camera that sees a parcel.

take-screenshots.py BIPE SEND-KEYS ROOT FOLDER WHAT: writes them to FOLDER. WHAT is "chosen", for those that README
and metainfo show (ninja screenshots), or "all": each page and dialog in each language, light and dark, 360 and
1280 pixels wide, to be looked at: LANGUAGE-STYLE-WIDTH-PLACE.png. BIPE_SHOTS=pt_BR,dark takes only those of
these languages, styles and widths.

Needs ImageMagick, GStreamer's plugins-good, fonts-cantarell and a Chinese font. With the package locales dates are as
each language has them, with xcompmgr menus have a shadow.
"""

import contextlib
import fcntl
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BIPE, ROOT, FOLDER = (Path(argument).resolve() for argument in (sys.argv[1], *sys.argv[3:5]))
sys.path.insert(0, str(ROOT / "tests/style"))

from desktop import Display, Server, Station, Tree, drive, main, scan, wait_for
from languages import English, Speech, ask_server, is_back, list_windows, use_language
from translations import read_catalogue

LANGUAGES = {"en": "en_US", "pt_BR": "pt_BR", "zh_CN": "zh_CN"}
HEIGHT = 720

# Of each window, where no window manager draws one, and the screen is as much larger.
FRAME = 5

# The codes on the table, the last one first.
WEDGE = ("4006381333931", "9780201379624", "5601234567893", "7891000315507")
POSTED = (("7622210449283", "EAN-13"), ("BOX-2026-00471", "Code 128"), ("0123456789104", "EAN-13"),
          ("https://bipe.example/parcel/00471", "QR Code"), ("LOT 7 · 18/36", "Data Matrix"))

LEFT = {"L": "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split(),
        "G": "0100111 0110011 0011011 0100001 0011101 0111001 0000101 0010001 0001001 0010111".split()}
PARITY = "LLLLLL LLGLGG LLGGLG LLGGGL LGLLGG LGGLLG LGGGLL LGLGLG LGLGGL LGGLGL".split()


def draw_ean(digits, x, y, module, height):
    """As ImageMagick draws it: ISO/IEC 15420."""
    left = "".join(LEFT[kind][int(digit)] for kind, digit in zip(PARITY[int(digits[0])], digits[1:7]))
    right = "".join("".join("10"[int(bit)] for bit in LEFT["L"][int(digit)]) for digit in digits[7:])
    bars = "101" + left + "01010" + right + "101"
    return " ".join(f"rectangle {x + i * module},{y} {x + (i + 1) * module - 1},{y + height}"
                    for i, bar in enumerate(bars) if bar == "1")


def make_camera(home, width=1280, height=720):
    """A file with the picture of a parcel in it, by the name that a camera would have."""
    draw = ["-size", f"{width + 200}x{height + 200}", "gradient:#c49a68-#8f6a41",
            "-fill", "#d8bb8c", "-draw", f"rectangle 0,250 {width + 200},330",
            "-fill", "#fbfaf6", "-draw", "roundrectangle 400,270 1080,710 10,10",
            "-fill", "#1c1b1a", "-pointsize", "34", "-draw", "text 450,345 'BIPE · 00471'",
            "-draw", "rectangle 450,372 790,380", "-draw", "rectangle 450,398 700,406",
            "-draw", draw_ean("7891000315507", 500, 450, 5, 180),
            "-rotate", "-2", "-gravity", "center", "-extent", f"{width}x{height}",
            "-blur", "0x0.7"]
    subprocess.run(["convert", *draw, f"{home}/parcel.png"], check=True)
    subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={home}/parcel.png", "!", "pngdec", "!",
                    "imagefreeze", "num-buffers=300", "!", "video/x-raw,framerate=15/1", "!",
                    "videoconvert", "!", "jpegenc", "quality=92", "!", "matroskamux", "!", "filesink",
                    f"location={home}/Webcam"], check=True)
    return f"file://{home}/Webcam"


def make_locales(folder):
    """Those that dates and numbers need; without the package locales there is C.UTF-8 alone."""
    os.makedirs(folder)
    for name in LANGUAGES.values():
        with contextlib.suppress(OSError):
            subprocess.run(["localedef", "-c", "-f", "UTF-8", "-i", name, f"{folder}/{name}.UTF-8"],
                           check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ["LOCPATH"] = folder


def find_locale(folder, language):
    name = f"{LANGUAGES[language]}.UTF-8"
    return name if os.path.isdir(f"{folder}/{name}") else "C.UTF-8"


def save(home, width, **settings):
    os.makedirs(f"{home}/config/glib-2.0/settings", exist_ok=True)
    with open(f"{home}/config/glib-2.0/settings/keyfile", "w", encoding="utf-8") as file:
        file.write(f"[io/github/bipe/Bipe]\nwindow-width={width + 2 * FRAME}\n"
                   f"window-height={HEIGHT + 2 * FRAME}\nsound-output='fakesink'\n")
        file.writelines(f"{key}={value}\n" for key, value in settings.items())
    os.makedirs(f"{home}/config/gtk-4.0", exist_ok=True)
    with open(f"{home}/config/gtk-4.0/settings.ini", "w", encoding="utf-8") as file:
        file.write("[Settings]\ngtk-cursor-blink=0\ngtk-enable-animations=0\ngtk-font-name=Cantarell 11\n"
                   "gtk-xft-antialias=1\ngtk-xft-hinting=1\ngtk-xft-hintstyle=hintslight\n"
                   "gtk-decoration-layout=:minimize,maximize,close\n")


def wait_for_stillness():
    """Until nothing changes any more. Where something always does, not for ever."""
    def shoot():
        return subprocess.run(["import", "-window", "root", "-silent", "-depth", "8", "rgb:-"],
                              stdout=subprocess.PIPE, check=True).stdout
    before = None
    for _ in range(20):
        time.sleep(0.4)
        now = shoot()
        if now == before:
            break
        before = now


@contextlib.contextmanager
def use(language, style, locales):
    """Programs that are started have that language and style."""
    use_language(language, find_locale(locales, language))
    os.environ["ADW_DEBUG_COLOR_SCHEME"] = f"prefer-{style}"
    yield English() if language == "en" else Speech(read_catalogue(ROOT / f"po/{language}.po")[0])


def is_menu(window):
    answer = subprocess.run(["xprop", "-id", window, "_NET_WM_WINDOW_TYPE"],
                            stdout=subprocess.PIPE, check=False).stdout.decode()
    return any(kind in answer for kind in ("_MENU", "_POPUP", "_COMBO", "_TOOLTIP"))


@contextlib.contextmanager
def composite():
    """Menus have shadows and round corners, where there is who draws them."""
    try:
        compositor = subprocess.Popen(["xcompmgr"], stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        yield
        return
    yield
    compositor.terminate()
    compositor.wait()


class Album:
    """Pictures of one language, style and width."""

    def __init__(self, name, width):
        self.name, self.width = name, width
        FOLDER.mkdir(parents=True, exist_ok=True)

    def take(self, place):
        """The window, without its frame, and in front of it the dialog that is open, in its middle."""
        for window in list_windows()[1:]:
            if not is_menu(window):
                shape = dict(line.decode().split("=")
                             for line in ask_server("getwindowgeometry", "--shell", window))
                ask_server("windowmove", window,
                           str(max(0, (self.width - int(shape["WIDTH"])) // 2 + FRAME)),
                           str(max(0, (HEIGHT - int(shape["HEIGHT"])) // 2 + FRAME)))
        wait_for_stillness()
        picture = subprocess.run(["import", "-window", "root", "-silent", "png:-"],
                                 stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["convert", "png:-", "-crop", f"{self.width}x{HEIGHT}+{FRAME}+{FRAME}",
                        "+repage", "-strip", "-define", "png:compression-level=9",
                        f"PNG24:{FOLDER}/{self.name}{place}.png"], input=picture, check=True)



class Ended(Exception):
    """The program is no more: GTK 4.8 can't bear every question about a dialog that closes."""


class Stage:
    """The program, with what is to be seen in it."""

    def __init__(self, home, album, speech, **settings):
        self.home, self.album, self.speech = home, album, speech
        self.server, self.tree = Server(), Tree()
        self.station = Station(home, port=str(self.server.port), **settings)
        wait_for("the window", list_windows, seen=lambda: Path(self.station.log).read_text("utf-8"))

    def wait_for_server(self):
        wait_for("the server", lambda: self.server.codes() is not None,
                 seen=lambda: Path(self.station.log).read_text("utf-8"))

    def ask(self, method, path, value=None, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}{path}", method=method,
            headers={"Content-Type": "application/json"} | headers,
            data=None if value is None else json.dumps(value).encode())
        return urllib.request.urlopen(request)

    def post(self, *scans, device="packing script", **headers):
        """As programs do: each with its symbology."""
        for code, symbology in scans:
            self.ask("POST", "/v1/scans", {"code": code, "symbology": symbology, "device": device},
                     **headers).close()

    def issue(self, name, scopes="scan,read"):
        """A token for a device."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BIPE_")}
        result = subprocess.run([BIPE.parent / "bipe-server", "token", "new", name, "--scopes",
                                 scopes, "--data-dir", f"{self.home}/data/bipe"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                                env=environment)
        return "Bearer " + result.stdout.decode().split()[-1]

    def show(self, page):
        """A page, by its tab."""
        self.tree.press("page tab", self.speech(page))

    def answers(self):
        try:
            return not self.ask("GET", "/v1/health").close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def turn_to(self, page):
        """Of the preferences."""
        self.tree.press("page tab", self.speech(page), "dialog")

    def press(self, button, window="frame"):
        self.tree.press("push button", self.speech(button), window)

    def find(self, text, window="frame", role="label"):
        return self.tree.find(role, self.speech(text), window)

    def focus_dialog(self):
        wait_for("the dialog", lambda: len(list_windows()) > 1)
        ask_server("windowfocus", "--sync", list_windows()[-1])

    def close_dialogs(self):
        """However many there are, and pages in them."""
        for _ in range(6):
            windows = list_windows()
            if len(windows) < 2:
                break
            ask_server("windowfocus", "--sync", windows[-1])
            drive("key Escape")
            wait_for_stillness()
        wait_for("no dialog", is_back)

    def open(self, verb):
        """A dialog, by its verb in the main menu."""
        self.open_menu()
        self.tree.press("menu item", self.speech(verb))
        self.focus_dialog()

    def open_menu(self):
        wait_for("the keyboard", is_back)
        drive("key F10")

    def open_row_menu(self, row=-1):
        nodes = wait_for("a row's menu", lambda: [
            node for node in self.tree.look("push button", self.speech("More"))
            if self.tree.atspi.Action.get_n_actions(node) > 0 and self.tree.is_shown(node)])
        self.tree.atspi.Action.do_action(nodes[row], 0)

    def visit(self, place, *steps):
        """Goes there, takes the picture, and comes back; says so where the way is barred."""
        try:
            for step in steps:
                step()
            self.album.take(place)
            self.close_dialogs()
        except (AssertionError, KeyError, subprocess.CalledProcessError, self.tree.error) as error:
            print(f"# {self.album.name}{place}: {error!r}", file=sys.stderr)
            FAULTS.append(self.album.name + place)
            if self.station.process.poll() is not None:
                raise Ended from error
            self.close_dialogs()


FAULTS = []


def visit_work(home, album, speech, camera):
    """Scans, devices, and all dialogs."""
    stage = Stage(home, album, speech, listen="lan", loopback_without_token="on", camera="page",
                  camera_pipeline=camera, station="Packing table 2")
    fill(stage)
    stage.visit("scan", lambda: stage.tree.find("label", WEDGE[-1]))
    stage.visit("history", lambda: stage.show("_History"),
                lambda: stage.tree.find("any", speech("Search codes")))
    stage.visit("history-void", lambda: stage.press("Void…"), stage.focus_dialog)
    stage.visit("clients", lambda: stage.show("_Clients"),
                lambda: stage.tree.find("label", "Warehouse dashboard"))
    stage.visit("clients-menu", stage.open_row_menu)
    drive("key Escape")
    for name, verb in (("rights", "Rights…"), ("rename", "Rename…")):
        stage.visit(f"clients-{name}", stage.open_row_menu,
                    lambda verb=verb: stage.tree.press("menu item", speech(verb)),
                    stage.focus_dialog)
    stage.visit("menu", stage.open_menu)
    drive("key Escape")
    for name, verb in DIALOGS:
        stage.visit(name, lambda verb=verb: stage.open(verb))
    for name, row in ABOUT if isinstance(speech, English) else ():
        stage.visit(f"about-{name}", lambda: stage.open("_About Bipe"),
                    lambda row=row: Tree().click("label", row, "frame"))
    for name, page in PREFERENCES:
        stage.visit(f"preferences-{name}", lambda: stage.open("_Preferences"),
                    lambda page=page: stage.turn_to(page))
    stage.station.stop()


def fill(stage):
    """The table of a busy morning."""
    stage.wait_for_server()
    phone, till = stage.issue("Ana’s phone"), stage.issue("Till 2", "scan,read,collect")
    stage.issue("Warehouse dashboard", "read")
    stage.find("Stored on this computer")
    stage.post(*POSTED[:3])
    stage.post(*POSTED[3:], device="Ana’s phone", Authorization=phone)
    stage.stream = stage.ask("GET", "/v1/events", Authorization=till, Accept="text/event-stream")
    wait_for("the window to take a scan",
             lambda: scan(WEDGE[0]) or WEDGE[0] in (stage.server.codes() or []))
    scan(*WEDGE[1:])
    wait_for("the scans", lambda: WEDGE[-1] in stage.server.codes())


def visit_trouble(home, album, speech):
    """Held scans, no database, a web page that asks, and what was not understood."""
    stage = Stage(home, album, speech, queue_mode="review",
                  database_url="postgresql://bipe@127.0.0.1:9/bench")
    wait_for("the server", lambda: stage.answers())
    stage.post(*POSTED)
    with contextlib.suppress(urllib.error.HTTPError):
        stage.ask("GET", "/v1/queue", Origin="https://shop.example")
    stage.visit("trouble", lambda: stage.tree.find("label", speech("Held for review")))
    stage.visit("history-none", lambda: stage.show("_History"))
    stage.show("_Scan")
    stage.visit("edit", lambda: stage.press("Edit"), stage.focus_dialog)
    stage.visit("preferences-database-away", lambda: stage.open("_Preferences"),
                lambda: stage.turn_to("_Database"))
    stage.station.stop()


def visit_start(home, album, speech):
    """As it comes up for the first time, and where it can't."""
    stage = Stage(home, album, speech)
    stage.visit("empty-scan", lambda: stage.find("Scan a code to begin"))
    stage.visit("empty-history", lambda: stage.show("_History"))
    stage.visit("empty-clients", lambda: stage.show("_Clients"))
    stage.visit("pairing-unreachable", lambda: stage.open("_Pair a Device…"))
    stage.visit("network", lambda: stage.open("_Network…"))
    stage.station.stop()
    with open(f"{home}/data/bipe/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\nhttp://localhost:1\n")
        lock.flush()
        stage = Stage(home, album, speech)
        stage.visit("failed", lambda: stage.find("The Station Can’t Start"))
        stage.station.stop()


# Of the main menu.
DIALOGS = (("symbologies", "_Codes to Read…"), ("network-open", "_Network…"),
           ("pairing", "_Pair a Device…"), ("shortcuts", "_Keyboard Shortcuts"),
           ("about", "_About Bipe"))

# Whose words are libadwaita's.
ABOUT = (("news", "What’s New"), ("help", "Troubleshooting"), ("credits", "Credits"),
         ("legal", "Legal"))

PREFERENCES = (("station", "_Station"), ("voice", "S_ound"), ("database", "_Database"),
               ("server", "S_erver"), ("camera", "_Camera"))


def test_all(home):
    wanted = set(filter(None, os.environ.get("BIPE_SHOTS", "").split(",")))
    camera = make_camera(home)
    make_locales(f"{home}/locales")
    for language, style, width in itertools.product(LANGUAGES, ("light", "dark"), (360, 1280)):
        names = (language, style, str(width))
        if any(wanted & set(group) and not wanted & {name} for group, name in zip(GROUPS, names)):
            continue
        album = Album("-".join(names) + "-", width)
        with Display(f"{width + 2 * FRAME}x{HEIGHT + 2 * FRAME}"), composite(), use(language, style, f"{home}/locales") as speech:
            folder = f"{home}/{album.name}"
            for name, visit in VISITS.items():
                save(f"{folder}/{name}", width)
                with contextlib.suppress(Ended):
                    visit(f"{folder}/{name}", album, speech, *([camera] if name == "work" else []))
    assert not FAULTS, FAULTS


def test_chosen(home):
    """Those of README and metainfo, in English."""
    camera = make_camera(home)
    make_locales(f"{home}/locales")
    for place, page, style, width in CHOSEN:
        album = Album("", width)
        with Display(f"{width + 2 * FRAME}x{HEIGHT + 2 * FRAME}"), composite(), \
                use("en", style, f"{home}/locales") as speech:
            save(f"{home}/{place}", width)
            stage = Stage(f"{home}/{place}", album, speech, listen="lan", station="Packing table 2",
                          loopback_without_token="on", camera="page", camera_pipeline=camera)
            fill(stage)
            stage.visit(place, lambda page=page: stage.show(page))
            stage.station.stop()
    assert not FAULTS, FAULTS


# The picture's name, the page, the style, and how wide.
CHOSEN = (("scan", "_Scan", "light", 1280), ("history", "_History", "dark", 1280),
          ("clients", "_Clients", "light", 1280), ("narrow", "_Scan", "light", 360))

VISITS = {"work": visit_work, "trouble": visit_trouble, "start": visit_start}
GROUPS = (tuple(LANGUAGES), ("light", "dark"), ("360", "1280"))


if __name__ == "__main__":
    main(globals())
