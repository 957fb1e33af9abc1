#!/usr/bin/python3
"""The real program in other languages, by its accessible tree: in those there are, and in one that is
made here, whose texts have an accent on each vowel and are 40 % longer.

test-languages.py BIPE SEND-KEYS ROOT SCENARIO: prints TAP. ROOT is the source folder. With
BIPE_TEST_PICTURES=FOLDER each place is photographed, too, 360 and 1280 pixels wide: to be looked at.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[3])
sys.path.insert(0, str(ROOT / "tests/style"))

from desktop import BIPE, Server, Station, Tree, drive, main, wait_for
from languages import Speech, ask_server, is_back, list_windows, make_locale, use_language
from translations import make_template, read_catalogue, read_list

PICTURES = os.environ.get("BIPE_TEST_PICTURES")

SHORTCUTS = "shortcut window"

# What is shown: a page, by its tab, or a dialog, by its verb in the main menu, or the menu; and some
# texts that are there.
PLACES = (
    ("scan", "_Scan", ("Stored on this computer", "Add", "today", "waiting", "Stored", "Main menu")),
    ("history", "_History", ("Time", "Code", "State", "All")),
    ("clients", "_Clients", ("_Pair a Device…", "No Clients")),
    ("menu", None, ("_Play Sounds", "_Keyboard Shortcuts", "_Quit")),
    ("network", "_Network…", ("Who Can Reach the Station", "Encryption", "_Apply")),
    ("pairing", "_Pair a Device…", ("Other Devices Can’t Reach This Station",)),
    ("symbologies", "_Codes to Read…", ("Corrects its own damage", "Usual")),
    ("shortcuts", "_Keyboard Shortcuts", ((SHORTCUTS, "General"), (SHORTCUTS, "Main menu"))),
    ("preferences", "_Preferences", ("Name of this station", "What Becomes of a Scan", "Appearance")),
    ("about", "_About Bipe", ("The Bipe authors",)),
)

ACCENTS = str.maketrans("aeiouyAEIOUY", "àéíöúýÀÉÍÖÚÝ")
KEPT = re.compile(r"(%(?:\d+\$)?[-+ #'\d.]*(?:l|ll|z)?[a-zA-Z%]|</?[a-z][^>]*>|&[a-z]+;|_)")

# What nobody translates: addresses, names and keys; and what the toolkit brings, which has
# translations of its own.
DATA = re.compile(r"""
    https?://\S+ | (?:Gtk|Adw|Bipe)[A-Z]\w+ | BIPE_[A-Z]+ | PostgreSQL | \b[A-Z]\b | Alt | Ctrl | Shift
    | Delete | Page\s(?:Up|Down) | QR\sCode | UPC-[AE] | EAN-\d+ | Code\s\d+ | Data\sMatrix | GS1\sDataBar(?:\sExpanded)?
    | Codabar | Micro\sQR\sCode | Aztec | PDF417 | MaxiCode | ITF
