import json
import urllib.parse
import urllib.request

STATION = "http://localhost:5000"


def list_scans(**filters):
    after = 0
    while True:
        query = urllib.parse.urlencode({**filters, "after": after, "limit": 1000})
        with urllib.request.urlopen(STATION + "/v1/scans?" + query) as answer:
            scans = json.load(answer)["data"]
        if not scans:
            return
        yield from scans
        after = scans[-1]["id"]


for scan in list_scans(q="4006"):
    print(scan["id"], scan["code"], scan["scanned_at"])
