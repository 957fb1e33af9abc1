curl -X POST http://localhost:5000/v1/queue/next
