"""The program in another language than English: what it says there, and the way to its dialogs. For a program
that imports desktop, too."""

import os
import subprocess


def make_locale(folder):
    """C.UTF-8, which is always there, by another name: in that one newer C libraries translate nothing."""
    os.makedirs(folder)
    os.symlink("/usr/lib/locale/C.utf8", f"{folder}/en_US.UTF-8")
    os.environ["LOCPATH"] = folder
    return "en_US.UTF-8"


def use_language(language, locale):
    os.environ.update({"LANGUAGE": language, "LC_ALL": locale})


def spell(text):
    """As the window shows it."""
    return text.replace("_", "").split("%")[0]


class Speech:
    """What the program says in a language; texts are found without their mnemonics, too."""

    def __init__(self, messages):
        plain = {(message.context, message.text.replace("_", "")): message.translations[0]
                 for message in messages}
        self.texts = plain | {(message.context, message.text): message.translations[0]
                              for message in messages}

    def __call__(self, text):
        return spell(self.texts[text if isinstance(text, tuple) else ("", text)])


class English:
    def __call__(self, text):
        return spell(text[1] if isinstance(text, tuple) else text)


def ask_server(*words):
    return subprocess.run(["xdotool", *words], stdout=subprocess.PIPE, check=False).stdout.split()


def list_windows():
    """GTK 4.8 ends the program if AT-SPI meets a dialog that is being closed: ask the X server."""
    return ask_server("search", "--onlyvisible", "--class", "bipe")


def is_back():
    """Whether there is one window alone, which has the keyboard; without a window manager nobody
    else gives it that."""
    windows = list_windows()
    if len(windows) != 1:
        return False
    ask_server("windowfocus", windows[0])
    return ask_server("getwindowfocus") == windows
