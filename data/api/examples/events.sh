curl -N -H 'Accept: text/event-stream' 'http://localhost:5000/v1/events?after=0'
