#!/usr/bin/python3
"""The examples of the page at /docs, taken from the page as a reader would and run as they stand.

test-examples.py sh|py|js"""

import html.parser
import json
import os
import subprocess
import sys
import threading

import drive
from lab import Folder, Server, wait_for

COMMANDS = {"sh": ["bash", "-eu"], "py": ["/usr/bin/python3", "-u"], "js": ["node"]}
SUFFIXES = {"sh": ".sh", "py": ".py", "js": ".mjs"}
NAMES = {"send", "list", "events", "collect", "socketio"}


class Examples(html.parser.HTMLParser):
    """The text of each <code class="example">, by its id."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.name = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "code" and attributes.get("class") == "example":
            self.name = attributes["id"]
            self.texts[self.name] = ""

    def handle_endtag(self, tag):
        if tag == "code":
            self.name = None

    def handle_data(self, data):
        if self.name is not None:
            self.texts[self.name] += data


class Example:
    """One that runs; its lines as they come."""

    def __init__(self, folder, name, language, text):
        # Not by the name of what it imports.
        path = os.path.join(folder.join(language), "example-" + name + SUFFIXES[language])
        with open(path, "w") as file:
            file.write(text + "\n")
        self.process = subprocess.Popen(
            [*COMMANDS[language], path], cwd=folder.join(language), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        self.name, self.lines, self.errors = name, [], []
        self.readers = [
            threading.Thread(target=self.read, args=each, daemon=True)
            for each in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def finish(self):
        """All that it says; it ends by itself, and well."""
        status = self.process.wait(60)
        for reader in self.readers:
            reader.join()
        assert status == 0, (self.name, status, self.errors)
        return "\n".join(self.lines)

    def expect(self, what, condition):
        try:
            wait_for(what, lambda: condition(self.lines), 30)
        except AssertionError as error:
            raise AssertionError("%s of %s: %s %s" % (error, self.name, self.lines[-5:], self.errors)) from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Reader:
    def __init__(self, folder, server, language):
        page = server.request("GET", "/docs")[1].decode()
        self.texts, self.language, self.folder = Examples(page).texts, language, folder
        os.makedirs(folder.join(language), exist_ok=True)
        names = {name.removesuffix("-" + language) for name in self.texts if name.endswith("-" + language)}
        assert names == (NAMES - {"socketio"} if language == "sh" else NAMES), names

    def start(self, name):
        return Example(self.folder, name, self.language, self.texts["%s-%s" % (name, self.language)])

    def run(self, name):
        with self.start(name) as example:
            return example.finish()


def newest(server):
    server.wait_until_stored()
    return server.get("/v1/scans?order=desc&limit=1000")[1]["data"]


def check_send(reader, server):
    output = reader.run("send")
    scans = newest(server)
    assert len(scans) == 1 and scans[0]["code"] == "4006381333931" and scans[0]["key"], scans
    assert scans[0]["uuid"] in output, output


def check_list(reader, server):
    """Over more than a page."""
    for i in range(0, 1500, 500):
        assert server.post("/v1/scans", [{"code": "4006-%d" % (i + j)} for j in range(500)])[0] == 201
    server.post("/v1/scans", {"code": "other"})
    n = len(newest(server))
    output = reader.run("list")
    if reader.language == "sh":
        assert len(json.loads(output)["data"]) == 10, output
        with open(os.path.join(reader.folder.join("sh"), "scans.csv")) as table:
            assert len(table.readlines()) == 1503, n
    else:
        lines = output.split("\n")
        assert len(lines) == 1501 and "other" not in output, len(lines)
        assert [int(line.split(" ")[0]) for line in lines] == list(range(1, 1502)), lines[:3]


def check_collect(reader, server):
    if reader.language == "sh":
        assert json.loads(reader.run("collect"))["data"]["code"] == "4006381333931"
        return
    lines = reader.run("collect").split("\n")
    assert len(lines) == 1502 and lines[0].startswith("4006381333931 20"), (len(lines), lines[:2])
    assert reader.run("collect") == ""


def numbers(lines):
    """Where two threads print, a line's end may come late, behind the other's."""
    return [int(line.split(" ")[0]) for line in lines if line[:1].isdigit()]


def check_events(reader, folder, server):
    """The station goes away and comes back, with the same port: none is missed and none comes twice."""
    with reader.start("events") as example:
        if reader.language == "sh":
            example.expect("an event", lambda lines: any(line.startswith("data: {") for line in lines))
            server.stop()
            return
        example.expect("an event", lambda lines: any(" queued 4006381333931" in line for line in lines))
        server.kill()
        with Server(folder, PORT=server.port) as again:
            again.post("/v1/scans", {"code": "after"})
            example.expect("the event", lambda lines: any(line.endswith(" stored after") for line in lines))
            seen = numbers(example.lines)
            assert seen == list(range(1, len(seen) + 1)), seen[:10]
            assert again.stop() == 0


def check_socketio(reader, folder):
    with Server(folder, data="socketio") as server:
        reader = Reader(folder, server, reader.language)
        with reader.start("socketio") as example:
            example.expect("the ack", lambda lines: any("uuid" in line for line in lines))
            example.expect("the event", lambda lines: any(line.startswith("2 stored ") for line in lines))
            assert numbers(example.lines) == [1, 2], example.lines
        assert [scan["code"] for scan in newest(server)] == ["4006381333931"]
        assert server.stop() == 0


def main():
    language = sys.argv[1]
    drive.need(*({"sh": ["bash", "curl"], "js": ["node"]}.get(language, [])))
    with Folder() as folder, Server(folder) as server:
        reader = Reader(folder, server, language)
        if language == "js":
            os.symlink(drive.node_modules(), os.path.join(folder.join("js"), "node_modules"))
        check_send(reader, server)
        check_list(reader, server)
        check_collect(reader, server)
        check_events(reader, folder, server)
        if language != "sh":
            check_socketio(reader, folder)


main()