""", re.VERBOSE)
TOOLKIT = {"About", "Close", "Credits", "Details", "Legal", "Maximize", "Minimize", "Troubleshooting", "What’s New"}


def save_size(home, width):
    os.makedirs(f"{home}/config/glib-2.0/settings", exist_ok=True)
    with open(f"{home}/config/glib-2.0/settings/keyfile", "w", encoding="ascii") as file:
        file.write(f"[io/github/bipe/Bipe]\nwindow-width={width}\nwindow-height=700\n")


def list_texts(tree):
    """All that is read or told of what is shown."""
    texts = set()
    for window in tree.windows():
        for node in tree.walk(window):
            try:
                if (node.get_state_set().contains(tree.atspi.StateType.VISIBLE)
                        and "Component" in node.get_interfaces() and tree.is_shown(node)):
                    texts |= {node.get_name() or "", tree.text_of(node)}
            except tree.error:  # it has no place on the screen, or went away
                continue
    return texts


def visit(home, speech, width):
    """Each place by its name, with what is read there and what should be."""
    server = Server()
    save_size(home, width)
    tree = Tree()
    station = Station(home, port=str(server.port), station="4711")
    wait_for("the server", lambda: server.codes() is not None)
    tree.find("label", speech("Stored on this computer"))
    server.post("4006381333931", "4006381333948")  # seen by a window that follows
    geometry = ask_server("getwindowgeometry", "--shell", list_windows()[0])
    # What is 40 % longer may need a little more than 360.
    assert f"WIDTH={width}".encode() in geometry or "en_XA" in os.environ["LANGUAGE"], geometry
    for name, way, texts in PLACES:
        if name in ("scan", "history", "clients"):
            tree.press("page tab", speech(way))
        else:
            wait_for("the keyboard", is_back)
            drive("key F10")
            if way is not None:
                tree.press("menu item", speech(way))
                wait_for(f"the dialog {name}", lambda: len(list_windows()) == 2)
        wanted = [speech(text) for text in texts]
        found = wait_for(f"{name} {width}: {wanted}", lambda: (
            there := list_texts(tree)) and all(
                any(text in one for one in there) for text in wanted) and there)
        if PICTURES:
            subprocess.run(["import", "-window", "root",
                            f"{PICTURES}/{os.environ['LANGUAGE']}-{width}-{name}.png"], check=True)
        yield name, found
        if name not in ("scan", "history", "clients"):
            drive("key Escape")
            wait_for(f"no {name}", is_back)
    station.stop()


def test_languages(home):
    languages = read_list(ROOT / "po/LINGUAS")
    assert languages
    locale = make_locale(f"{home}/locales")
    for language in languages:
        use_language(language, locale)
        speech = Speech(read_catalogue(ROOT / f"po/{language}.po")[0])
        for width in (360, 1280):
            assert len(list(visit(home, speech, width))) == len(PLACES)


def distort(text):
    parts = KEPT.split(text)
    parts[::2] = [part.translate(ACCENTS) for part in parts[::2]]
    end = "\n" if text.endswith("\n") else ""
    return "[" + "".join(parts).rstrip("\n") + "ñ" * (len(text) * 2 // 5) + "]" + end


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write_catalogue(messages, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
                   '"Plural-Forms: nplurals=1; plural=0;\\n"\n')
        for message in messages:
            file.write("\n")
            if message.context:
                file.write(f"msgctxt {quote(message.context)}\n")
            file.write(f"msgid {quote(message.text)}\n")
            if message.plural:
                file.write(f"msgid_plural {quote(message.plural)}\n"
                           f"msgstr[0] {quote(message.translations[0])}\n")
            else:
                file.write(f"msgstr {quote(message.translations[0])}\n")


def find_untranslated(texts):
    return {text for text in texts - TOOLKIT if re.search("[aeiouyAEIOUY]", DATA.sub("", text))}


def test_pseudo(home):
    """What has a vowel without an accent has not come from the translations."""
    folder = Path(BIPE).parent.parent / "po/en_XA/LC_MESSAGES"
    make_template(ROOT, f"{home}/bipe.pot")
    messages = read_catalogue(f"{home}/bipe.pot")[0]
    for message in messages:
        message.translations = [distort(message.plural or message.text)]
    write_catalogue(messages, f"{home}/en_XA.po")
    use_language("en_XA", make_locale(f"{home}/locales"))
    speech = Speech(messages)
    assert find_untranslated({"Void", "[Vöíd] now", "[Vöíd]"}) == {"Void", "[Vöíd] now"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["msgfmt", f"--output-file={folder}/bipe.mo", f"{home}/en_XA.po"], check=True)
        untranslated = {(name, text) for width in (360, 1280)
                        for name, texts in visit(home, speech, width)
                        for text in find_untranslated(texts)}
    finally:
        (folder / "bipe.mo").unlink(missing_ok=True)
    assert not untranslated, sorted(untranslated)


if __name__ == "__main__":
    main(globals())
