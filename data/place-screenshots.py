#!/usr/bin/env python3
"""The metainfo with its pictures: AppStream wants them at web addresses, which who publishes the pictures knows
(the build option screenshots_url). Without one there are none, rather than addresses that lead nowhere.

place-screenshots.py METAINFO URL: prints the metainfo.
"""

import re
import sys

METAINFO, URL = sys.argv[1:]

with open(METAINFO, encoding="utf-8") as file:
    text = file.read()
if URL:
    text = text.replace("@screenshots@", URL.rstrip("/"))
else:
    text = re.sub(r"\s*<screenshots>.*</screenshots>", "", text, flags=re.DOTALL)
sys.stdout.buffer.write(text.encode())
