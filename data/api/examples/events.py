import json
import time
import urllib.request

STATION = "http://localhost:5000"
last = 0  # of the events that were dealt with; keep it on disk, and nothing is missed or done twice

while True:
    try:
        request = urllib.request.Request(
            "%s/v1/events?after=%d" % (STATION, last), headers={"Accept": "text/event-stream"}
        )
        # A station with nothing to tell gives a sign of life every ten seconds.
        with urllib.request.urlopen(request, timeout=30) as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])
                    print(event["seq"], event["event"], event.get("scan", {}).get("code"), flush=True)
                    last = event["seq"]
    except OSError:
        pass
    time.sleep(1)
