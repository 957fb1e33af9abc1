import json
import time
import urllib.error
import urllib.request
import uuid

STATION = "http://localhost:5000"


def send(code, key):
    """Until there is an answer: however often it is sent, the key makes it one scan."""
    request = urllib.request.Request(
        STATION + "/v1/scans",
        json.dumps({"code": code, "key": key}).encode(),
        {"Content-Type": "application/json"},
    )
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise ValueError(json.load(error)["message"])
        except OSError:
            pass
        time.sleep(1)


scan = send("4006381333931", str(uuid.uuid4()))
print(scan["uuid"], scan["state"])
