#!/usr/bin/env bash
# How long a recovery takes from end to end, by code and by passkey (a MOCK security key that is touched at once), and what a site needs at rest: a MOCK fleet of five sites, release builds,
# everything on this computer over loopback, devices that answer at once (a real one takes about 73 ms for each ECDH).
# Usage: bench/recovery-latency.sh [number of recoveries, 50 by default]
set -euo pipefail
cd "$(dirname "$0")/.."
recoveries=${1:-50}

cargo build --quiet --release --locked --bins -p cli -p operator -p vault-server -p mock-fleet -p hsm-mock -p key-mock -p auditor

work=$(mktemp -d)
KEEPSAKE_BIN_DIR=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)
export KEEPSAKE_BIN_DIR KEEPSAKE_FLEET_DIR="$work/fleet" KEEPSAKE_HOME="$work/home" KEEPSAKE_KEY_STORE=file
trap 'kill "${key:-}" 2>/dev/null || true; script/fleet down >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
script/fleet up --sites 5 >"$work/fleet.log" 2>&1 || { cat "$work/fleet.log" >&2; exit 1; }

keepsake() { "$KEEPSAKE_BIN_DIR/keepsake" --json "$@"; }
keepsake vault enroll --fleet "$(cat "$KEEPSAKE_FLEET_DIR/url")" >"$work/enrolled.json" 2>/dev/null
# It lives as long as this run's fleet.
KEEPSAKE_RECOVERY_CODE=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["code"])' "$work/enrolled.json")
export KEEPSAKE_RECOVERY_CODE

export KEEPSAKE_PIN=271828 KEEPSAKE_MOCK_SECURITY_KEY="$work/key.socket"
"$KEEPSAKE_BIN_DIR/key-mock" --listen "$work/key.socket" --state "$work/key.state" --pin "$KEEPSAKE_PIN" >/dev/null &
key=$!
until [ -S "$work/key.socket" ]; do sleep 0.1; done
keepsake passkey add --fleet "$(cat "$KEEPSAKE_FLEET_DIR/url")" >"$work/added.json" 2>/dev/null
passkey=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["passkey"]["id"])' "$work/added.json")

drill() { # file arguments…
  local into=$1 began
  shift
  for _ in $(seq "$recoveries"); do
    began=$(date +%s%N)
    keepsake vault drill "$@" >"$work/drill.json" 2>/dev/null
    echo "$((($(date +%s%N) - began) / 1000000)) $(tr -d '\n' <"$work/drill.json")" >>"$into"
  done
}
drill "$work/by-code"
drill "$work/by-passkey" --passkey "$passkey"

sleep 5 # at rest: the last recovery is over, the sites only ask each other what is new
for site in 1 2 3 4 5; do
  pid=$(cat "$KEEPSAKE_FLEET_DIR/run/site-$site.pid")
  sed -n "s/^VmRSS:[^0-9]*\([0-9]*\) kB/$site \1/p" "/proc/$pid/status" >>"$work/memory"
done

python3 - "$work" <<'PY'
import json, os, statistics, sys
work = sys.argv[1]
def drills(name):
    command, conversation = [], []
    for line in open(f"{work}/{name}"):
        milliseconds, document = line.split(" ", 1)
        recovered = json.loads(document)
        assert recovered["sites_answered"] == 5 and recovered.get("confirmed", True), recovered
        command.append(int(milliseconds))
        conversation.append(recovered["milliseconds"])
    return command, conversation
def shown(name, values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
    print(f"{name:<58} p50 {at(.5):>5} ms   p95 {at(.95):>5} ms   max {values[-1]:>5} ms")
command, conversation = drills("by-code")
print(f"MOCK fleet of 5 on this computer ({os.cpu_count()} cores), {len(command)} recoveries each, one after another")
shown("code -> key: stretching the code and the fleet's work", conversation)
shown("whole command: with start, opening the home, verifying", command)
command, conversation = drills("by-passkey")
shown("passkey -> key: the key's answer and the fleet's work", conversation)
shown("whole command", command)
memory = [int(line.split()[1]) / 1024 for line in open(work + "/memory")]
print("memory of a site at rest (RSS): " + ", ".join(f"{m:.1f}" for m in memory) + " MiB")
PY
