#!/usr/bin/env bash
# The runs behind the sizing table of perf/README.md: server on core 0 with one event loop, driver on the others.
# Usage: perf/sizing.sh [rounds] [seconds]   (after: dotnet build -c Release)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-3}"
seconds="${2:-10}"
server=src/FastGate/bin/Release/net10.0/FastGate
driver=perf/FastGate.LoadTest/bin/Release/net10.0/FastGate.LoadTest
port="${PORT:-18200}"
last=$(($(nproc) - 1))
work="$(mktemp -d)"
pid=0
trap 'if [ "$pid" -ne 0 ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

start() {
  taskset -c 0 "$server" --FastGate:Devices:Listen=127.0.0.1:$port --FastGate:Http:Listen=127.0.0.1:$((port + 1)) \
    --FastGate:Admin:Listen=127.0.0.1:$((port + 2)) --FastGate:Devices:EventLoops=1 --FastGate:Memory:Path="$work/fastgate.db" "$@" >"$work/log" 2>&1 &
  pid=$!
  until grep -q 'admin:' "$work/log"; do sleep 0.1; kill -0 "$pid"; done
  # Every path compiled, twice.
  run /dev/null ping --devices 500 --rate 4000 --duration 6s
}

stop() {
  kill "$pid"
  wait "$pid" || true
  pid=0
}

# A missed threshold is no failure here, but there are none; a run that came to nothing is.
run() {
  local json="$1"
  shift
  taskset -c "$((last < 1 ? 0 : 1))-$last" "$driver" "$@" --target 127.0.0.1:$port --server-pid "$pid" --json "$json" >"$work/out" || { cat "$work/out"; exit 1; }
}

# Median, least and most of a number, the first of its name in each round's report.
of() {
  for file in "$work/$1".*.json; do grep -m1 "\"$2\":" "$file"; done | sed 's/.*: *//; s/,$//' | grep -v null | sort -g |
    awk '{ value[NR] = $1 } END { if (NR == 0) print "-"; else print value[int((NR + 1) / 2)] " (" value[1] "-" value[NR] ")" }'
}

# A server of its own for every round: what a process has once taken it keeps, and the next round would find its memory free.
row() {
  local name="$1"
  shift
  for round in $(seq "$rounds"); do
    start
    run "$work/$name.$round.json" "$@" --duration "${seconds}s"
    stop
  done
  echo "$name: $*"
  echo "  server CPU, % of a core     $(of "$name" cpuPercent)"
  echo "  server CPU, us an operation $(of "$name" cpuMicrosecondsPerOperation)"
  echo "  server CPU, us a connection $(of "$name" cpuMicrosecondsPerConnection)"
  echo "  bytes a device              $(of "$name" residentBytesPerDevice)"
  echo "  operations a second         $(of "$name" operationsPerSecond)"
  echo "  lost, failed, unanswered    $(of "$name" lost) $(of "$name" failed) $(of "$name" unanswered)"
  echo "  driver busy %, late p99 ms  $(of "$name" busyPercent) $(of "$name" latenessP99Ms)"
}

row idle hold --devices 10000 --ramp 3000 --keepalive 0s
row pinging ping --devices 10000 --ramp 3000 --rate 333
row pinging-fast ping --devices 4000 --ramp 3000 --rate 4000
row talking converse --devices 300 --rate 20 --speech 2400ms --barge-in 0.1
row speaking audio --devices 100 --uplink-only
