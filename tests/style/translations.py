"""The texts of the program that are translated, and what the translators made of them."""

import ast
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# Those that the build uses (meson's preset `glib`), as far as they are used here.
KEYWORDS = ("_", "N_", "C_:1c,2", "NC_:1c,2", "g_dngettext:2,3")


@dataclass
class Message:
    text: str
    plural: str = ""  # empty: there is none
    context: str = ""
    translations: list = field(default_factory=list)  # one, or one for each plural form
    flags: str = ""

    def key(self):
        return self.context, self.text, self.plural


def read_catalogue(path):
    """The messages of a .po or .pot file, without its header, and how many obsolete ones it has."""
    blocks = re.split(r"\n\s*\n", Path(path).read_text(encoding="utf-8"))
    messages = [message for block in blocks if (message := read_message(block)) and message.text]
    return messages, sum(block.count("#~ msgid ") for block in blocks)


def read_message(block):
    values = {}
    name = None
    flags = ""
    for line in block.splitlines():
        if line.startswith("#,"):
            flags += line[2:]
        start = re.match(r'([a-z_]+(?:\[\d\])?) (?=")', line)
        if start:
            name = start.group(1)
            values[name] = ""
            line = line[start.end():]
        if name and line.startswith('"'):
            values[name] += ast.literal_eval(line)
    if "msgid" not in values:
        return None
    return Message(values["msgid"], values.get("msgid_plural", ""), values.get("msgctxt", ""),
                   [values[name] for name in sorted(values) if name.startswith("msgstr")], flags)


def make_template(root, path):
    """Of the files in po/POTFILES, as the build makes it."""
    subprocess.run(["xgettext", "--from-code=UTF-8", "--files-from=po/POTFILES", f"--output={path}",
                    *(f"--keyword={word}" for word in KEYWORDS)], cwd=root, check=True)


def read_list(path):
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
