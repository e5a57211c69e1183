"""The way on when MkDocs no longer runs: ProperDocs makes the same site of the same mkdocs.yml."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

_GENERATOR = re.compile(rb'<meta name="generator" content="[^"]*">')


def built_by(program: str, out: Path) -> dict[str, bytes]:
    """Every file of the hand-written site as `program` builds it, strictly, without the name of the program in it."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1795392000", "NO_MKDOCS_2_WARNING": "1", "TZ": "UTC"}
    command = [sys.executable, "-m", program, "build", "--quiet", "--strict", "-f", str(ROOT / "mkdocs.yml"), "-d", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    return {name: _GENERATOR.sub(b"", text) for name, text in files.items()}


def test_properdocs_builds_the_same_site_from_the_same_settings(tmp_path: Path) -> None:
    ours, theirs = built_by("mkdocs", tmp_path / "mkdocs"), built_by("properdocs", tmp_path / "properdocs")
    assert ours.keys() == theirs.keys()
    assert {"index.html", "service/tiers.html", "search/search_index.json", "assets/site.css"} <= ours.keys()
    assert [] == sorted(name for name in ours if ours[name] != theirs[name])
