"""The catalogue of bad input, §2.5: settings, and what earlier runs left."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.contracts import RunRecord
from pipeline.sources import run_records, settings_file
from pipeline.sources.settings_file import SettingsError
from tests.conftest import certledger
from tests.flow.test_cli import nothing_published, small  # noqa: F401 - a fixture


def complaint(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "certledger.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError) as error:
        settings_file.read(path)
    return str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"a = 1\na = 2\n", b"\xef\xbb\xbfa = 1\n", b"name = '\xff'\n", b"[organization]\nname = 'x\x07'\n", b"[charges]\nterm_days = 02108\n"],
    ids=["a key twice", "a mark", "bad bytes", "a control character", "a leading zero"],
)
def test_c25_01_bad_toml_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    said = complaint(tmp_path, content)
    assert "certledger.toml" in said
    assert 1 == len(said.splitlines())


@pytest.mark.parametrize("amount", ["nan", "inf", "-inf", "221.195", "1e400"])
def test_c25_02_a_rate_is_an_exact_amount(tmp_path: Path, amount: str) -> None:
    rate = '[[rate]]\ntier = "standard"\namount = {}\nsince = 2026-07-01\n'
    assert complaint(tmp_path, rate.format(amount))
    (tmp_path / "certledger.toml").write_text(rate.format("0.29"), encoding="utf-8")
    assert [29] == [one.cents for one in settings_file.read(tmp_path / "certledger.toml").rate]


def test_c25_03_a_bomb_of_brackets_is_a_sentence(tmp_path: Path) -> None:
    assert complaint(tmp_path, "a = " + "[" * 5_000).startswith("certledger.toml is not valid TOML")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("organization:\n  name: a\n  name: b\n", id="c25_04 a key twice in YAML"),
        pytest.param("sample: NO\nterm_days: 010\nopens: 12:30:45\n", id="c25_05 words and numbers of YAML"),
        pytest.param("name: !!python/object/apply:os.system ['true']\n", id="c25_06 tags of YAML"),
        pytest.param("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", id="c25_07 aliases of YAML"),
    ],
)
def test_settings_are_toml_and_yaml_is_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    assert complaint(tmp_path, content).startswith("certledger.toml is not valid TOML")


def test_c25_08_an_empty_file_has_the_documented_defaults(tmp_path: Path) -> None:
    """The design gives every setting a default, so that nothing written is nothing changed."""
    path = tmp_path / "certledger.toml"
    path.write_bytes(b"")
    assert ("standard", "premium") == tuple(settings_file.read(path).tiers)


def test_c25_09_an_unknown_setting_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    said = complaint(tmp_path, '[[rates]]\ntier = "standard"\n')
    assert said.startswith("certledger.toml, line 1: rates is not a setting; did you mean rate?")


UNREADABLE = {"cut off": '{"run_id": "x", "as_', "a list": "[]", "nothing": "{}", "another form": '{"run_id": 1}'}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_c25_10_a_damaged_record_of_a_run_is_never_passed_over(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "data/ledger/runs"
    folder.mkdir(parents=True)
    (folder / "2026-11-22.json").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"is damaged .* Restore it: git checkout"):
        run_records.previous(tmp_path, dt.date(2026, 11, 23))


@pytest.mark.slow
def test_c25_10_a_published_run_that_was_changed_is_made_anew(small: Path) -> None:  # noqa: F811
    certledger("-C", small, "run")
    table = small / "reports/latest/tables/ledger.csv"
    whole = table.read_bytes()
    table.write_bytes(whole[:-40])
    assert 4 == certledger("-C", small, "verify").returncode
    certledger("-C", small, "run")
    assert whole == table.read_bytes()
    next((small / "data/ledger/runs").glob("*.json")).write_text("{", encoding="utf-8")
    done = certledger("-C", small, "run")
    assert (2, True) == (done.returncode, "Restore it" in done.stderr)


def test_c25_11_what_is_no_number_is_never_written_as_json() -> None:
    record = RunRecord("run", dt.date(2026, 11, 23), "0.1.0", figures={"FY2027-P05": float("nan")})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="JSON compliant"):
        record.to_json()
