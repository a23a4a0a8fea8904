#!/usr/bin/env python3
"""Measures the product's own commands beside restic and borg, on the same exports, in the same run.

    measure.py WORK [--keepsake target/release/keepsake] [--rounds 3] [make_chats.py's options]

WORK gets the exports, homes and repositories; it must be on the disk that is to be measured. Each step is run once a
round, the programs in turn, and the median of the rounds is printed: wall seconds, processor seconds, peak memory.
Ratios are to the same step of the same round. Nothing is installed: a program that is not there is left out.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def measured(command, **environment):
    """Runs to the end; wall and processor seconds and MB of memory, of the command and its children."""
    os.sync()
    began = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: {err.decode()[-2000:]}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024, "out": out}


def size_mb(folder):
    return sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / 1e6


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder


class Keepsake:
    name = "keepsake"

    def __init__(self, work, binary):
        self.work, self.binary = work, binary
        self.repo = work / "keepsake-repo"

    def run(self, home, *arguments, **environment):
        return measured(
            [self.binary, "--json", "--home", self.work / home, *arguments], KEEPSAKE_KEY_STORE="file", **environment
        )

    def round(self, exports, later):
        for name in ("keepsake-home", "keepsake-repo", "keepsake-new", "keepsake-chat"):
            fresh(self.work / name)
        at = ["--repo", self.repo]
        chats = sorted(p for p in exports.iterdir())
        steps = {"import": self.run("keepsake-home", "source", "import", *chats)}
        steps["first backup"] = self.run("keepsake-home", "backup", "create", *at)
        steps["first backup"]["size_mb"] = size_mb(self.repo)
        steps["nothing new"] = self.run("keepsake-home", "backup", "create", *at)
        before = size_mb(self.repo)
        steps["import of 1 % more"] = self.run("keepsake-home", "source", "import", *sorted(later.iterdir()))
        steps["1 % more"] = self.run("keepsake-home", "backup", "create", *at)
        steps["1 % more"]["size_mb"] = size_mb(self.repo) - before
        steps["check"] = self.run("keepsake-home", "backup", "check", *at)
        steps["check of all data"] = self.run("keepsake-home", "backup", "check", "--read-data", *at)
        key = json.loads(self.run("keepsake-home", "backup", "offline-key", *at)["out"])["key"]
        environment = {"KEEPSAKE_OFFLINE_KEY": key}
        steps["restore of all"] = self.run("keepsake-new", "backup", "restore", *at, **environment)
        title = json.loads(self.run("keepsake-home", "chats", "list")["out"])[0]["title"]
        steps["restore of one chat"] = self.run("keepsake-chat", "backup", "restore", *at, "--chat", title, **environment)
        for query in ("a ", "th", "the", "zzz"):
            steps[f"search {query!r}"] = self.run("keepsake-new", "chats", "search", query)
        return steps


class Restic:
    name = "restic"

    def __init__(self, work):
        self.work, self.repo = work, work / "restic-repo"

    def run(self, *arguments):
        command = ["restic", "-q", "--no-cache", "-r", self.repo, *arguments]
        return measured(command, RESTIC_PASSWORD="bench")

    def round(self, exports, later):
        fresh(self.repo)
        self.run("init")
        steps = {"first backup": self.run("backup", exports)}
        steps["first backup"]["size_mb"] = size_mb(self.repo)
        steps["nothing new"] = self.run("backup", exports)
        before = size_mb(self.repo)
        steps["1 % more"] = self.run("backup", later)
        steps["1 % more"]["size_mb"] = size_mb(self.repo) - before
        steps["check"] = self.run("check")
        steps["check of all data"] = self.run("check", "--read-data")
        steps["restore of all"] = self.run("restore", "latest", "--target", fresh(self.work / "restic-out"))
        one = next(p for p in sorted(later.iterdir()))
        out = fresh(self.work / "restic-out")
        steps["restore of one chat"] = self.run("restore", "latest", "--target", out, "--include", one)
        return steps


class Borg:
    name = "borg"

    def __init__(self, work):
        self.work, self.repo = work, work / "borg-repo"

    def run(self, *arguments):
        return measured(["borg", *arguments], BORG_PASSPHRASE="bench", BORG_BASE_DIR=str(self.work / "borg-base"))

    def round(self, exports, later):
        fresh(self.repo)
        fresh(self.work / "borg-base")
        self.run("init", "-e", "repokey-blake2", self.repo)
        steps = {"first backup": self.run("create", f"{self.repo}::1", exports)}
        steps["first backup"]["size_mb"] = size_mb(self.repo)
        steps["nothing new"] = self.run("create", f"{self.repo}::2", exports)
        before = size_mb(self.repo)
        steps["1 % more"] = self.run("create", f"{self.repo}::3", later)
        steps["1 % more"]["size_mb"] = size_mb(self.repo) - before
        steps["check"] = self.run("check", self.repo)
        steps["check of all data"] = self.run("check", "--verify-data", self.repo)
        out = fresh(self.work / "borg-out")
        out.mkdir()
        there = os.getcwd()
        os.chdir(out)
        steps["restore of all"] = self.run("extract", f"{self.repo}::3")
        one = next(p for p in sorted(later.iterdir()))
        steps["restore of one chat"] = self.run("extract", f"{self.repo}::3", str(one).lstrip("/"))
        os.chdir(there)
        return steps


def table(rounds):
    """rounds: a list of {program: {step: figures}}."""
    programs = list(rounds[0])
    for step in rounds[0][programs[0]]:
        print(f"\n{step}")
        for program in programs:
            runs = [r[program][step] for r in rounds if step in r[program]]
            if not runs:
                continue
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0] if key != "out"}
            ours = [r[programs[0]][step]["wall"] for r in rounds]
            ratio = statistics.median(run["wall"] / own for run, own in zip(runs, ours))
            stored = f", {middle['size_mb']:.1f} MB stored" if "size_mb" in middle else ""
            print(
                f"  {program:9} {middle['wall']:8.2f} s wall, {middle['cpu']:7.2f} s CPU, {middle['mb']:5.0f} MB"
                f"{stored}, {ratio:.2f} of {programs[0]}'s time"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--keepsake", type=Path, default=Path("target/release/keepsake"))
    parser.add_argument("--rounds", type=int, default=3)
    args, generator = parser.parse_known_args()
    work = args.work.resolve()
    exports, later = work / "exports", work / "later"
    for folder, more in ((exports, []), (later, ["--more", "1"])):
        if not folder.is_dir():
            subprocess.run([sys.executable, HERE / "make_chats.py", folder, *generator, *more], check=True)
    programs = [Keepsake(work, args.keepsake.resolve())]
    programs += [program(work) for program in (Restic, Borg) if shutil.which(program.name)]
    rounds = []
    for number in range(args.rounds):
        load = os.getloadavg()[0]
        print(f"round {number + 1}, load {load:.1f} on {os.cpu_count()} processors", file=sys.stderr)
        rounds.append({program.name: program.round(exports, later) for program in programs})
    table(rounds)
    limit = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nlargest process of all: {limit:.0f} MB")


if __name__ == "__main__":
    main()
