"""From a staged docs folder to a built site: MkDocs in a process of its own, strict, then the content policy of every page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.exceptions import ConfigurationError
from mkdocs.utils.yaml import yaml_load

from pipeline.publish import content_policy, key_guard, late_rows, lean_site, mkdocs_child
from pipeline.publish.staging import PublishError
from pipeline.publish.stamp import RunStamp

FOLDERS = {"internal": "site", "public": "site-public"}
# What the public edition has of the hand-written pages: what speaks of the service, how it looks, and the commands.
_PUBLIC = ("_overrides", "assets", "index.md", "reference/commands.md", "service")
_WORDS_SHOWN = 40  # lines of MkDocs' own words that an error carries


class SiteBuildError(PublishError):
    """MkDocs refused to build the site; the text holds what it said."""


def lay_out(site: Path, docs: Path, profile: str) -> None:
    """Begin a docs folder: a copy of the hand-written `site`, of the public edition only of what is named for it.

    `docs` may exist and be empty. Links within `site` are copied as the files they show.
    """
    for part in _PUBLIC if profile == "public" else (".",):
        if (site / part).is_dir():
            shutil.copytree(site / part, docs / part, dirs_exist_ok=True)
        elif (site / part).is_file():
            (docs / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(site / part, docs / part)


def build(docs: Path, config: Path, out: Path, stamp: RunStamp) -> None:
    """Build the site of `docs` into `out` by the settings of `config` (a workspace's mkdocs.yml), with every warning an error.

    Pages of the navigation that this edition does not have are left out of it. Raises `KeyFoundError`, and `SiteBuildError` with
    MkDocs' words when it refuses; `out` may then hold half a site.
    """
    key_guard.no_private_key(docs)  # before MkDocs, whose own complaints would come first
    derived = docs.parent / f"{docs.name}-mkdocs.yml"
    settings = {
        "INHERIT": str(config.resolve()),
        "docs_dir": str(docs.resolve()),
        "site_dir": str(out.resolve()),
        "theme": {"custom_dir": str((docs / "_overrides").resolve())},
        "nav": _navigation(config, docs),
    }
    derived.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(stamp.epoch), "NO_MKDOCS_2_WARNING": "1", "TZ": "UTC"}
    command = [sys.executable, "-m", mkdocs_child.__name__, "build", "--strict", "--config-file", str(derived)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    finally:
        derived.unlink()
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_WORDS_SHOWN:])
        raise SiteBuildError(f"The site could not be built. MkDocs says:\n{said}")
    lean_site.make(out)
    late_rows.put_in(docs, out)
    try:
        content_policy.write(out)
    except ValueError as error:
        raise SiteBuildError(f"The site was built without its content policy: {error}") from error


def _navigation(config: Path, docs: Path) -> list[Any]:
    """The navigation of `config` as far as its pages are there; an entry ending in `/` becomes the pages of that folder not named yet."""
    try:
        with config.open(encoding="utf-8") as handle:
            nav = yaml_load(handle).get("nav") or []
    except ConfigurationError as error:
        raise SiteBuildError(f"{config.name} cannot be read: {error}") from error
    return _entries(nav, docs, set(_named(nav)))


def _named(entry: Any) -> Iterator[str]:
    """Every page that the navigation names itself."""
    if isinstance(entry, (dict, list)):
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from _named(part)
    else:
        yield str(entry)


def _entries(nav: list[Any], docs: Path, named: set[str]) -> list[Any]:
    found: list[Any] = []
    for entry in nav:
        if isinstance(entry, dict):
            titled = {title: _section(target, docs, named) for title, target in entry.items()}
            found.extend({title: target} for title, target in titled.items() if target)
        elif str(entry).endswith("/"):
            found.extend(_folder(docs / str(entry), docs, named))
        elif (docs / str(entry)).is_file():
            found.append(entry)
    return found


def _section(target: Any, docs: Path, named: set[str]) -> Any:
    """A page by its path, or the entries of a section; nothing where no page of it is there."""
    if isinstance(target, list) or str(target).endswith("/"):
        return _entries(target if isinstance(target, list) else [target], docs, named)
    return target if (docs / str(target)).is_file() else None


def _folder(folder: Path, docs: Path, named: set[str]) -> list[Any]:
    """The pages of a folder, its index first, then its sub-folders as sections named after them."""
    if not folder.is_dir():
        return []
    pages = sorted(folder.glob("*.md"), key=lambda path: (path.name != "index.md", path.name))
    found: list[Any] = [name for name in (path.relative_to(docs).as_posix() for path in pages) if name not in named]
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        section = _folder(inner, docs, named)
        found.extend([{inner.name.replace("-", " ").capitalize(): section}] if section else [])
    return found
