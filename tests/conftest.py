"""Fixtures for all tests: the checkout, a copy of the shipped workspace, and one published run of it a session."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, settings

from pipeline.cli import main

# Laws are tried on the same examples in each `make test`, and on a multiple of them, new ones each time, in `make fuzz`.
settings.register_profile("test", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("fuzz", max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# What takes long for one example takes a thousand.
settings.register_profile("years", settings.get_profile("fuzz"), max_examples=1_000)
# Whether a law falls, and no smaller example of it: a change of the code that falls is one that a test noticed (`make mutate`).
settings.register_profile("mutation", settings.get_profile("test"), phases=[Phase.explicit, Phase.generate], database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

ROOT = Path(__file__).resolve().parents[1]
LONG = {
    "laws", "test_damage_law.py", "test_columns_law.py", "test_workbooks.py", "test_workbook_reader.py",
    "test_catalogue_workbooks.py", "test_pages.py",
    "test_page_answers.py", "test_sample.py", "test_office.py",
}  # fmt: skip
# Those that take the longest, none of which waits for the shared run of the shipped workspace.
LONGEST = {"test_close_laws.py", "test_money_laws.py", "test_close.py", "test_three_ways.py"}
WORKSPACE_PARTS = ("data", "site", "templates", "mkdocs.yml", "certledger.toml")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="accept today's tables of the small workspace as expected")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make quick` leaves out what takes long: laws on random input, and whole files that build workbooks, sites or samples.

    The longest files come first, then those with such tests: no core is left with a long file at the end while the others have none.
    """
    for item in items:
        if LONG & {*item.path.parts, item.path.name}:
            item.add_marker(pytest.mark.slow)
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path.name not in LONGEST, item.path not in long))


def pytest_configure() -> None:
    """Modules and tests stay until the end: the collector would look through them again and again for nothing, a twentieth of all time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What tests make is collected seldom, too: nearly all of it goes without the collector, which took a twentieth of their time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def copy_workspace(source: Path, target: Path) -> Path:
    """Copy what makes a workspace, and nothing that a run wrote."""
    target.mkdir(parents=True, exist_ok=True)
    for part in WORKSPACE_PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, ignore=shutil.ignore_patterns("runs"))
        elif (source / part).exists():
            shutil.copyfile(source / part, target / part)
    return target


def certledger(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Call the command in this process: what it says and its exit code are those of `in_a_process`, without loading everything anew."""
    words = [str(argument) for argument in arguments]
    done = CliRunner(catch_exceptions=False).invoke(main, words, prog_name="certledger")
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def in_a_process(
    *arguments: str | Path, env: dict[str, str] | None = None, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command as its users do, in a process of its own; it may keep its byte code, else each process compiles all modules anew."""
    command = [*prefix, sys.executable, "-m", "pipeline", *map(str, arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=600)


def without_site(root: Path) -> Path:
    """Say in the settings of the workspace `root` that its runs build no site; returns `root`."""
    with (root / "certledger.toml").open("a", encoding="utf-8") as file:
        file.write("\n[publish]\nprofiles = []\n")
    return root


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], subprocess.CompletedProcess[str]]) -> Path:
    """The folder that `make` makes by a command; the first core that asks for it makes it, the others wait."""
    base = factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            done = make(root)
            assert done.returncode == 0, done.stdout + done.stderr
            root.with_suffix(".made").touch()
    assert root.with_suffix(".made").exists(), "another core could not make it"
    return root


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped workspace with one run published. Look, do not touch: the whole session shares it, on all cores."""
    return made_once(tmp_path_factory, "shipped", lambda root: in_a_process("-C", copy_workspace(ROOT, root), "run"))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `certledger sample` writes, in a process with another zone, locale and hash seed. Look, do not touch, as above."""
    elsewhere = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711", "LC_ALL": "C"}
    return made_once(tmp_path_factory, "written", lambda root: in_a_process("sample", root, env=elsewhere))


@pytest.fixture(scope="session")
def published(shipped: Path) -> Path:
    """The run folder of the shipped workspace: site/, site-public/, invoices/, finance/, tables/, manifest.json."""
    return (shipped / "reports" / "latest").resolve()


@pytest.fixture
def empty_workspace(tmp_path: Path) -> Path:
    """What `certledger init` makes."""
    target = tmp_path / "workspace"
    done = certledger("init", target)
    assert done.returncode == 0, done.stderr
    return target
