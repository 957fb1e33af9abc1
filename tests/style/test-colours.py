#!/usr/bin/env python3
"""The window's own colours: each named colour can be read on all that it stands on, which is a contrast of 4.5:1
at least, as WCAG 2 computes it. Says where one can't.

test-colours.py ROOT
"""

import re
import sys
from pathlib import Path

LEAST = 4.5

# What words stand on: libadwaita's window, list and header bar, and its card, as it comes out in the dark.
GROUNDS = {
    "style.css": ("#fafafa", "#ffffff", "#ebebeb"),
    "style-dark.css": ("#242424", "#1e1e1e", "#303030", "#353535"),
}

# libadwaita's: error_bg_color, light and dark, with white on it, and how much is left of what is dim.
REFUSED = ("#e01b24", "#c01c28")
FADED = 0.55

DEFINITION = re.compile(r"@define-color (\w+) (#[0-9a-f]{6});")
TINT = re.compile(r"background-color: alpha\(@(\w+), ([\d.]+)\)")


def read_parts(colour):
    return [int(colour[i:i + 2], 16) for i in (1, 3, 5)]


def mix(colour, ground, share):
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}"
                         for a, b in zip(read_parts(colour), read_parts(ground)))


def luminance(colour):
    parts = [part / 255 for part in read_parts(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def list_pairs(colours, tints, grounds):
    """What is written in which colour on which."""
    yield "accent_fg_color", colours["accent_fg_color"], colours["accent_bg_color"]
    for name, colour in colours.items():
        if name.endswith(("_bg_color", "_fg_color")):
            continue
        for ground in grounds:
            yield name, colour, ground
        # A state's tint lies on the card or list, never on the header bar.
        for share in tints.get(name, ()):
            for ground in set(grounds) - {"#ebebeb", "#303030"}:
                yield name, colour, mix(colour, ground, share)


def check_refused(root):
    """What is faded on the card of a scan that was not kept, which libadwaita has coloured."""
    rule = re.search(r"\.last-scan\.rejected \.dim-label \{ opacity: ([\d.]+); \}",
                     (root / "ui/style.css").read_text(encoding="utf-8"))
    share = float(rule.group(1)) if rule else FADED
    for ground in REFUSED:
        found = contrast(mix("#ffffff", ground, share), ground)
        if found < LEAST:
            yield f"ui/style.css: a faded word on {ground}: {found:.2f}:1"


def main():
    root = Path(sys.argv[1])
    assert round(contrast("#000000", "#ffffff"), 2) == 21 and contrast("#767676", "#ffffff") < 4.6
    tints = {}
    for name, share in TINT.findall((root / "ui/style.css").read_text(encoding="utf-8")):
        tints.setdefault(name, set()).add(float(share))
    names = []
    faults = []
    for file, grounds in GROUNDS.items():
        colours = dict(DEFINITION.findall((root / "ui" / file).read_text(encoding="utf-8")))
        names.append(set(colours))
        faults += [f"ui/{file}: {name} ({colour}) on {ground}: {contrast(colour, ground):.2f}:1"
                   for name, colour, ground in list_pairs(colours, tints, grounds)
                   if contrast(colour, ground) < LEAST]
    faults += check_refused(root)
    assert names[0] == names[1] and len(names[0]) >= 6 and len(tints) >= 3, (names, tints)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
