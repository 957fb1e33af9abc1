#!/bin/sh
# All benchmarks, one after the other: bench.sh BENCH-JOURNAL BIPE SEND-KEYS BENCH-CAMERA BIPE-DECODER BIPE-SERVER
set -e
"$1"
"$(dirname "$0")/bench-window.py" "$2" "$3"
BIPE_DECODER="$5" "$4"
BIPE_SERVER="$6" "$(dirname "$0")/../live/test-tokens.py" --flood --seconds 20
