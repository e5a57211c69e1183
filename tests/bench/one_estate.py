"""From the files of a workspace to books and tables, knowing nothing of earlier runs, alone in its process: `python -m
tests.bench.one_estate ROOT`. Prints one line of JSON: seconds of the processor by stage, and the most memory held, in bytes."""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from pathlib import Path

from pipeline import reconcile
from pipeline.accounts import account
from pipeline.engine.local import Local
from pipeline.publish import tables
from pipeline.sources import inbox, settings_file
from pipeline.sources.fact_store import FactStore
from pipeline.sources.inbox import Means


def _main(root: Path) -> None:
    settings = settings_file.read(root / settings_file.NAME)
    assert settings.run.as_of is not None
    moments = [time.process_time()]
    came_in = inbox.read(root, settings, settings.run.as_of, Means(Local(1), FactStore(None)))
    moments.append(time.process_time())
    books = account(came_in, settings, settings.run.as_of)
    reconcile.must_tie(reconcile.ties(books))
    moments.append(time.process_time())
    tables.write(books, root / "tables")
    moments.append(time.process_time())
    shutil.rmtree(root / "tables")
    stages = {name: end - begin for name, begin, end in zip(("reading", "books", "tables"), moments, moments[1:], strict=False)}
    print(json.dumps({"stages": stages, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
