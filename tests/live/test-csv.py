#!/usr/bin/python3
"""GET /v1/scans.csv over many rows, as a program reads them: the same as GET /v1/scans gives, in memory
that does not grow with them; and a store that goes away in the midst of it is no whole table.

By hand, for figures: test-csv.py --store sqlite --rows 1000000."""

import argparse
import csv
import http.client
import io
import json
import sqlite3
import time

from lab import Folder, Postgres, Server, wait_for

# For the buffers of one page each way; the rows are many times that.
GROWTH_MAX = 8 * 1024

COLUMNS = ["uuid", "key", "id", "code", "aim", "symbology", "source", "device", "station", "operator",
           "scanned_at", "stored_at", "collected_at", "voided_at", "state", "code_read", "reason"]


def fill_sqlite(folder, n):
    store = sqlite3.connect(folder.join("data/scans.db"), timeout=30)
    store.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO scan (code, symbology, source, device, station, operator, reason, voided_at)"
        " SELECT printf('%%013d', i), 'EAN-13', 'wedge', 'a \"scanner\", wireless', 'till', NULL,"
        " CASE WHEN i %% 7 = 0 THEN '=1+1' END, CASE WHEN i %% 7 = 0 THEN i END FROM n" % n)
    store.commit()
    store.close()


def fill_postgres(postgres, n):
    postgres.query(
        "INSERT INTO scan (code, symbology, source, device, station, operator, reason, voided_at)"
        " SELECT lpad(i::text, 13, '0'), 'EAN-13', 'wedge', 'a \"scanner\", wireless', 'till', NULL,"
        " CASE WHEN i % 7 = 0 THEN '=1+1' END, CASE WHEN i % 7 = 0 THEN now() END"
        " FROM generate_series(1, {}) AS i".format(n))


def open_table(server, query=""):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/v1/scans.csv" + query)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return connection, answer


def check_rows(server):
    """Row by row against the list; state and empty cells too."""
    connection, answer = open_table(server, "?raw=1&limit=3000&order=desc&bom=1")
    table = csv.DictReader(io.TextIOWrapper(answer, "utf-8-sig", newline=""))
    rows = list(table)
    connection.close()
    assert table.fieldnames == COLUMNS and len(rows) == 3000, (table.fieldnames, len(rows))
    before = ""
    for page in range(3):
        scans = server.get("/v1/scans?order=desc&limit=1000" + before)[1]["data"]
        for row, scan in zip(rows[page * 1000:], scans):
            expected = {name: "" if value is None else str(value) for name, value in scan.items()}
            assert row == expected, (row, expected)
        before = "&before=%d" % scans[-1]["id"]


def check_all(server, n):
    before = server.read_memory("VmHWM")
    start = time.monotonic()
    connection, answer = open_table(server)
    rows = csv.reader(io.TextIOWrapper(answer, "utf-8", newline=""))
    assert next(rows) == COLUMNS
    last = 0
    for row in rows:
        number = int(row[2])
        assert number == last + 1 and int(row[3]) == number and len(row) == len(COLUMNS), row
        assert row[16] == ("'=1+1" if number % 7 == 0 else ""), row
        last = number
    connection.close()
    seconds = time.monotonic() - start
    growth = server.read_memory("VmHWM") - before
    print("%d rows in %.2f s, with this reader; memory at most %d KiB, %d more than before" % (
        last, seconds, server.read_memory("VmHWM"), growth))
    assert last == n, last
    assert growth < GROWTH_MAX or server.is_sanitized(), growth


def check_cut(server, take_store_away):
    connection, answer = open_table(server)
    answer.read(1000)
    take_store_away()
    try:
        while answer.read(65536):
            pass
        raise AssertionError("a table that is not whole looks so")
    except (http.client.IncompleteRead, ConnectionError):
        pass
    connection.close()
    status, body = server.request("GET", "/v1/scans.csv")
    assert status == 503 and json.loads(body)["error_code"] == 1009, body


def check(server, fill, take_store_away, n):
    wait_for("the store", lambda: server.health()["store"]["state"] == "online")
    fill(n)
    check_rows(server)
    check_all(server, n)
    check_cut(server, take_store_away)
    assert server.stop() == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", choices=["sqlite", "postgres"], required=True)
    parser.add_argument("--rows", type=int, default=200000)
    arguments = parser.parse_args()
    with Folder() as folder:
        if arguments.store == "postgres":
            with Postgres(folder) as postgres, Server(folder, DATABASE_URL=postgres.url) as server:
                check(server, lambda n: fill_postgres(postgres, n),
                      lambda: postgres.stop("immediate"), arguments.rows)
                return

        def rename():
            store = sqlite3.connect(folder.join("data/scans.db"), timeout=30)
            store.execute("ALTER TABLE scan RENAME TO gone")
            store.commit()
            store.close()

        with Server(folder) as server:
            check(server, lambda n: fill_sqlite(folder, n), rename, arguments.rows)


main()
