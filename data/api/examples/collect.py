import json
import urllib.request

STATION = "http://localhost:5000"


def collect():
    request = urllib.request.Request(STATION + "/v1/queue/next", method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]  # None: nothing waits


while scan := collect():
    print(scan["code"], scan["collected_at"])
