#!/usr/bin/env python3
"""Scores the decoder on folders of images with expected texts.

    score-images.py [--server BUILD/src/bipe-server | --helper BUILD/src/decoder/helper/bipe-decoder]
                    [--symbologies NAMES] [--wrong] FOLDER…

An image's text is in a file of its name that ends in .txt or .bin beside it (as in zxing's blackbox
and zxing-cpp's test/samples), or in expected.tsv in its folder: “file<TAB>text”, control characters
and % as %XX, no text: nothing is to be read. The symbology is the folder's name up to its first
digit or hyphen. Folders named falsepositives…, partial and unsupported have nothing to read; of
other images without a text nothing is known, and they only count as time. What is of a symbology
that is not asked for has nothing to read either, except its own text.

With --server it runs “bipe-server decode IMAGE”; with --helper it speaks the decoder's protocol
itself, which tells the time without the start of a program. Kinds that the decoder does not take
(WebP) are turned into PNG by ImageMagick; without it they are left out.
"""

import argparse
import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

MEMORY = 16 * 1024 * 1024
TAKEN = {".png", ".jpg", ".jpeg"}
CONVERTED = {".webp"}
NOTHING = ("falsepositives", "partial", "unsupported")
GROUPS = {
    "ean": "EAN/UPC", "upca": "EAN/UPC", "upcean": "EAN/UPC", "upce": "UPC-E", "upc": "EAN/UPC",
    "code128": "Code 128", "code39": "Code 39", "itf": "ITF", "qrcode": "QR Code", "qr": "QR Code",
    "datamatrix": "Data Matrix", "dm": "Data Matrix",
}
DEFAULT = [
    "EAN-13", "EAN-8", "UPC-A", "UPC-E", "Code 128", "Code 39", "Code 93", "Codabar", "ITF",
    "GS1 DataBar", "GS1 DataBar Expanded", "QR Code", "Micro QR Code", "Data Matrix", "Aztec",
    "PDF417", "MaxiCode",
]


