#!/usr/bin/python3
"""The database goes away while scans come in, and comes back: nothing is refused, nothing is lost,
nothing is doubled, and the order stays. Prints how fast the backlog went.

    test-outage.py [--scans N]
"""

import argparse
import time

from lab import Folder, Postgres, Server, wait_for

BATCH = 500


def post(server, codes):
    for start in range(0, len(codes), BATCH):
        status, answer = server.post(
            "/v1/scans", [{"code": code} for code in codes[start : start + BATCH]]
        )
        assert status == 201, (status, answer)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=5000)
    count = parser.parse_args().scans
    codes = ["%08d" % number for number in range(count)]

    with Folder() as folder, Postgres(folder) as postgres:
        with Server(folder, DATABASE_URL=postgres.url) as server:
            post(server, codes[:100])
            server.wait_until_stored()
            for code in codes[:100]:
                assert server.post("/v1/queue/next")[1]["data"]["code"] == code

            postgres.stop("immediate")
            post(server, codes[100:])
            wait_for("the outage to be seen", lambda: server.health()["status"] == "degraded")
            assert server.health()["queued"] == count - 100
            status, answer = server.get("/qrcode/all")
            assert status == 503 and answer["error_code"] == 1009, (status, answer)
            status, answer = server.post("/v1/queue/next")
            assert status == 503 and answer["error_code"] == 1009, (status, answer)

            postgres.start()
            wait_for("the first rows", lambda: server.health()["queued"] < count - 100)
            start = time.monotonic()
            server.wait_until_stored()
            seconds = time.monotonic() - start
            print("drained %d in %.2f s" % (count - 100, seconds))
            assert server.health()["status"] == "ok"
            assert postgres.query("SELECT code FROM scan ORDER BY id") == codes
            assert server.post("/v1/queue/next")[1]["data"]["code"] == codes[100]
            assert server.stop() == 0


main()
