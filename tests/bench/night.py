"""The part of `make bench` about nights: a run of an office of 100,000 certificates when nothing is known, the same one again, and the next
one, on which 1 % changed.

Seconds of a stage are of the processor, of all processes that a run starts, so that a machine with other work to do measures nearly the
same. A cold run is promised by the clock, on two cores ("a cold run under 120 s"), for that is what the job of a night waits for: what it
takes of the processor does not tell whether both cores were at work, and is printed beside it. Other work on the machine makes it longer.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.sample import generate
from pipeline.sources import workspace
from tests.bench import certificates_made

CERTIFICATES, AGENCIES = 100_000, 150  # and as many requests as certificates
MOST_SECONDS, MOST_BYTES = 120.0, 2_000_000_000
MOST_OF_READING, MOST_OF_ALL = 0.25, 0.10
_SHARE_CHANGED = 100
_READING = "Reading the inbox"
_ALONE = 5  # one certificate in so many lies in a file of its own, as servers hand them in; the others in bundles


@dataclass(frozen=True)
class Run:
    """One run: its id, seconds of the processor by stage, the most memory held in bytes, and seconds by the clock."""

    run: str
    stages: Mapping[str, float]
    peak_bytes: int
    by_clock: float

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())


def measure(folder: Path, certificates: int = CERTIFICATES) -> bool:
    """Print every figure beside its limit; whether all are met."""
    root = folder / "night"
    print(f"Nights of an office of {certificates:,} certificates and requests and {AGENCIES} agencies, everything published")
    _office(root, certificates)
    cold, again = run_of(root), run_of(root)
    _change(root, certificates // _SHARE_CHANGED)
    changed = run_of(root)
    shutil.rmtree(root)
    is_small = certificates < CERTIFICATES
    met = [
        _line("the same inputs again, of a cold run", again.seconds / cold.seconds, MOST_OF_ALL, is_same=cold.run == again.run),
        _line("reading on a night with 1 % changed, of the cold stage", changed.stages[_READING] / cold.stages[_READING], MOST_OF_READING),
        _line(f"a cold run, s by the clock ({cold.seconds:,.1f} s of the processor)", cold.by_clock, MOST_SECONDS),
        _line("memory of a cold run, GB", cold.peak_bytes / 1e9, MOST_BYTES / 1e9),
    ]
    for name, run in (("cold", cold), ("1 % changed", changed), ("again", again)):
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in run.stages.items())
        print(
            f"    {name}: {run.seconds:.1f} s of the processor ({stages}), {run.by_clock:.1f} s by the clock, {run.peak_bytes / 1e9:.2f} GB"
        )
    return all(met) or is_small


def _office(root: Path, certificates: int) -> None:
    """The sample of that size, with some of its certificates in files of their own; its months are closed as those of the sample are."""
    workspace.lay_out(root)
    generate(root, certificates=certificates, requests=certificates, agencies=AGENCIES)
    servers = root / "data/inbox/pem/single"
    servers.mkdir()
    for number, data in enumerate(certificates_made.certificates(certificates // _ALONE, certificates_made.few_keys())):
        (servers / f"{number:06}.pem").write_bytes(certificates_made.as_pem(data))


def _change(root: Path, many: int) -> None:
    """So many certificates are renewed: their files hold other ones, and the newest export is another file."""
    files = sorted((root / "data/inbox/pem/single").iterdir())[:many]
    for path, data in zip(files, certificates_made.certificates(many, certificates_made.many_keys(many)), strict=True):
        path.write_bytes(certificates_made.as_pem(data))
    newest = max((root / "data/inbox/exports").glob("*.csv"))
    with newest.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    with newest.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows[-many:], *rows[:-many]])


def run_of(root: Path) -> Run:
    command = [sys.executable, "-m", "tests.bench.one_run", str(root)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    return Run(told["run"], told["stages"], told["peak_bytes"], told["by_clock"])


def _line(name: str, found: float, most: float, *, is_same: bool = True) -> bool:
    is_met = found <= most and is_same
    print(f"  {name}: {found:,.3f} (at most {most:,.2f}: {'met' if is_met else 'MISSED'})")
    return is_met
