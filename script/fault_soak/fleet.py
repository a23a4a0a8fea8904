"""The fleet: script/fleet, and what may happen to its processes and disks."""
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SITES = range(1, 6)
# A site's disk that can be full. A site says that it does not serve with less than 64 MiB free.
DISK_MIB = 160
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class Fleet:
    def __init__(self, work, programs):
        self.dir = work / "fleet"
        self.programs = programs
        self.environment = {
            **os.environ,
            "KEEPSAKE_FLEET_DIR": str(self.dir),
            "KEEPSAKE_BIN_DIR": str(programs),
            "KEEPSAKE_FLEET_CONTROL": "yes",
        }
        self.log = open(work / "fleet.log", "ab")
        self.disks = set()

    def script(self, *arguments, **environment):
        """Whether script/fleet did it. Its words go to the log."""
        ran = subprocess.run(
            [ROOT / "script/fleet", *map(str, arguments)],
            env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, check=False)
        return ran.returncode == 0

    def up(self):
        if not self.script("up", "--sites", len(SITES)):
            raise SystemExit(f"the fleet did not start: see {self.log.name}")
        self.url = (self.dir / "url").read_text().strip()
        self.base = int(dict(line.split("=") for line in (self.dir / "fleet.conf").read_text().split())["base"])

    def down(self):
        for name in [f"{kind}-{i}" for i in SITES for kind in ("site", "hsm")]:
            self.signal(name, signal.SIGCONT)
        self.script("down")
        for disk in self.disks:
            subprocess.run(["umount", "--lazy", disk], check=False)

    # --- processes ---

    def signal(self, name, what):
        try:
            os.kill(int((self.dir / "run" / f"{name}.pid").read_text()), what)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def kill(self, site):
        self.script("kill-site", site)

    def start(self, site, seconds=60, ahead=0):
        """Whether it serves then."""
        shifted = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{ahead}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return self.script("start-site", site, KEEPSAKE_FLEET_WAIT=str(seconds), **(shifted if ahead else {}))

    def control(self, site, *action):
        at = f"127.0.0.1:{self.base + site}"
        subprocess.run([self.programs / "hsm-mock", "control", "--at", at, *action],
                       stdout=self.log, stderr=self.log, check=False)

    # --- disks ---

    def state(self, site):
        return self.dir / "sites" / str(site) / "state"

    def give_own_disk(self, site):
        """Moves a stopped site's state to a disk of its own. False where this computer does not let us."""
        state, aside = self.state(site), self.state(site).with_name("aside")
        state.rename(aside)
        state.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0700", "none", state]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        if mounted:
            self.disks.add(state)
        shutil.copytree(aside, state, dirs_exist_ok=True)
        shutil.rmtree(aside)
        return mounted

    def fill_disk(self, site):
        try:
            with open(self.state(site) / "filler", "wb", buffering=0) as filler:
                while True:
                    filler.write(bytes(1 << 16))
        except OSError:
            pass

    def free_disk(self, site):
        (self.state(site) / "filler").unlink()

    def copy_state(self, site, to):
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.state(site), to)

    def put_state(self, site, copy):
        shutil.rmtree(self.state(site))
        shutil.copytree(copy, self.state(site))

    # --- what it publishes ---

    def get(self, site, path):
        """A site's answer; None if there is none."""
        context = ssl.create_default_context(cafile=str(self.dir / "tls/ca.pem"))
        try:
            url = f"https://127.0.0.1:{self.base + 20 + site}{path}"
            with urllib.request.urlopen(url, timeout=5, context=context) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def health(self, site):
        return self.get(site, "/v2/health") or {"serving": False, "reason": "no answer"}

    def until_serving(self, seconds):
        """The sites that do not serve after so long, with their reasons."""
        until = time.monotonic() + seconds
        while True:
            away = {site: health["reason"] for site in SITES if not (health := self.health(site))["serving"]}
            if not away or time.monotonic() > until:
                return away
            time.sleep(0.5)

    def evaluated(self, site):
        """Every try that a site evaluated, as (slot, try)."""
        entries, start = [], 1
        while start is not None:
            page = self.get(site, f"/v2/audit/evaluated?from={start}")
            if page is None:
                raise SystemExit(f"site {site} does not publish what it evaluated")
            entries += page["entries"]
            start = page["next"]
        return [(entry["slot"], entry["tried"]) for entry in entries]
