#!/usr/bin/env bash
# How long a person waits: `fairway --version`, a warm `fairway up` until the server is ready, and the whole demo.
# Five starts each after one that does not count; prints the seconds, sorted, the median in the middle. The demo runs once.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=5
data=$(mktemp -d)
port=7970
trap './fairway down --data "$data" >/dev/null; rm -rf "$data"' EXIT

# Waiting must not take one of the cores away from what is waited for: a read that nothing answers starts no process.
exec 9<> <(:)

seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", (b - a) / 1e9 }'; }

up() {
  local begun ready pid
  begun=$(date +%s%N)
  ./fairway up --data "$data" --port $port --proxy-port 7971 >/dev/null 2>&1 &
  pid=$!
  until { exec 8<>/dev/tcp/127.0.0.1/$port; } 2>/dev/null; do
    kill -0 $pid || { echo "fairway up ended" >&2; exit 1; }
    read -rt 0.01 -u 9 || true
  done
  exec 8>&-
  curl -fs -o /dev/null "http://127.0.0.1:$port/readyz"
  ready=$(date +%s%N)
  # Ends its start first, then everything that belongs to it: each start finds the database stopped.
  kill -TERM $pid
  wait $pid || true
  seconds "$begun" "$ready"
}

version() {
  local begun
  begun=$(date +%s%N)
  ./fairway --version >/dev/null
  seconds "$begun" "$(date +%s%N)"
}

for what in version up; do
  $what >/dev/null
  for _ in $(seq $runs); do $what; done | sort -n | paste -sd' ' | sed "s/^/$what: /"
done
./fairway demo --exit --port 7972 --proxy-port 7973 | tee /dev/stderr | grep 'All of it took'
