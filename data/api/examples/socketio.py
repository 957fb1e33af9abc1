import socketio

STATION = "http://localhost:5000"
client = socketio.Client()


@client.on("event", namespace="/events")
def on_event(event):
    code = event.get("scan", {}).get("code")
    print(f"{event['seq']} {event['event']} {code}", flush=True)


# From elsewhere: auth={"token": token, "after": 0}
client.connect(STATION, namespaces=["/", "/events"], auth={"after": 0})
print(client.call("message", "4006381333931"), flush=True)  # {'ok': True, 'uuid': …, 'state': …}
client.wait()
