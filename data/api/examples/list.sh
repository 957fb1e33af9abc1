curl 'http://localhost:5000/v1/scans?order=desc&limit=10'
curl -o scans.csv 'http://localhost:5000/v1/scans.csv?since=2026-01-01T00:00:00Z'
