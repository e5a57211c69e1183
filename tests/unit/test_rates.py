"""The rate card gives the rate in force and never a default; products mean tiers whatever their case."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from pipeline import rates
from pipeline.contracts import ALIASES
from pipeline.settings import Settings
from tests.orders import day

RATES = [
    {"tier": "standard", "amount": Decimal("250.00"), "since": day("2026-07-01")},
    {"tier": "standard", "amount": Decimal("221.19"), "since": day("2024-07-01")},
    {"tier": "premium", "amount": 542, "since": day("2024-07-01")},
]
CARD = rates.rate_card(Settings.model_validate({"rate": RATES}))


@pytest.mark.parametrize(
    ("cents", "tier", "on"),
    [
        (None, "standard", "2024-06-30"),
        (22_119, "standard", "2024-07-01"),
        (22_119, "standard", "2026-06-30"),
        (25_000, "standard", "2026-07-01"),
        (25_000, "standard", "2099-12-31"),
        (54_200, "premium", "2028-02-29"),
        (None, "gold", "2026-07-01"),
        (None, "", "2026-07-01"),
    ],
)
def test_the_rate_in_force_on_the_day_and_no_other(cents: int | None, tier: str, on: str) -> None:
    assert cents == CARD.on(tier, day(on))
    many = CARD.cents(pd.Series([tier], dtype="str"), pd.Series(pd.to_datetime([on])).astype("datetime64[us]"))
    assert [pd.NA if cents is None else cents] == many.tolist()


def test_a_column_keeps_its_index_and_a_missing_day_has_no_rate() -> None:
    tiers = pd.Series(["premium", "standard", "standard"], index=[7, 3, 5], dtype="str")
    days = pd.Series(pd.to_datetime(["2026-01-01", None, "2026-01-01"]), index=tiers.index).astype("datetime64[us]")
    found = CARD.cents(tiers, days)
    assert "Int64" == str(found.dtype)
    assert {7: 54_200, 5: 22_119} == found.dropna().to_dict()
    assert found.index.equals(tiers.index)


def test_without_rates_nothing_has_a_rate() -> None:
    card = rates.rate_card(Settings())
    assert card.on("standard", dt.date(2026, 1, 1)) is None
    assert [] == card.cents(pd.Series([], dtype="str"), pd.Series([], dtype="datetime64[us]")).tolist()


TIERS = {"standard": ("standard", "SSL Plus"), "premium": ("premium", "ssl_ev_plus")}


def _alias(value: str, means: str, **facts: object) -> dict[str, object]:
    return {"kind": "tier", "match": "product", "value": value, "means": means, **facts}


def _tiers(products: list[str], *aliases: dict[str, object], on: str = "") -> list[str]:
    days = pd.Series(pd.to_datetime([on] * len(products))).astype("datetime64[us]") if on else None
    return rates.tier_of(pd.Series(products, dtype="str"), TIERS, ALIASES.frame(aliases), days).tolist()


def test_case_and_spaces_do_not_count_and_unknown_products_have_no_tier() -> None:
    assert ["standard", "premium", "standard", "", ""] == _tiers(["  ssl  PLUS ", "SSL_EV_PLUS", "Standard", "SSL Plus 2", ""])


def test_an_alias_answers_what_the_settings_do_not_name() -> None:
    aliases = (_alias("Old 40-bit", "Standard"), _alias("ssl plus", "premium"), _alias("gold", "platinum"))
    assert ["standard", "standard", ""] == _tiers(["old  40-BIT", "SSL Plus", "gold"], *aliases)


def test_an_alias_for_agencies_says_nothing_of_tiers() -> None:
    assert [""] == _tiers(["Parks"], {"kind": "agency", "match": "name", "value": "Parks", "means": "standard"})


def test_an_alias_holds_on_its_days_only() -> None:
    aliases = (
        _alias("Site Seal", "standard", valid_to=day("2026-06-30")),
        _alias("Site Seal", "premium", valid_from=day("2026-07-01")),
    )
    assert ["standard"] == _tiers(["Site Seal"], *aliases, on="2026-06-30")
    assert ["premium"] == _tiers(["Site Seal"], *aliases, on="2026-07-01")


def test_the_alias_that_began_last_holds_and_one_without_days_only_where_no_other_does() -> None:
    aliases = (
        _alias("Site Seal", "premium", valid_from=day("2026-07-01")),
        _alias("site seal", "standard"),
    )
    assert ["standard"] == _tiers(["Site Seal"], *aliases, on="2026-06-30")
    assert ["premium"] == _tiers(["Site Seal"], *aliases, on="2026-07-01")
    assert ["premium"] == _tiers(["Site Seal"], *reversed(aliases), on="2026-07-01")


def test_an_alias_with_days_answers_its_own_spelling_only() -> None:
    alias = _alias("Site Seal", "premium", valid_from=day("2026-07-01"))
    assert ["premium", "", "standard"] == _tiers(["Site Seal", "Other Seal", "SSL Plus"], alias, on="2026-08-01")
    ended = _alias("Site Seal", "premium", valid_to=day("2026-06-30"))
    assert [""] == _tiers(["Site Seal"], ended, on="2026-07-01")


def test_tiers_keep_the_index_of_the_products_and_of_none_there_are_none() -> None:
    products = pd.Series(["ssl plus", "unknown"], index=[9, 4], dtype="str")
    found = rates.tier_of(products, TIERS, ALIASES.empty())
    assert ({9: "standard", 4: ""}, "str") == (found.to_dict(), str(found.dtype))
    none = rates.tier_of(products.iloc[:0], TIERS, ALIASES.empty())
    assert ([], "str") == (none.tolist(), str(none.dtype))


def test_a_card_says_otherwise_only_where_a_tier_that_had_a_rate_has_another_amount() -> None:
    first, last = day("2026-06-01"), day("2026-10-31")
    then = rates.card_of([("standard", day("2024-07-01"), 100), ("standard", day("2026-07-01"), 110), ("premium", day("2026-09-01"), 500)])
    now = rates.card_of(
        [
            ("standard", day("2024-07-01"), 100),
            ("standard", day("2026-07-01"), 110),
            ("standard", day("2026-11-01"), 120),
            ("premium", day("2026-06-15"), 500),
            ("premium", day("2026-09-01"), 500),
            ("gold", day("2026-06-01"), 900),
        ]
    )
    added = rates.RateChanged("premium", day("2026-06-15"), None, (day("2026-06-15"), 500), False)
    assert [added] == rates.told_otherwise(then, now, first, last)
    assert [added] == rates.told_otherwise(then, now, day("2026-06-15"), day("2026-10-31"))
    assert [] == rates.told_otherwise(then, now, day("2026-09-01"), day("2026-10-31"))
    hidden = rates.RateChanged("standard", day("2026-11-01"), (day("2026-07-01"), 110), (day("2026-11-01"), 120), False)
    assert [added, hidden] == rates.told_otherwise(then, now, first, day("2026-11-01"))
    gone = rates.RateChanged("standard", day("2026-07-01"), (day("2026-07-01"), 110), (day("2024-07-01"), 100), True)
    premium_gone = rates.RateChanged("premium", day("2026-09-01"), (day("2026-09-01"), 500), None, True)
    assert [premium_gone, gone] == rates.told_otherwise(then, rates.card_of([("standard", day("2024-07-01"), 100)]), first, last)


@pytest.mark.parametrize(
    ("first", "sections"),
    [
        ("2025-07-15", {"charges": {"begin": day("2025-07-15")}}),
        ("2024-07-01", {"rate": [*RATES, {"tier": "premium", "amount": 900, "since": day("2027-01-01")}]}),
        ("2023-07-01", {"rate": [*RATES, {"tier": "premium", "amount": 900, "since": day("2024-06-30")}]}),
        ("2024-01-01", {"rate": RATES, "organization": {"fiscal_year_starts": 1}}),
        ("0001-01-01", {}),
    ],
    ids=["begin", "first day of a year", "last day of a year", "a year of January", "no rates"],
)
def test_charges_begin_where_the_settings_say_else_with_the_fiscal_year_of_the_first_rate(first: str, sections: dict[str, object]) -> None:
    assert day(first) == rates.first_day(Settings.model_validate(sections))


def test_a_tier_counts_from_its_first_day_on_and_hides_no_other_tier() -> None:
    then = rates.card_of([("basic", day("2026-07-02"), 1), ("gold", day("2026-07-01"), 2), ("standard", day("2024-07-01"), 3)])
    now = rates.card_of([("basic", day("2026-07-02"), 4), ("gold", day("2026-07-01"), 5), ("standard", day("2024-07-01"), 6)])
    told = rates.told_otherwise(then, now, day("2026-06-01"), day("2026-07-01"))
    assert [("gold", day("2026-07-01"), 2, 5), ("standard", day("2026-06-01"), 3, 6)] == [
        (one.tier, one.day, one.then and one.then[1], one.now and one.now[1]) for one in told
    ]
