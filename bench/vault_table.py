#!/usr/bin/env python3
"""The table of bench/vault.sh, from what it left in its folder. Usage: vault_table.py FOLDER"""
import json
import os
import re
import sys
from pathlib import Path

SITES = 5
work = Path(sys.argv[1])


def read(name):
    return json.loads((work / name).read_text())


def row(what, value):
    print(f"{what:<76} {value}")


def percentiles(values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
    return f"p50 {at(.5)} ms, p99 {at(.99)} ms of {len(values)}"


def memory(name):
    return ", ".join(f"{int(kib) / 1024:.1f}" for kib in (work / name).read_text().split()) + " MiB"


def costs(latency, at_once):
    before, after = (read(f"{when}-{latency}-{at_once}") for when in ("before", "after"))
    done = read(f"recover-{latency}-{at_once}")["n"]
    each = {name: (after[name] - before[name]) / done / SITES for name in after}
    row("  a recovery and site: processor time", f"{each['processor_seconds'] * 1000:.1f} ms")
    row("  a recovery and site: device operations", f"{each['ecdh']:.2f} ECDH, {each['ecdsa']:.2f} ECDSA")
    row("  a recovery and site: written", f"{each['bytes_written'] / 1024:.1f} KiB to files and sockets, "
        f"{each['bytes_to_disk'] / 1024:.1f} KiB in whole blocks of the disk")


print(f"MOCK fleet of {SITES} on this computer, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} (5 min)\n")
for latency in ("none", "yubihsm2"):
    print(f"devices' latency: {latency}")
    for name, what in (("drills", ""), ("hung", ", two sites hung")):
        lines = (work / f"{name}-{latency}").read_text().splitlines()
        whole = (work / f"{name}-{latency}-whole").read_text().split()
        row(f"  keepsake vault drill, code to key, with its stretching{what}",
            percentiles([json.loads(line)["milliseconds"] for line in lines if line.strip()]))
        row("    the whole command", percentiles([int(ms) for ms in whole]))
    registered = read(f"register-{latency}")
    row("  registering, one after the other", f"p50 {registered['p50_ms']} ms, p99 {registered['p99_ms']} ms")
    for at_once in (1, 4, 16):
        found = read(f"recover-{latency}-{at_once}")
        row(f"  {at_once} at once, without stretching", f"{found['per_second']} a second, p50 {found['p50_ms']} ms, "
            f"p99 {found['p99_ms']} ms, {found['failed']} of {found['n'] + found['failed']} failed")
        costs(latency, at_once)
    row("  memory of the sites at rest (RSS)", memory(f"rest-{latency}"))
if (work / "disk").exists():
    lines = (work / "disk").read_text().splitlines()
    done = read("traced")["n"]
    fsyncs = sum("fsync(" in line or "fdatasync(" in line for line in lines)
    # Sockets and the like have no path that begins with a slash.
    writes = (re.search(r"write(?:64)?\(\d+</.*= (\d+)$", line) for line in lines)
    written = sum(int(write.group(1)) for write in writes if write)
    row("fsyncs of site 1 a recovery, one after the other", f"{fsyncs / done:.2f}")
    row("  and bytes that it gave to the disk", f"{written / done / 1024:.1f} KiB")
if (work / "filled").exists():
    filled = read("filled")
    row(f"a site's store of {filled['accounts']} accounts", f"{filled['bytes_per_account']} bytes each; "
        f"{filled['steps_per_second']} steps a second with fsync, 200 at once")
    row("  memory of that site at rest (RSS)", memory("many-rest"))
    found = read("many-recover")
    row("  4 recoveries at once with that site", f"{found['per_second']} a second, p50 {found['p50_ms']} ms, {found['failed']} failed")
    row("  memory of that site after them (RSS)", memory("many-after"))
