curl -H 'Content-Type: application/json' -d '{"code":"4006381333931","key":"order-17-line-3"}' \
  http://localhost:5000/v1/scans
