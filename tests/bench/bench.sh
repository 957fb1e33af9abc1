#!/bin/sh
# All benchmarks, one after the other: bench.sh BENCH-JOURNAL BIPE SEND-KEYS BENCH-CAMERA BIPE-DECODER
set -e
"$1"
"$(dirname "$0")/bench-window.py" "$2" "$3"
BIPE_DECODER="$5" "$4"
