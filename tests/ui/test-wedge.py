#!/usr/bin/env python3
"""The wedge in a real window: hardware key codes by XTest, under an X server of its own.

test-wedge.py SEND-KEYS WEDGE-WINDOW SCENARIO COUNT: prints TAP. COUNT is how many codes or words
each check sends; BIPE_TEST_COUNT in the environment wins, 1000 gives the full figures.
"""

import os
import random
import subprocess
import sys
import threading

SEND_KEYS, WEDGE_WINDOW, SCENARIO = sys.argv[1:4]
COUNT = int(os.environ.get("BIPE_TEST_COUNT", sys.argv[4]))
DICE = random.Random(20)

SYMBOLS = "!@#$%^&*()_+-=[]{};':\"\\|,.<>/?`~ "
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"


def make_codes(count):
    """Digits, mixed case, symbols and GS by turns; the number in front tells a lost one."""
    kinds = [DIGITS, LETTERS + DIGITS, LETTERS + SYMBOLS, DIGITS + "\x1d"]
    codes = []
    for i in range(count):
        kind = kinds[i % len(kinds)]
        codes.append(f"{i}" + "".join(DICE.choice(kind) for _ in range(DICE.randint(5, 16))) + "x")
    return codes


def make_words(count):
    letters = "eeeetttaaooiinnsshhrrddlucmfwypvbgkjqxz"
    words = []
    for _ in range(count):
        word = "".join(DICE.choice(letters) for _ in range(DICE.randint(2, 9)))
        words.append(word.capitalize() if DICE.random() < 0.2 else word)
    return words


def escape(text):
    """As g_strescape() does."""
    out = ""
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out += "\\" + char
        elif 32 <= byte < 127:
            out += char
        else:
            out += f"\\{byte:03o}"
    return out


def hurry(pid=0):
    """What stands in for hardware is not late because the machine is busy, where it may say so."""
    try:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass


class Display:
    """Xvfb, which must not forget its layout when the last client leaves (-noreset)."""

    def __enter__(self):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-noreset", "-screen", "0", "800x600x24",
             "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as number:
            name = number.readline().strip()
        hurry(self.server.pid)
        self.environment = {k: v for k, v in os.environ.items() if k != "WAYLAND_DISPLAY"}
        self.environment |= {"DISPLAY": f":{name}", "GDK_BACKEND": "x11", "GTK_A11Y": "none",
                             "GSK_RENDERER": "cairo", "GTK_IM_MODULE": "gtk-im-context-simple",
                             "NO_AT_BRIDGE": "1", "GSETTINGS_BACKEND": "memory",
                             # GTK and fontconfig keep memory to the end.
                             "ASAN_OPTIONS": "detect_leaks=0"}
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def run(self, *command, text=None):
        return subprocess.run(command, env=self.environment, input=text, text=True, check=True,
                              stdout=subprocess.PIPE, preexec_fn=hurry).stdout


