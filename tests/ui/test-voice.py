#!/usr/bin/python3
"""What the operator hears: the real program, with a file in the place of the loudspeaker.

test-voice.py BIPE SEND-KEYS VOICE LIVE SCENARIO: prints TAP. VOICE is bipe-voice; LIVE is the folder of sound.py.
"""

import array
import math
import os
import sys

sys.path.insert(0, sys.argv[4])

import sound
from desktop import Server, Station, Tree, drive, main, scan, wait_for
from lab import Folder, Postgres

RATE = sound.RATE
os.environ.update({"LANGUAGE": "en", "LC_ALL": "C.UTF-8"})


def save(home, **settings):
    """As GSettings has them in its key file."""
    os.makedirs(f"{home}/config/glib-2.0/settings", exist_ok=True)
    with open(f"{home}/config/glib-2.0/settings/keyfile", "w", encoding="utf-8") as file:
        file.write("[io/github/bipe/Bipe]\n")
        file.writelines(f"{name.replace('_', '-')}={value}\n" for name, value in settings.items())


def play_into(path):
    """A file for a loudspeaker: it takes samples no faster than they sound."""
    return (f"'audio/x-raw,format=S16LE,rate={RATE},channels=1 ! filesink location={path} append=true"
            " buffer-mode=unbuffered sync=true'")


# As earcon.c has them: hertz and milliseconds.
EARCONS = {
    "kept": ((2093, 90),),
    "duplicate": ((2093, 60), (0, 40), (2093, 60)),
    "refused": ((440, 160), (0, 60), (311, 320)),
    "offline": ((988, 130), (784, 130), (523, 260)),
    "online": ((523, 110), (784, 110), (1047, 200)),
}


def make_earcon(name):
    samples = array.array("h")
    for hertz, milliseconds in EARCONS[name]:
        n, ramp = RATE * milliseconds // 1000, RATE * 5 // 1000
        for i in range(n):
            phase = 2 * math.pi * hertz * i / RATE
            value = (math.sin(phase) + math.sin(2 * phase) / 3 + math.sin(3 * phase) / 5) / 1.6
            samples.append(int(value * 0.5 * min(1, min(i, n - i) / ramp) * 32767))
    return samples


