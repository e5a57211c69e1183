"""What Lighthouse says of home, performance and inventory of the shipped workspace: `make lighthouse`. Nothing depends on it.

The aim is 95 in each category. Lighthouse comes from npm and is run by npx; the path of another one may stand in LIGHTHOUSE.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.conftest import CHROMIUM, served
from tests.conftest import ROOT, copy_workspace, in_a_process

PAGES = ("index.html", "performance.html", "inventory.html")
AIM = 95
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_LIGHTHOUSE = ("npx", "--yes", "lighthouse@12")
_SWITCHES = "--headless=new --no-sandbox --disable-background-networking"


def main() -> int:
    """Publish a copy of the shipped workspace, ask Lighthouse about its pages, and print the scores and what lowers them."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is missing: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        workspace = copy_workspace(ROOT, Path(folder) / "workspace")
        done = in_a_process("-C", workspace, "run")
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
            return done.returncode
        with served(workspace / "reports" / "latest" / "site") as address:
            return report(address, Path(folder))


def report(address: str, folder: Path) -> int:
    """Print what Lighthouse says of each page below `address`; 1 if it could not be asked."""
    for path in PAGES:
        asked = [*_program(), address + path, "--quiet", "--preset=desktop", "--output=json", f"--output-path={folder / 'said.json'}"]
        environment = {**os.environ, "CHROME_PATH": str(CHROMIUM)}
        done = subprocess.run([*asked, f"--chrome-flags={_SWITCHES}"], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"Lighthouse could not be run: {done.stderr.strip()[-400:]}", file=sys.stderr)
            return 1
        said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
        scores = {name: round(100 * (said["categories"][name]["score"] or 0)) for name in _CATEGORIES}
        print(f"{path}: {', '.join(f'{name} {score}' for name, score in scores.items())}")
        for line in _lowered(said):
            print(f"    {line}")
    print(f"The aim is {AIM} in each.")
    return 0


def _program() -> list[str]:
    return [os.environ["LIGHTHOUSE"]] if "LIGHTHOUSE" in os.environ else list(_LIGHTHOUSE)


def _lowered(said: dict[str, Any]) -> list[str]:
    """What counts and is not as it should be, by its title."""
    counted = {one["id"] for name in _CATEGORIES for one in said["categories"][name]["auditRefs"] if one["weight"]}
    found = (said["audits"][name] for name in sorted(counted))
    return [f"{one['title']} {one.get('displayValue', '')}".strip() for one in found if one["score"] is not None and one["score"] < 0.9]


if __name__ == "__main__":
    sys.exit(main())
