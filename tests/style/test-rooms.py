"""Which room may include which, and link which: the table is the architecture's, not the code's.

Where a room needs another one, that is a decision: it is made here first.
"""

import re
import sys
from pathlib import Path

# Lowest first, as in src/meson.build. Files at the top of src may use all of them.
ROOMS = {
    "base": "",
    "sqlite": "base",
    "access": "base sqlite",
    "decoder": "base",
    "capture": "base decoder",
    "journal": "base sqlite",
    "store": "base sqlite",
    "station": "base capture journal store",
    "speech": "base",
    "socketio": "base",
    "server": "base access decoder station speech socketio",
    "app": "base access decoder capture station speech",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def check_includes(source):
    for path in sorted(source.rglob("*.[ch]")):
        room = path.relative_to(source).parts[0]
        if room not in ROOMS:
            if path.parent != source:
                yield f"{path}: the room {room} is not in the table"
            continue
        allowed = {room, *ROOMS[room].split()}
        for included in INCLUDE.findall(path.read_text()):
            other = included.split("/")[0]
            if "/" in included and other in ROOMS and other not in allowed:
                yield f"{path}: {room} may not include {included}"
            if "/" in included and other not in ROOMS:
                yield f"{path}: {included} is of no room"


def check_links(source):
    order = re.findall(r"^subdir\('(.+)'\)", (source / "meson.build").read_text(), re.MULTILINE)
    if order != list(ROOMS):
        yield f"src/meson.build lists {order}, the table {list(ROOMS)}"
    for room, others in ROOMS.items():
        text = (source / room / "meson.build").read_text()
        for line in re.findall(r"^\s*dependencies: \[(.*?)\]", text, re.MULTILINE | re.DOTALL):
            linked = set(re.findall(r"(\w+)_dep\b", line)) & set(ROOMS)
            if linked != set(others.split()):
                yield f"src/{room}/meson.build links {sorted(linked)}, the table says {others!r}"


def main():
    source = Path(sys.argv[1]) / "src"
    faults = [*check_includes(source), *check_links(source)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
