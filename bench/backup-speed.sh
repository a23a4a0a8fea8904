#!/bin/sh
# Speed of a first backup, of one with nothing new, of a full check and of a restore, on 500 MB of text and random
# media; and of restic on the same data, when it is installed.
# Usage: bench/backup-speed.sh [work folder] (default: a temporary one, removed afterwards)
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release -p backup-engine --example backup_speed
bin="${CARGO_TARGET_DIR:-target}/release/examples/backup_speed"

work=${1:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

# 250 MB of messages in 200 chats (Zipf-like words, so that they compress as text does), 250 MB of random media of
# 20 KB to 4 MB.
if [ ! -d "$work/data" ]; then
    python3 - "$work/data" <<'PY'
import os, random, sys
random.seed(1)
root = sys.argv[1]
os.makedirs(root + "/text"); os.makedirs(root + "/media")
letters = "etaoinshrdlucmfwypvbgkjqxz"
words = ["".join(random.choices(letters, weights=range(26, 0, -1), k=random.randint(2, 9))) for _ in range(20000)]
weights = [1 / (i + 1) for i in range(20000)]
total = 0
for chat in range(200):
    with open(f"{root}/text/{chat:03}.txt", "w") as f:
        size = 0
        while size < 1_250_000:
            pool = random.choices(words, weights=weights, k=4000)
            at = 0
            while at < 4000:
                n = random.randint(1, 25)
                line = f'{{"id":"{random.getrandbits(64):016x}","at":{1600000000000 + size * 37},"from":"p{random.randint(0, 5)}","text":"{" ".join(pool[at:at + n])}"}}\n'
                f.write(line); size += len(line); at += n
left, n = 250_000_000, 0
while left > 0:
    size = min(left, int(20_000 * 200 ** random.random()))
    open(f"{root}/media/{n:05}.bin", "wb").write(random.randbytes(size))
    left -= size; n += 1
PY
fi

rm -rf "$work/keepsake" "$work/restic"
cat "$work"/data/*/* > /dev/null # into the page cache, for both
sync
for step in first again check restore; do
    "$bin" "$step" "$work/data" "$work/keepsake"
done > "$work/keepsake.txt"

if command -v restic > /dev/null; then
    export RESTIC_PASSWORD=bench
    restic -q init --repo "$work/restic"
    sync
    /usr/bin/env python3 - "$work" > "$work/restic.txt" <<'PY'
import json, resource, subprocess, sys, time
work = sys.argv[1]
def run(step, *args):
    began = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["restic", "-q", "--no-cache", "--repo", work + "/restic", *args], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The peak is of all steps so far.
    print(json.dumps({"step": step, "seconds": round(seconds, 3), "cpu": round(cpu, 2), "peak_mb": after.ru_maxrss // 1024}))
run("first", "backup", work + "/data")
run("again", "backup", work + "/data")
run("check", "check", "--read-data")
run("restore", "restore", "latest", "--target", work + "/restic-out")
PY
    rm -rf "$work/restic-out"
fi

python3 - "$work" <<'PY'
import json, os, sys
work = sys.argv[1]
def load(name):
    path = f"{work}/{name}.txt"
    return {r["step"]: r for r in map(json.loads, open(path))} if os.path.exists(path) else {}
def size(folder):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(folder) for f in fs) / 1e6
data = size(work + "/data")
ours, theirs = load("keepsake"), load("restic")
print(f"data {data:.0f} MB on {os.cpu_count()} cores; backup {size(work + '/keepsake'):.0f} MB" + (f", restic {size(work + '/restic'):.0f} MB" if theirs else ""))
def show(r):
    rate = "" if r["step"] == "again" else f"{data / r['seconds']:.0f} MB/s "
    return f"{r['seconds']:.3f} s {rate}({r['cpu']:.2f} s CPU, {r['peak_mb']} MB)"
print(f"{'step':8} {'keepsake':>38} {'restic':>38} {'wall':>6} {'CPU':>6}")
for step, r in ours.items():
    t = theirs.get(step)
    ratios = f"{t['seconds'] / r['seconds']:6.1f} {t['cpu'] / max(r['cpu'], 0.01):6.1f}" if t else ""
    print(f"{step:8} {show(r):>38} {show(t) if t else '':>38} {ratios}")
load = os.getloadavg()[0]
print(f"load average {load:.1f}: " + ("others were using this machine, so wall times are too long" if load > os.cpu_count() + 1 else "quiet"))
print("restore: Keepsake gives plaintext to a counting sink, restic writes files; compare the other rows only.")
PY
