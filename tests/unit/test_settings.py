"""Settings: what an office writes is accepted as it is meant, and a mistake is a sentence that says what to write instead."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.sources import workspace
from pipeline.sources.settings_file import read
from pipeline.sources.workspace import SettingsError
from tests.conftest import ROOT


def settings_from(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "certledger.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from(tmp_path, text)
    return str(caught.value)


def test_an_empty_file_has_the_documented_defaults(tmp_path: Path) -> None:
    settings = settings_from(tmp_path, "")
    assert settings.run.as_of is None
    assert settings.organization.sample is False
    assert settings.rate == ()
    assert settings.charges.begin is None
    assert settings.tiers == {"standard": ("standard",), "premium": ("premium",)}
    assert (dt.time(6), dt.time(17)) == (settings.desk.opens, settings.desk.closes)
    assert settings.notices.days_before == (30, 7)


def test_the_shipped_settings_are_those_of_the_design() -> None:
    settings = read(ROOT / "certledger.toml")
    assert dt.date(2026, 11, 23) == settings.run.as_of
    assert {rate.tier: rate.cents for rate in settings.rate} == {"standard": 22119, "premium": 54200}
    assert settings.organization.sample


@pytest.mark.parametrize(("amount", "cents"), [("221.19", 22119), ("542", 54200), ("542.0", 54200), ("0.29", 29), ("1.1", 110)])
def test_an_amount_is_exactly_what_is_written(tmp_path: Path, amount: str, cents: int) -> None:
    settings = settings_from(tmp_path, f'[[rate]]\ntier = "standard"\namount = {amount}\nsince = 2026-07-01\n')
    assert [cents] == [rate.cents for rate in settings.rate]


@pytest.mark.parametrize("amount", ["221.195", "-1.00", "0", "nan", "inf", "true", '"221.19"', "1e400"])
def test_an_amount_that_cannot_be_is_refused(tmp_path: Path, amount: str) -> None:
    assert complaint(tmp_path, f'[[rate]]\ntier = "standard"\namount = {amount}\nsince = 2026-07-01\n')


def test_a_misspelt_setting_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    expected = "certledger.toml, line 2: [notices] days_befor is not a setting; did you mean days_before?"
    assert expected == complaint(tmp_path, "[notices]\ndays_befor = [30]\n")


def test_a_misspelt_setting_inside_a_list_names_its_entry(tmp_path: Path) -> None:
    text = '[[rate]]\ntier = "standard"\namount = 1.00\nsince = 2026-07-01\nsinc = 2026-07-01\n'
    assert "certledger.toml, line 5: [rate] entry 1, sinc is not a setting; did you mean since?" in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[rate]]\ntier = "standard"\namount = 1.00\n', 1),  # since is missing: the table that lacks it
        ("[charges]\n\nterm_days = 0\n", 3),
        ('[[source]]\nfiles = "a"\n\n[[source]]\nfiles = "b"\n[source.columns]\nnone = 3\n', 7),
        ('[[source]]\nfiles = "a"\n[[source]]\nfiles = 3\n', 4),
        ("quality.stale = 3\n", 1),
        ('# a remark\n[notices]\ndays_before = [\n  30,\n  "x",\n]\n', 3),
    ],
)
def test_a_mistake_names_the_line_of_its_setting(tmp_path: Path, text: str, line: int) -> None:
    assert complaint(tmp_path, text).startswith(f"certledger.toml, line {line}: ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(complaint(tmp_path, '[organization]\ntimezone = "Mars"\n[desks]\n').splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("reopen-rat = 0.03", "[measure_targets] reopen-rat is not one of backlog-over-10, certificate-continuity,"),
        ("reopen-rate = 3", "[measure_targets] reopen-rate = 3 is more than all: shares are written as 0.05 for 5 %."),
        ("lapses = -1", "[measure_targets] lapses"),
    ],
)
def test_a_target_of_no_measure_or_of_more_than_all_is_refused(tmp_path: Path, line: str, said: str) -> None:
    assert said in complaint(tmp_path, f"[measure_targets]\n{line}\n")


def test_two_rates_of_one_tier_and_day_are_refused(tmp_path: Path) -> None:
    line = '[[rate]]\ntier = "standard"\namount = 221.19\nsince = 2026-07-01\n'
    assert "two lines for tier 'standard' since 2026-07-01" in complaint(tmp_path, line * 2)


def test_a_rate_for_an_undeclared_tier_is_refused(tmp_path: Path) -> None:
    assert "'gold'" in complaint(tmp_path, '[[rate]]\ntier = "gold"\namount = 1.00\nsince = 2026-07-01\n')


def test_a_product_cannot_mean_two_tiers(tmp_path: Path) -> None:
    assert "'ssl' stands for two tiers" in complaint(tmp_path, '[tiers]\nstandard = ["SSL"]\npremium = ["ssl"]\n').casefold()


@pytest.mark.parametrize(
    "text",
    ["[rate", "a = 1\na = 2\n", "\ufeffa = 1", "[organization]\nname = 'x\x07'\n", "[" * 3000, "x = 02108\n"],
    ids=["cut off", "key twice", "byte order mark", "control character", "nesting bomb", "leading zero"],
)
def test_bad_toml_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert complaint(tmp_path, text).startswith("certledger.toml is not valid TOML")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="certledger init"):
        read(tmp_path / "certledger.toml")


def test_whole_numbers_are_accepted_as_shares(tmp_path: Path) -> None:
    assert Decimal(1) == settings_from(tmp_path, "[availability]\ntarget = 1\n").availability.target


@pytest.mark.parametrize(
    "text",
    [
        '[organization]\ntimezone = """{}"""\n',
        '[[rate]]\ntier = "standard"\namount = """{}"""\nsince = 2026-07-01\n',
        '[desk]\nopens = """{}"""\n',
        '[tiers]\nstandard = ["""{0}"""]\npremium = ["""{0}"""]\n',
        '[organization]\n"""{}"""\n',
        '["{}"]\n',
        "# {}\nname = \n",
    ],
)
@pytest.mark.parametrize(
    "key", ["-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----", "BEGIN PRIVATE KEY MIIEvQ"]
)
def test_a_private_key_among_the_settings_is_never_repeated(tmp_path: Path, text: str, key: str) -> None:
    written = text.format(key if '"""' in text else key.replace("\n", " "))
    assert "MIIEvQ" not in complaint(tmp_path, written)


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    assert 200 > len(complaint(tmp_path, f'[desk]\nopens = "{"6" * 5_000}"\n'))


