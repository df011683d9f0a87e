"""Measures commands in pairs A B A B, so that a machine that gets slower in between makes both slower.

    rounds = measure(5, [Case("boatyard", ours), Case("buildah", theirs)])
    report("rebuild: nothing changed", rounds, target=0.3)

Only Python's standard library. Figures of a machine that does something else at the same time are marked as such.
"""

import datetime
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOATYARD = os.environ.get("BOATYARD", str(ROOT / "target/release/boatyard"))
SNIPPET = pathlib.Path(os.environ.get("BENCH_SNIPPET", ROOT / "target/bench.md"))
# Only the peers are measured where our own command is not there yet.
PEERS_ONLY = os.environ.get("BENCH_PEERS_ONLY") == "1"


@dataclass
class Case:
    """One way to do the work: what is measured, and what puts things in place before each time."""

    name: str
    run: Callable[[], None]
    before: Optional[Callable[[], None]] = None
    seconds: list = field(default_factory=list)


def call(*words, **more):
    """Run a command. Its output is shown only when it fails."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in words)}\n{done.stdout[-4000:]}\nfailed with {done.returncode}")
    return done.stdout


def need(*programs):
    """Stop with one sentence when a program is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}\nhelp: apt-get install {' '.join(missing)}")
    if not PEERS_ONLY and not os.access(BOATYARD, os.X_OK):
        sys.exit(f"{BOATYARD} is not there\nhelp: cargo build --release, or name it in BOATYARD; BENCH_PEERS_ONLY=1 goes without")


def measure(rounds, cases):
    """Measure the cases one after another, `rounds` times; our own is left out when only peers are wanted."""
    cases = [case for case in cases if not (PEERS_ONLY and case.name == "boatyard")]
    for number in range(rounds):
        for case in cases:
            if case.before:
                case.before()
            start = time.monotonic()
            case.run()
            case.seconds.append(time.monotonic() - start)
            print(f"  round {number + 1}: {case.name} {shown(case.seconds[-1])}", file=sys.stderr)
    return cases


def shown(seconds):
    """Seconds for people."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def report(title, cases, target):
    """Print the table and add it to the snippet for BENCHMARKS.md. `target` is ours as a part of the peer's."""
    lines = [f"### {title}", "", "| | median | least | most | n | ratio of medians |", "|---|---|---|---|---|---|"]
    peers = [case for case in cases if case.name != "boatyard"]
    for case in cases:
        ratio = "1"
        if case.name == "boatyard" and peers:
            value = statistics.median(case.seconds) / statistics.median(peers[0].seconds)
            ratio = f"**{value:.3f}** (target at most {target}: {'held' if value <= target else 'MISSED'})"
        elif case is not peers[0]:
            ratio = f"{statistics.median(case.seconds) / statistics.median(peers[0].seconds):.3f}"
        lines.append(
            f"| {case.name} | {shown(statistics.median(case.seconds))} | {shown(min(case.seconds))} | "
            f"{shown(max(case.seconds))} | {len(case.seconds)} | {ratio} |"
        )
    conclude(lines)


def conclude(lines):
    """Print a table with the day and the machine below it, and add it to the snippet."""
    load, cores = os.getloadavg()[0], os.cpu_count()
    busy = f"; **busy machine: load {load:.1f}**, run it again" if load > cores else ""
    now = datetime.datetime.now(datetime.timezone.utc)
    lines = [*lines, "", f"{now:%Y-%m-%d}, {cores} cores, Linux {platform.release()}{busy}", ""]
    text = "\n".join(lines)
    print(text)
    SNIPPET.parent.mkdir(parents=True, exist_ok=True)
    with SNIPPET.open("a") as snippet:
        snippet.write(text + "\n")


class Table:
    """What is played, not timed: rows of a table, each with whether what it tells held, where something has to."""

    def __init__(self):
        self.rows, self.is_well = [], True

    def row(self, what, figure, held=None):
        self.is_well &= held is not False
        self.rows.append(f"| {what} | {figure} | {'' if held is None else 'held' if held else '**missed**'} |")
        print(f"  {what}: {figure}", file=sys.stderr)

    def end(self, title):
        """Print the table; the exit code."""
        conclude([f"### {title}", "", "| what | figure | |", "|---|---|---|", *self.rows])
        return 0 if self.is_well else 1


def folder():
    """A temporary folder, below BENCH_DIR if that is set; the caller removes it with `clear`."""
    return pathlib.Path(tempfile.mkdtemp(prefix="boatyard-bench-", dir=os.environ.get("BENCH_DIR")))


def boatyard(home, *words, project=None):
    """Run our own command with its state in `home`; what it printed."""
    where = ["-C", project] if project else []
    return call(BOATYARD, *where, *words, env={**os.environ, "BOATYARD_HOME": str(home)})
