"""Every verb of the window is an action, so that keys, menus and buttons share it; and every key that does
something is in the shortcuts window."""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

# Keys that widgets bind themselves, or that the toolkit has.
OTHERS = {"F10", "Delete", "<Control>c", "<Control>v"}

BUTTONS = {"GtkButton", "GtkToggleButton", "GtkLinkButton"}


def check_buttons(root):
    for path in sorted((root / "ui").rglob("*.ui")):
        for widget in xml.parse(path).iter("object"):
            names = {child.get("name") for child in widget.findall("property")}
            signals = {child.get("name") for child in widget.findall("signal")}
            if widget.get("class") in BUTTONS and "action-name" not in names:
                yield f"{path}: a button without an action: {widget.get('id')}"
            if "clicked" in signals:
                yield f"{path}: a button names an action, not a callback"


def read_keys(source):
    """The keys of each action, as application.c lists them."""
    table = re.search(r"\} keys\[\] = \{(.*?)\n  \};", source, re.DOTALL).group(1)
    return {action: re.findall(r'"([^"]+)"', keys)
            for action, keys in re.findall(r'\{ "([^"]+)", \{ (.*?) \} \}', table, re.DOTALL)}


def check_keys(root):
    keys = read_keys((root / "src/app/application.c").read_text())
    shown = [key for node in xml.parse(root / "ui/shortcuts-dialog.ui").iter("property")
             if node.get("name") == "accelerator" for key in node.text.split()]
    every = [key for names in keys.values() for key in names]
    assert len(keys) > 5, keys
    for key in sorted({key for key in every if every.count(key) > 1}):
        yield f"application.c: {key} is the key of two actions"
    for action, names in keys.items():
        for name in sorted(set(names) - set(shown)):
            yield f"shortcuts-dialog.ui: {name} ({action}) is missing"
    for key in sorted(set(shown) - set(every) - OTHERS):
        yield f"shortcuts-dialog.ui: nothing has the key {key}"


def main():
    root = Path(sys.argv[1]).resolve()
    faults = [fault for check in (check_buttons, check_keys) for fault in check(root)]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