SCENARIO = '[[scenario]]\nname = "{}"\nsince = 2027-07-01\n'


def test_the_scenarios_of_their_own_file_follow_those_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(SCENARIO.format("half"), encoding="utf-8")
    before = workspace.fingerprint(tmp_path)
    assert ["all", "half"] == [one.name for one in settings_from(tmp_path, SCENARIO.format("all")).scenario]
    assert ["half"] == [one.name for one in settings_from(tmp_path, "").scenario]
    (tmp_path / "scenario.toml").write_text("", encoding="utf-8")
    assert () == settings_from(tmp_path, "").scenario
    assert before != workspace.fingerprint(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            SCENARIO.format("half") + "automat = 1\n",
            "scenario.toml, line 4: [scenario] entry 1, automat is not a setting; did you mean automate?",
        ),
        (SCENARIO.format("all"), "certledger.toml with scenario.toml: [[scenario]] has two of the name 'all': it is that of another one"),
        (
            "[forecast]\nautomated = 1\n",
            "scenario.toml: it may hold [[scenario]] tables alone, not forecast. Every other setting belongs into certledger.toml.",
        ),
        (
            "scenario = 3\n",
            "scenario.toml: it may hold [[scenario]] tables alone, not scenario. Each scenario begins with the line [[scenario]].",
        ),
        (
            '[scenario]\nname = "half"\n',
            "scenario.toml: a scenario begins with two brackets on each side: write [[scenario]], not [scenario].",
        ),
        (
            SCENARIO.format("half") + "automate = 50\n",
            "scenario.toml, line 4: [scenario] entry 1, automate: is a share between 0 and 1, not 50; write 0.5 for 50 %.",
        ),
        (
            SCENARIO.format("half") + "consolidate = 101.5\n",
            "scenario.toml, line 4: [scenario] entry 1, consolidate: is a share between 0 and 1, not 101.5.",
        ),
        (
            SCENARIO.format("half") + 'basis = "per-certificate"\nbasis_since = 2027-06-30\n',
            "scenario.toml, line 1: [scenario] entry 1: basis_since must not be before since, 2027-07-01, and needs a basis",
        ),
        (
            SCENARIO.format("half") + "basis_since = 2027-07-01\n",
            "scenario.toml, line 1: [scenario] entry 1: basis_since must not be before since, 2027-07-01, and needs a basis",
        ),
        (
            SCENARIO.format("half") + 'automate = "50 %"\n',
            "scenario.toml, line 4: [scenario] entry 1, automate: is a share between 0 and 1, not '50 %'; write 0.5 for 50 %.",
        ),
        (
            SCENARIO.format("half") + "consolidate = -0.1\n",
            "scenario.toml, line 4: [scenario] entry 1, consolidate: is a share between 0 and 1, not -0.1.",
        ),
        (
            SCENARIO.format("half") + 'basis = "per-day"\n',
            "scenario.toml, line 4: [scenario] entry 1, basis: must be 'per-order', 'per-certificate' or "
            "'per-certificate-day', not 'per-day'.",
        ),
        (
            '[[scenario]]\nname = "half"\nsince = "July 2027"\n',
            "scenario.toml, line 3: [scenario] entry 1, since: must be a day such as 2027-07-01, without quotation marks "
            "or a time, not 'July 2027'.",
        ),
        (
            '[[scenario]]\nname = "half"\nsince = 2027-07-01T06:00:00\n',
            "scenario.toml, line 3: [scenario] entry 1, since: must be a day such as 2027-07-01, without quotation marks "
            "or a time, not 2027-07-01 06",
        ),
        (
            SCENARIO.format(""),
            "scenario.toml, line 2: [scenario] entry 1, name: must not be empty, but a text in quotation marks, not ''.",
        ),
        (
            "[[scenario]]\nname = 5\nsince = 2027-07-01\n",
            "scenario.toml, line 2: [scenario] entry 1, name: must be a text in quotation marks, not 5.",
        ),
        (
            SCENARIO.format("Your own"),
            "certledger.toml with scenario.toml: [[scenario]] has two of the name 'Your own': it is that of another one, "
            "of the forecast itself",
        ),
        (
            '[[scenarios]]\nname = "half"\n',
            "scenario.toml: it may hold [[scenario]] tables alone, not scenarios. Each scenario begins with the line [[scenario]].",
        ),
        (
            'name = "half"\n',
            "scenario.toml: it may hold [[scenario]] tables alone, not name. Write name below a line [[scenario]], with which each",
        ),
        (
            "[[scenario]]\nname = half\n",
            "scenario.toml is not valid TOML: Invalid value (at line 2, column 8). Texts stand in quotation marks, days are written as "
            "2027-07-01, and shares as 0.5.",
        ),
        ("-----BEGIN PRIVATE KEY-----\n", "scenario.toml holds a private key."),
    ],
)
def test_a_mistake_in_the_file_of_scenarios_names_that_file(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "scenario.toml").write_text(text, encoding="utf-8")
    assert complaint(tmp_path, SCENARIO.format("all")).startswith(told)
