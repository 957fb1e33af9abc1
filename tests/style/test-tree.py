"""What a reader of the tree may rely on: names, headers, words, and numbered migrations."""

import re
import sys
from collections import defaultdict
from pathlib import Path

# Calls that end the process, or have no bound, or go round what the house has; who may use them.
BANNED = {
    r"\b(?:exit|_exit|abort)\s*\(": {"main-app.c", "main-server.c"},
    r"\bg_error\s*\(": {"settings-table.c"},  # a setting's name in our own code that is none
    r"\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(": set(),
    r"\b(?:system|popen)\s*\(": set(),
    r"\bg_object_[sg]et_data\b": set(),
    r"\bgoto\b": set(),
    r"\b(?:gchar|gint|gfloat|gdouble)\b": set(),
}

WORDS = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments(text):
    return COMMENT_OR_STRING.sub(lambda match: "\n" * match.group().count("\n"), text)


def check_names(root):
    names = defaultdict(list)
    for path in [*root.glob("src/**/*.[ch]"), *root.glob("ui/**/*.ui")]:
        names[path.name].append(path)
    for paths in names.values():
        if len(paths) > 1:
            yield f"{paths[0]}: another file is called {paths[0].name}: {paths[1]}"


def check_headers(root):
    for path in [*root.glob("src/**/*.h"), *root.glob("tests/**/*.h")]:
        text = path.read_text()
        if not text.startswith("/* " + path.name + ": "):
            yield f"{path}: a header starts with a comment, “/* {path.name}: what it is for”"
        if not re.search(r"\*/\n#pragma once\n", text):
            yield f"{path}: #pragma once comes right after the first comment"


def check_words(root):
    for folder in ("src", "ui", "data", "po", "tests"):
        for path in (root / folder).rglob("*"):
            if path.suffix not in {".c", ".h", ".py", ".sh", ".sql", ".ui", ".build", ".xml"}:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if WORDS.search(line) and path != Path(__file__).resolve():
                    yield f"{path}:{number}: do it, or open an issue"


def check_banned(root):
    for path in root.glob("src/**/*.[ch]"):
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
            for pattern, excepted in BANNED.items():
                match = re.search(pattern, line)
                if match and path.name not in excepted:
                    yield f"{path}:{number}: {match.group()} is not used here"


def check_types(root):
    """GTK finds the type of what a .ui file creates by itself only where the linker exports our functions,
    as it does with Debian 12's GTK alone."""
    for path in sorted(root.glob("ui/*.ui")):
        source = (root / "src/app" / path.name).with_suffix(".c")
        text = source.read_text() if source.exists() else ""
        for name in sorted(set(re.findall(r'<object class="Bipe(\w+)"', path.read_text()))):
            macro = "BIPE_TYPE" + re.sub("([A-Z])", r"_\1", name).upper()
            if f"g_type_ensure ({macro});" not in text:
                yield f"{source}: g_type_ensure ({macro}) is missing"


def check_migrations(root):
    folder = root / "data/migrations"
    listed = set(re.findall(r"<file>(.*?)</file>", (folder / "migrations.gresource.xml").read_text()))
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.sql")}
    if listed != there:
        yield f"{folder}: migrations.gresource.xml and the folder differ: {sorted(listed ^ there)}"
    for dialect in sorted(path for path in folder.iterdir() if path.is_dir()):
        names = sorted(path.name for path in dialect.glob("[0-9]*.sql"))
        for number, name in enumerate(names, 1):
            if not re.fullmatch(rf"{number:04}-[a-z0-9-]+\.sql", name):
                yield f"{dialect / name}: the next migration is {number:04}-<what>.sql"


def main():
    root = Path(sys.argv[1]).resolve()
    checks = (check_names, check_headers, check_words, check_banned, check_types, check_migrations)
    faults = [fault for check in checks for fault in check(root)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
