#!/usr/bin/python3
"""A test program that needs a display, on one of its own.

on-display.py BIPE SEND-KEYS PROGRAM alone: prints the program's TAP.
"""

import os
import subprocess
import sys

from desktop import Display

with Display():
    sys.exit(subprocess.call([sys.argv[3]], env=os.environ | {"GTK_A11Y": "none"}))
