#!/usr/bin/python3
"""Kills the server at random moments while clients post, and, with PostgreSQL, the database too. Every
scan that was acknowledged must be in the store once; one that was posted again under its key, too.

    test-crash.py [--store sqlite|postgres] [--kills N] [--seed N]
"""

import argparse
import collections
import http.client
import json
import random
import sqlite3
import threading
import time

from lab import Folder, Postgres, Server, free_port

CLIENTS = 6


class Client(threading.Thread):
    """Posts one code after the other, and each until it is acknowledged, under the same key."""

    def __init__(self, number, port):
        super().__init__(daemon=True)
        self.number, self.port = number, port
        self.acknowledged = []
        self.refused = []
        self.is_done = False

    def post(self, connection, code):
        body = json.dumps({"code": code, "key": "key-" + code})
        connection.request("POST", "/v1/scans", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status in (200, 201):
            assert json.loads(text)["data"]["code"] == code, text
            return True
        self.refused.append((code, answer.status, text))
        return False

    def run(self):
        connection, count = None, 0
        while not self.is_done:
            code = "%02d-%08d" % (self.number, count)
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                if self.post(connection, code):
                    self.acknowledged.append(code)
                    count += 1
            except (OSError, http.client.HTTPException):
                connection = None
                time.sleep(0.01)  # the server is dead; it comes back


def stored_codes(folder, postgres):
    if postgres:
        return postgres.query("SELECT code FROM scan")
    with sqlite3.connect(folder.join("data/scans.db")) as database:
        return [row[0] for row in database.execute("SELECT code FROM scan")]


def run(folder, postgres, kills, rng):
    port = free_port()
    settings = {"PORT": str(port), "BIPE_LOG_LEVEL": "warning"}
    if postgres:
        settings["DATABASE_URL"] = postgres.url
    clients = [Client(number, port) for number in range(CLIENTS)]
    for client in clients:
        client.start()

    for number in range(kills):
        with Server(folder, **settings) as server:
            time.sleep(rng.uniform(0, 0.5))
            if postgres and number % 4 == 3:
                postgres.stop("immediate")
                time.sleep(rng.uniform(0, 0.2))
                server.kill()
                postgres.start()
            else:
                server.kill()

    with Server(folder, **settings) as server:
        for client in clients:
            client.is_done = True
        for client in clients:
            client.join()
        server.wait_until_stored()
        assert server.stop() == 0

    acknowledged = [code for client in clients for code in client.acknowledged]
    refused = [refusal for client in clients for refusal in client.refused]
    counts = collections.Counter(stored_codes(folder, postgres))
    lost = [code for code in acknowledged if counts[code] == 0]
    doubled = [code for code, count in counts.items() if count > 1]
    print("%d kills: %d acknowledged, %d stored, %d lost, %d doubled, %d refused" % (
        kills, len(acknowledged), sum(counts.values()), len(lost), len(doubled), len(refused)))
    assert len(acknowledged) > kills, "the clients hardly got through"
    assert not lost, lost[:5]
    assert not doubled, doubled[:5]
    assert not refused, refused[:5]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()

    print("seed", arguments.seed)
    rng = random.Random(arguments.seed)
    with Folder() as folder:
        if arguments.store == "postgres":
            with Postgres(folder) as postgres:
                run(folder, postgres, arguments.kills, rng)
        else:
            run(folder, None, arguments.kills, rng)


main()