class Helper:
    """The decoder process itself; a dead one is replaced and counted."""

    def __init__(self, program, symbologies):
        self.program = program
        self.symbologies = symbologies
        self.start()

    def start(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.memory = os.memfd_create("score", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.memory, MEMORY)
        fcntl.fcntl(self.memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        memory = self.memory
        libc = ctypes.CDLL(None)
        self.process = subprocess.Popen(
            [self.program], stdin=theirs, preexec_fn=lambda: libc.dup2(memory, 3), close_fds=False
        )
        theirs.close()
        self.socket = ours
        ours.settimeout(30)

    def read(self, path):
        """The texts with their symbologies; None: it has died."""
        data = Path(path).read_bytes()
        os.pwrite(self.memory, data, 0)
        self.socket.send(struct.pack("<12I", 0, self.symbologies, 0, 0, 0, len(data), *[0] * 6))
        try:
            answer = self.socket.recv(128 * 1024)
        except (TimeoutError, ConnectionError):
            answer = b""
        if not answer:
            self.process.kill()
            self.process.wait()
            self.socket.close()
            os.close(self.memory)
            self.start()
            return None
        if answer[:1] == b"R":
            return []
        n, at = struct.unpack_from("<I", answer, 17)[0], 21
        readings = []
        for _ in range(n):
            symbology = struct.unpack_from("<I", answer, at)[0]
            length = struct.unpack_from("<I", answer, at + 40)[0]
            text = answer[at + 44 : at + 44 + length].decode()
            readings.append((DEFAULT[symbology.bit_length() - 1], text))
            at += 44 + length
        return readings


class Server:
    """A program a picture."""

    def __init__(self, program, symbologies):
        self.command = [program, "decode", *symbologies]

    def read(self, path):
        result = subprocess.run([*self.command, str(path)], capture_output=True, check=False)
        if result.returncode < 0:
            return None
        lines = [line.split("\t") for line in result.stdout.decode().splitlines()]
        return [(line[1], unquote(line[2])) for line in lines if len(line) == 3]


def find_expected(path, listed):
    """The text; "" where there is nothing to read; None where nothing is known."""
    if path.name in listed:
        return listed[path.name]
    for ending in (".txt", ".bin"):
        file = path.with_suffix(ending)
        if file.exists():
            data = file.read_bytes()
            try:
                return data.decode()
            except UnicodeDecodeError:
                return data.decode("latin-1")
    return "" if path.parent.name.startswith(NOTHING) else None


def read_list(folder):
    file = folder / "expected.tsv"
    if not file.exists():
        return {}
    rows = [line.split("\t") for line in file.read_text().splitlines() if line]
    return {row[0]: unquote(row[-1]) if len(row) > 1 else "" for row in rows}


def expand_upce(text):
    system, digits, check = text[0], text[1:7], text[7]
    last = digits[5]
    if last in "012":
        body = digits[:2] + last + "0000" + digits[2:5]
    elif last == "3":
        body = digits[:3] + "00000" + digits[3:5]
    elif last == "4":
        body = digits[:4] + "00000" + digits[4]
    else:
        body = digits[:5] + "0000" + last
    return system + body + check


def normalise(text, group):
    """UPC-A and EAN-13 are one number; an add-on, and how lines end, is nobody's fault."""
    text = text.replace("\r\n", "\n").strip()
    if group in ("EAN/UPC", "UPC-E") and re.fullmatch(r"\d{8,18}", text):
        text = text[:13] if len(text) > 13 else text
        if group == "UPC-E" and len(text) == 8:
            text = expand_upce(text)
        text = text.zfill(14)
    return text


class Score:
    def __init__(self):
        self.n = self.right = self.wrong = self.unexpected = self.crashes = 0
        self.times = []


def judge(score, readings, expected, group):
    """A word where it is not as it should be."""
    if readings is None:
        score.crashes += 1
        return "crash"
    texts = [normalise(text, group) for _, text in readings]
    if expected and group != "others":
        if normalise(expected, group) in texts:
            score.right += 1
            return None
        score.wrong += bool(texts)
        return "wrong" if texts else "missed"
    if any(text != normalise(expected, group) for text in texts):
        score.unexpected += 1
        return "unexpected"
    return None


def find_images(folders):
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix.lower() in TAKEN | CONVERTED:
                yield path


def convert(path, scratch):
    if path.suffix.lower() in TAKEN:
        return path
    tool = shutil.which("convert") or shutil.which("magick")
    if tool is None:
        return None
    target = Path(scratch) / "converted.png"
    done = subprocess.run([tool, f"{path}[0]", str(target)], capture_output=True, check=False)
    return target if done.returncode == 0 else None


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--server")
    parser.add_argument("--helper")
    parser.add_argument("--symbologies", help="for --helper a number, the set's bits")
    parser.add_argument("--wrong", action="store_true", help="name every image that was not read")
    return parser.parse_args()


def main():
    options = parse()
    if options.helper:
        reader = Helper(options.helper, int(options.symbologies or "0x2937", 0))
    else:
        names = ["--symbologies", options.symbologies] if options.symbologies else []
        reader = Server(options.server or "bipe-server", names)
    scores = defaultdict(Score)
    n_skipped = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in find_images(options.folders):
            image = convert(path, scratch)
            expected = find_expected(path, read_list(path.parent))
            group = GROUPS.get(re.split(r"[-\d]", path.parent.name)[0], "others")
            if path.parent.name.startswith("code"):
                group = GROUPS.get(path.parent.name.split("-")[0], "others")
            if expected == "":
                group = "nothing"
            if image is None:
                n_skipped += 1
                continue
            began = time.monotonic()
            readings = reader.read(image)
            score = scores[group if expected is not None else "unknown"]
            score.n += 1
            score.times.append(time.monotonic() - began)
            if expected is None and readings is not None:
                continue
            word = judge(score, readings, expected, group)
            if options.wrong and word:
                print(f"{word}\t{path}\t{expected!r}\t{readings}")
    report(scores, n_skipped)
    return 1 if any(score.crashes for score in scores.values()) else 0


def report(scores, n_skipped):
    head = f"{'':14}{'images':>8}{'right':>8}{'':>8}{'wrong':>8}{'unexpected':>12}{'crashes':>9}"
    print(f"{head}{'median':>10}{'longest':>10}")
    total = Score()
    wanted = Score()
    for group in sorted(scores):
        print_row(group, scores[group])
        add(total, scores[group])
        if group in set(GROUPS.values()) - {"UPC-E"}:
            add(wanted, scores[group])
    print_row("the six", wanted)
    print_row("all", total)
    if n_skipped:
        print(f"{n_skipped} left out: they can't be turned into PNG")


def add(total, score):
    for field in ("n", "right", "wrong", "unexpected", "crashes", "times"):
        setattr(total, field, getattr(total, field) + getattr(score, field))


def print_row(group, score):
    share = f"{100 * score.right / score.n:.1f} %" if score.n and score.right else ""
    times = sorted(score.times) or [0]
    print(
        f"{group:14}{score.n:8}{score.right:8}{share:>8}{score.wrong:8}{score.unexpected:12}"
        f"{score.crashes:9}{1000 * times[len(times) // 2]:7.0f} ms{1000 * times[-1]:7.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
