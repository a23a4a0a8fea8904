#!/usr/bin/env bash
# What a recovery costs a fleet and how many it makes: five sites with emulated devices, release builds, everything on this
# computer over loopback, once with devices that answer at once and once with devices as slow as a YubiHSM2.
# Then one site with many accounts. Prints a table; keeps nothing.
# Usage: bench/vault.sh [ACCOUNTS [PEOPLE]]   1000000 by default, 0 leaves that part out; 60
# fsyncs and writes to files are counted if strace is there. KEEPSAKE_BIN_DIR: release programs that are built already.
set -euo pipefail
cd "$(dirname "$0")/.."
accounts=${1:-1000000}
# Each recovers so often at each load: more would be held back as too much for one account.
people=${2:-60} each=2

if [[ -z ${KEEPSAKE_BIN_DIR:-} ]]; then
  # At once: apart, the programs and the examples would be built with other features, and everything twice.
  cargo build --quiet --release --locked --bins --examples -p cli -p operator -p vault-server -p mock-fleet -p hsm-mock -p auditor
  KEEPSAKE_BIN_DIR=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)
fi
work=$(mktemp -d)
# Each person has an address of their own, as the sites' proxy says.
export KEEPSAKE_BIN_DIR KEEPSAKE_FLEET_DIR="$work/fleet" KEEPSAKE_FLEET_PROXY=forwarded
load=$KEEPSAKE_BIN_DIR/examples/load
trap 'script/fleet down >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

fleet() { script/fleet "$@" >>"$work/fleet.log" 2>&1 || { cat "$work/fleet.log" >&2; exit 1; }; }
pid() { cat "$KEEPSAKE_FLEET_DIR/run/site-$1.pid"; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pid "$1")/status"; }

# Processor time, bytes and device operations of all sites until now: one JSON object.
spent() { bench/vault_spent.py "$KEEPSAKE_FLEET_DIR"; }

# Whole commands as a person gives them, with the code's stretching.
enroll() {
  keepsake() { KEEPSAKE_KEY_STORE=file "$KEEPSAKE_BIN_DIR/keepsake" --json --home "$work/home-$latency" "$@"; }
  KEEPSAKE_RECOVERY_CODE=$(keepsake vault enroll --fleet "$(cat "$KEEPSAKE_FLEET_DIR/url")" 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["code"])')
  export KEEPSAKE_RECOVERY_CODE
}

drills() { # file count pause
  local began
  for _ in $(seq "$2"); do
    began=$(date +%s%N)
    keepsake vault drill 2>/dev/null | tr -d '\n' >>"$1"
    echo >>"$1"
    echo $((($(date +%s%N) - began) / 1000000)) >>"$1-whole"
    # An account has six turns among owners, and then one in ten seconds.
    sleep "$3"
  done
}

# Two of five are there and say nothing.
hung_drills() { # file
  kill -STOP "$(pid 4)" "$(pid 5)"
  drills "$1" 10 3
  kill -CONT "$(pid 4)" "$(pid 5)"
  sleep 5
}

trace_disk() { # seconds file
  command -v strace >/dev/null || return 0
  local calls=fsync,fdatasync,write,pwrite64
  timeout --signal=INT "$1" strace -f -qq -y -e trace=$calls -o "$2" -p "$(pid 1)" 2>/dev/null || true
}

for latency in none yubihsm2; do
  rm -rf "$KEEPSAKE_FLEET_DIR"
  export KEEPSAKE_FLEET_LATENCY=$latency
  fleet up --sites 5
  sleep 10
  for site in 1 2 3 4 5; do resident "$site"; done >"$work/rest-$latency"
  enroll
  drills "$work/drills-$latency" 50 1
  hung_drills "$work/hung-$latency"
  unset KEEPSAKE_RECOVERY_CODE
  "$load" "$KEEPSAKE_FLEET_DIR" people "$people" >"$work/register-$latency"
  for at_once in 1 4 16; do
    # The turns of each account that were used come back.
    sleep 20
    spent >"$work/before-$latency-$at_once"
    "$load" "$KEEPSAKE_FLEET_DIR" recover "$people" "$each" "$at_once" >"$work/recover-$latency-$at_once"
    spent >"$work/after-$latency-$at_once"
  done
  if [[ $latency == none ]]; then
    trace_disk 60 "$work/disk" &
    tracing=$!
    sleep 2
    "$load" "$KEEPSAKE_FLEET_DIR" recover "$people" 1 1 >"$work/traced"
    kill -INT "$(pgrep -P "$tracing" timeout 2>/dev/null || echo "$tracing")" 2>/dev/null || true
    wait "$tracing" || true
  fi
  fleet down
done

if [[ $accounts -gt 0 ]]; then
  # The others do not ask the site for what it has more than they.
  export KEEPSAKE_FLEET_LATENCY=none
  "$KEEPSAKE_BIN_DIR/examples/fill_store" "$KEEPSAKE_FLEET_DIR/sites/1/state" "$accounts" >"$work/filled"
  for site in 2 3 4 5; do
    sed -i 's|{"index":1,"url":"https://127.0.0.1:[0-9]*"}|{"index":1,"url":"https://127.0.0.1:9"}|' \
      "$KEEPSAKE_FLEET_DIR/sites/$site/site.json"
  done
  fleet up --sites 5
  sleep 10
  resident 1 >"$work/many-rest"
  "$load" "$KEEPSAKE_FLEET_DIR" recover "$people" "$each" 4 >"$work/many-recover"
  resident 1 >"$work/many-after"
fi
bench/vault_table.py "$work"
