#!/usr/bin/env python3
"""What the sites of a MOCK fleet have spent until now: processor seconds, bytes written, device operations by command.
Usage: vault_spent.py FLEET_FOLDER"""
import collections
import json
import os
import ssl
import sys
import urllib.request
from pathlib import Path

DERIVE_ECDH = 0x57
SIGN_ECDSA = 0x56
TICKS = os.sysconf("SC_CLK_TCK")

folder = Path(sys.argv[1])
configuration = dict(line.split("=") for line in (folder / "fleet.conf").read_text().split())
context = ssl.create_default_context(cafile=str(folder / "tls/ca.pem"))


def device_operations(site):
    """Entries of the device's log as the site has published it, by command."""
    base = f"https://127.0.0.1:{int(configuration['base']) + 20 + site}/v2/audit/log?from="
    commands, start = collections.Counter(), 1
    while start is not None:
        with urllib.request.urlopen(f"{base}{start}", context=context) as answer:
            page = json.load(answer)
        commands.update(bytes.fromhex(entry)[2] for entry in page["entries"])
        start = page["next"]
    return commands


spent = collections.Counter()
for site in range(1, int(configuration["sites"]) + 1):
    process = Path("/proc") / (folder / f"run/site-{site}.pid").read_text().strip()
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    spent["processor_seconds"] += (int(fields[11]) + int(fields[12])) / TICKS
    written = dict(line.split(": ") for line in (process / "io").read_text().splitlines())
    spent["bytes_to_disk"] += int(written["write_bytes"])
    spent["bytes_written"] += int(written["wchar"])
    commands = device_operations(site)
    spent["ecdh"] += commands[DERIVE_ECDH]
    spent["ecdsa"] += commands[SIGN_ECDSA]
    spent["database"] += sum(f.stat().st_size for f in (folder / f"sites/{site}/state").iterdir() if f.is_file())
print(json.dumps(spent))
