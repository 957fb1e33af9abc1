"""The headless server runs where there is no screen: it links nothing of one, not even indirectly."""

import re
import subprocess
import sys

FOREIGN = re.compile(r"lib(gtk|gdk|adwaita|X11|xcb|wayland|pango|cairo|gst\w*)-?[\d.]*\.so")


def main():
    output = subprocess.run(["ldd", sys.argv[1]], check=True, capture_output=True, text=True).stdout
    foreign = [line.strip() for line in output.splitlines() if FOREIGN.search(line)]
    assert "libglib-2.0" in output, output
    print("\n".join(foreign))
    return 1 if foreign else 0


if __name__ == "__main__":
    sys.exit(main())
