"""One run of a workspace, alone in its process: `python -m tests.bench.one_run ROOT`. Prints one line of JSON: seconds of the processor by
stage, MkDocs' and other processes' too, and the most memory that any of the processes held, in bytes."""

from __future__ import annotations

import json
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

from pipeline import flow
from pipeline.engine.local import Local
from pipeline.sources import settings_file
from pipeline.sources.fact_store import FactStore
from pipeline.sources.inbox import Means

_BEFORE = "Looking whether there is anything to do"


def _main(root: Path) -> None:
    settings = settings_file.read(root / settings_file.NAME)
    assert settings.run.as_of is not None
    moments = [(_BEFORE, _processor_seconds())]
    began = time.monotonic()
    means = Means(Local(), FactStore(root / settings.run.store))
    outcome = flow.run(root, settings, settings.run.as_of, lambda stage: moments.append((stage, _processor_seconds())), means)
    moments.append(("", _processor_seconds()))
    stages: dict[str, float] = {}
    for (stage, first), (_, then) in pairwise(moments):
        stages[stage] = stages.get(stage, 0) + then - first
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024
    told = {
        "run": outcome.run_id,
        "stages": stages,
        "peak_bytes": peak,
        "by_clock": time.monotonic() - began,
        "remarks": means.store.remarks,
    }
    print(json.dumps(told))


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