class Window:
    def __init__(self, display, focus, *arguments):
        self.display = display
        self.process = subprocess.Popen([WEDGE_WINDOW, focus, *arguments], text=True,
                                        env=display.environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.lines = []
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        assert self.ready.wait(60), "the window never became active"

    def read(self):
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line.startswith("ready"):
                self.ready.set()
            else:
                self.lines.append(line)

    def send(self, texts, *options):
        lines = "".join(escape(text) + "\n" for text in texts)
        sys.stderr.write("# " + self.display.run(SEND_KEYS, *options, text=lines))

    def close(self):
        """Returns all that has happened, as (what, text)."""
        self.process.stdin.close()
        status = self.process.wait(60)
        self.reader.join()
        assert status == 0, f"the window ended with {status}"
        return [tuple(line.split(" ", 1)) for line in self.lines]


n_checks = 0
n_failed = 0


def check(name, got, expected):
    global n_checks, n_failed
    n_checks += 1
    good = got == expected
    print(("ok" if good else "not ok"), n_checks, "-", name, flush=True)
    if not good:
        n_failed += 1
        wrong = [e for e in expected if e not in got]
        extra = [g for g in got if g not in expected]
        print(f"# missing {len(wrong)}: {wrong[:5]}")
        print(f"# too much {len(extra)}: {extra[:5]}", flush=True)


def scan(display, focus, name, options, n_fields=2, count=None, layout="us"):
    codes = make_codes(count or COUNT)
    window = Window(display, focus, layout)
    window.send(codes, *options)
    got = window.close()
    expected = [("scanned", escape(code)) for code in codes] + [("left", "")] * n_fields
    check(f"{len(codes)} codes, {name}, focus on {focus}", got, expected)


def use_french(display):
    """The layout must really be there, or the test passes for nothing."""
    display.run("setxkbmap", "fr")
    window = Window(display, "entry", "session")
    window.send(["qq"], "--gap-median=150")
    window.send(["qq"], "--gap-median=150", "--caps-lock")
    check("key code 24 is `a` under the French layout, and `A` with Caps Lock", window.close(),
          [("entered", "aa"), ("entered", "AA"), ("left", ""), ("left", "")])


def test_unfocused(display):
    scan(display, "button", "1 to 100 ms a key", ["--gap-min=1", "--gap-max=100"])


def test_focused(display):
    scan(display, "search", "1 to 40 ms a key", ["--gap-min=1", "--gap-max=40"])


def test_words(display):
    words = make_words(COUNT)
    window = Window(display, "search")
    window.send(words, "--gap-median=160", "--gap-floor=60")
    check(f"{len(words)} words typed at human speed, focus on search", window.close(),
          [("entered", word) for word in words] + [("left", ""), ("left", "")])


def test_french(display):
    use_french(display)
    for focus, options in [("button", ["--gap-min=1", "--gap-max=100"]),
                           ("search", ["--gap-min=1", "--gap-max=40"])]:
        scan(display, focus, "French and Caps Lock", [*options, "--caps-lock"])


def test_places(display):
    fast = ["--gap-min=1", "--gap-max=1"]
    scan(display, "button", "0 ms a key", ["--gap-min=0", "--gap-max=0"])
    scan(display, "entry", "0 ms a key", ["--gap-min=0", "--gap-max=0"])
    scan(display, "button", "Tab behind", [*fast, "--suffix=tab"])
    scan(display, "entry", "Tab behind", [*fast, "--suffix=tab"])
    scan(display, "button", "nothing behind", [*fast, "--suffix=none", "--pause=400"], count=5)
    scan(display, "entry", "nothing behind", [*fast, "--suffix=none", "--pause=400"], count=5)
    scan(display, "entry", "Shift takes a turn", ["--gap-min=20", "--gap-max=20", "--shift-turn"],
         count=5)
    scan(display, "button", "session layout", fast, layout="session")
    for focus, n_fields in [("popover-button", 2), ("popover-entry", 3), ("popover-label", 2),
                            ("dialog", 2)]:
        scan(display, focus, "1 ms a key", fast, n_fields=n_fields)


def test_person(display):
    human = ["--gap-median=160", "--gap-floor=60"]

    window = Window(display, "button")
    window.send(["", ""], *human)
    window.send([" ", " "], *human, "--suffix=none")
    check("Enter and Space press the focused button", window.close(),
          [("clicked", "")] * 4 + [("left", "")] * 2)

    for focus in ["button", "search"]:
        window = Window(display, focus)
        window.send(["\x06", "\x06"], *human, "--suffix=none")
        check(f"Control and F, focus on {focus}", window.close(),
              [("shortcut", "")] * 2 + [("left", "")] * 2)

    window = Window(display, "popover-entry")
    window.send(["Hello, World", "4006381333931"], *human)
    check("typed in a popover", window.close(),
          [("entered", "Hello, World"), ("entered", "4006381333931")] + [("left", "")] * 3)

    window = Window(display, "entry")
    window.send(["half "], *human, "--suffix=none")
    window.send(["4006381333931"], "--gap-min=1", "--gap-max=1", "--pause=200")
    window.send(["done"], *human, "--suffix=none", "--pause=600")
    check("a scan between two typed words", window.close(),
          [("scanned", "4006381333931"), ("left", ""), ("left", "half done")])


with Display() as its_display:
    globals()["test_" + SCENARIO](its_display)
print(f"1..{n_checks}")
sys.exit(1 if n_failed else 0)