class Loudspeaker:
    """What was played, in its order."""

    def __init__(self, home):
        self.home = home
        self.path = f"{home}/heard"
        self.end = 0  # samples that were expected so far

    def listen(self):
        if not os.path.exists(self.path):
            return b""
        with open(self.path, "rb") as file:
            return file.read()

    def find(self, name):
        """The next earcon's place, and its length in samples."""
        wanted = make_earcon(name)
        start = wait_for(f"the earcon “{name}”", lambda: 1 + self.listen().find(
            wanted.tobytes(), self.end * 2), seen=lambda: len(self.listen()) // 2 - self.end)
        assert start % 2 == 1
        return start // 2, len(wanted)

    def expect(self, name, words="", voice="en"):
        """The next thing that is heard: this earcon, and these words to their end, behind which is
        silence."""
        start, length = self.find(name)
        assert start - self.end < RATE // 2, f"{start - self.end} samples before “{name}”"
        self.end = start + length
        if not words:
            return
        said = sound.trim(sound.speak(self.home, words, voice, "-s", "175"))

        def hear():
            samples = array.array("h", self.listen()[self.end * 2:][:len(said) * 2 + RATE // 2 * 2])
            return len(samples) > len(said) - RATE // 50 and samples
        heard = wait_for(f"“{words}”", hear, seen=lambda: len(self.listen()) // 2 - self.end)
        difference, likeness = sound.compare(heard, said)
        assert abs(difference) < 0.1 and likeness > 0.95, (words, difference, likeness)
        self.end += len(said)

    def expect_end(self, words, voice="en"):
        """That it ends with these words."""
        said = sound.trim(sound.speak(self.home, words, voice, "-s", "175"))
        state = {}

        def has_grown():
            before, state["n"] = state.get("n"), len(self.listen())
            return before != state["n"]

        def ends():
            heard = sound.trim(array.array("h", self.listen()[self.end * 2:]))[-len(said):]
            return (not has_grown() and len(heard) == len(said)
                    and sound.compare(heard, said)[1] > 0.95)
        wait_for(f"“{words}” at the end", ends)

    def skip(self, name):
        """Behind all that was heard before this earcon; how many seconds it was."""
        start = self.find(name)[0]
        before, self.end = self.end, start
        return (start - before) / RATE


def start(home, **settings):
    """The program, with one scan heard."""
    save(home, **{"sound_output": play_into(f"{home}/heard")} | settings)
    server, tree = Server(), Tree()
    station = Station(home, port=str(server.port), voice=sys.argv[3],
                      database_url=os.environ.get("BIPE_TEST_DATABASE"))
    tree.find_shown("label", "Scan a code to begin")
    wait_for("the window to take a scan", lambda: scan("first") or tree.look("label", "first"))
    return server, tree, station


def test_scans(home):
    """Each kind of news has its earcon and its words; rules have theirs; and where it is quick, only the
    last one is said."""
    server, tree, station = start(home, speak="true", speak_digits="3",
                                  speak_rules="[('SHELF-*', 'shelf {last}'), ('QUIET*', '')]")
    speaker = Loudspeaker(home)
    speaker.expect("kept", "R, S, T")
    scan("4006381333931")
    speaker.expect("kept", "9 3 1")
    scan("4006381333931")
    speaker.expect("duplicate", "duplicate")
    scan("SHELF-0042")
    speaker.expect("kept", "shelf 0 4 2")
    scan("QUIET 1")
    speaker.expect("kept")
    server.post("of another device")  # which is not heard
    scan("QUIET 2")
    speaker.expect("kept")

    codes = [f"50112345{i:02}" for i in range(20)] + ["SHELF-0815"]
    scan(*codes)
    wait_for("all of them", lambda: set(codes) <= set(server.codes()))
    speaker.expect_end("shelf 8 1 5")
    station.stop()


def is_silent(tree):
    states = tree.find("toggle button", "Silence").get_state_set()
    return states.contains(tree.atspi.StateType.PRESSED) or states.contains(
        tree.atspi.StateType.CHECKED)


def test_silence(home):
    """One key ends what sounds, and nothing is heard until the next."""
    server, tree, station = start(
        home, speak="true", speak_language="'pt-BR'",
        speak_rules="[('LONG*', 'um texto que leva bastante tempo, muito mais do que um código')]")
    speaker = Loudspeaker(home)
    speaker.expect("kept", "I, R, S, T", "pt-br")
    scan("LONG")
    speaker.expect("kept")
    wait_for("its words", lambda: len(speaker.listen()) // 2 > speaker.end + RATE // 4)
    assert not is_silent(tree)
    drive("key ctrl+shift+m")
    wait_for("silence", lambda: is_silent(tree))
    scan("unheard")
    tree.find("label", "unheard")
    drive("key ctrl+shift+m")
    wait_for("no silence", lambda: not is_silent(tree))
    scan("8765")
    assert speaker.skip("kept") < 2
    speaker.expect("kept", "8 7 6 5", "pt-br")
    station.stop()


def test_database(home):
    """The database's going and coming, and how many scans had waited."""
    with Folder() as folder, Postgres(folder) as postgres:
        os.environ["BIPE_TEST_DATABASE"] = postgres.url
        server, tree, station = start(home, speak="true", speak_scans="false")
        speaker = Loudspeaker(home)
        speaker.expect("kept")
        wait_for("the first one", lambda: "first" in (server.codes() or []))
        postgres.query("ALTER TABLE scan ADD CONSTRAINT house_rule CHECK (code <> 'forbidden')")
        scan("forbidden")
        speaker.expect("kept")
        speaker.expect("refused", "rejected")
        postgres.stop()
        speaker.expect("offline", "offline")
        codes = [f"501123456{i:02}" for i in range(37)]
        server.post(*codes)
        postgres.start()
        speaker.expect("online", "back online, 37 delivered")
        station.stop()


def test_hanging(home):
    """A device that never answers costs the sound, and nothing else."""
    os.mkfifo(f"{home}/device")  # whoever opens it to write waits for a reader
    server, tree, station = start(home, speak="true",
                                  sound_output=f"'filesink location={home}/device'")
    codes = [f"50112345{i:02}" for i in range(20)]
    scan(*codes)
    tree.find("label", codes[-1])
    wait_for("all of them", lambda: set(codes) <= set(server.codes()))
    wait_for("the log to tell", lambda: "No sound: the sound device does not answer"
             in open(station.log, encoding="utf-8").read())
    scan("one more")
    tree.find("label", "one more")
    station.stop()


def tell_sound(tree):
    """What the button in the header says beside its name; newer versions of GTK don't repeat that."""
    return tree.find("toggle button", "Silence").get_description() or "Silence"


def test_speechless(home):
    """That there is no such voice is told as long as one is wanted."""
    settings = {"sound_output": play_into(f"{home}/heard"), "speak_voice": "'nobody'"}
    server, tree, station = start(home, speak="true", **settings)
    wait_for("the button to tell",
             lambda: tell_sound(tree) == "No speech: there is no such voice")
    save(home, speak="false", **settings)
    wait_for("nothing to tell", lambda: tell_sound(tree) == "Silence")
    station.stop()


def read_saved(home, name):
    with open(f"{home}/config/glib-2.0/settings/keyfile", encoding="utf-8") as file:
        return [line.strip().partition("=")[2] for line in file if line.startswith(name + "=")]


def list_sensitive(tree):
    """Of what is chosen for the voice."""
    choices = (("combo box", "Language"), ("combo box", "Kind of Voice"), ("any", "Last Digits"))
    return [name for role, name in choices
            if tree.find(role, name, "dialog").get_state_set().contains(
                tree.atspi.StateType.SENSITIVE)]


def test_page(home):
    """The page of the preferences: what is set there counts at once, and Try says how it is."""
    device = f"{home}/later/heard"
    server, tree, station = start(home, speak="true", sound_output=play_into(device),
                                  speak_rules="[('4006*', 'goods'), ('X*', 'an x')]")
    drive("key ctrl+comma")
    tree.find("any", "Station", "dialog")
    tree.press("page tab", "Sound", "dialog")
    tree.press("push button", "_Try", "dialog")
    tree.find("any", "No sound: ", "dialog")
    wait_for("the button to tell", lambda: tell_sound(tree).startswith("No sound: "))
    os.mkdir(f"{home}/later")
    speaker = Loudspeaker(f"{home}/later")
    tree.press("push button", "_Try", "dialog")
    speaker.expect("kept", "goods")
    wait_for("no problem", lambda: tree.look("any", "As a scan would be told now", "dialog"))
    wait_for("the button to tell", lambda: tell_sound(tree) == "Silence")

    tree.press("push button", "Remove the rule", "dialog")
    wait_for("it to be saved", lambda: read_saved(home, "speak-rules") == ["[('X*', 'an x')]"])
    tree.set_value("Last Digits", 2)
    wait_for("it to be saved", lambda: read_saved(home, "speak-digits") == ["2"])
    tree.press("push button", "_Try", "dialog")
    speaker.expect("kept", "3 1")
    tree.press("push button", "Add a rule", "dialog")
    tree.find("any", "New Rule", "dialog")
    assert read_saved(home, "speak-rules") == ["[('X*', 'an x')]"]
    drive("type Y*")
    wait_for("it to be saved", lambda: read_saved(home, "speak-rules")
             == ["[('X*', 'an x'), ('Y*', '')]"])
    tree.press("push button", "Bring the removed rule back", "dialog")
    wait_for("it to be saved", lambda: read_saved(home, "speak-rules")
             == ["[('4006*', 'goods'), ('X*', 'an x'), ('Y*', '')]"])

    # Who does not speak has no voice to choose, but still an example to hear.
    assert list_sensitive(tree) == ["Language", "Kind of Voice", "Last Digits"]
    save(home, speak="false", sound_output=play_into(device))
    wait_for("no choice", lambda: not list_sensitive(tree))
    assert tree.is_sensitive("_Try")
    station.stop()


main(globals())
