"""The page of expiry and renewal: how many end soon, as the measures count them, and how early certificates were renewed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline import contracts
from pipeline.publish.pages import expiry
from pipeline.publish.pages.edition import Edition
from pipeline.service import Records, measures
from tests.massachusetts import desk_time
from tests.publish.bookkeeping import AS_OF, SETTINGS, books, certificate, entry
from tests.publish.built import STAMP

_BANDS = {"early": 40.0, "after-first-notice": 20.0, "near-miss": 3.0, "lapse": -2.0}


def ended(number: int, day: dt.date, band: str) -> dict[str, Any]:
    """A certificate that ended on `day`, renewed as `band` says."""
    at = f"{day + dt.timedelta(days=1)}T04:00:00Z"
    told = {"host": f"h{number}.dot.example.gov", "certificate": f"{number:064x}", "agency": "DOT", "ended_at": at}
    return told | {"outcome": "renewed", "band": band, "lead_time_days": _BANDS[band]}


OCTOBER, NOVEMBER = dt.date(2026, 10, 9), dt.date(2026, 11, 5)
ENDED = (
    *(ended(number, OCTOBER, "after-first-notice") for number in range(12)),
    *(ended(number, OCTOBER, "early") for number in range(20, 23)),
    ended(30, OCTOBER, "near-miss"),
    ended(31, OCTOBER, "lapse"),
    *(ended(number, NOVEMBER, "after-first-notice") for number in range(40, 44)),
)
NO_SECONDS = dict.fromkeys(("in_service_seconds", "covered_seconds", "gaps", "longest_gap_seconds", "unknown_seconds"), 0)
SERVED = {"host": "h0.dot.example.gov", "agency": "DOT", "period": "2026-08"} | NO_SECONDS


def edition(*rows: dict[str, Any], notes: tuple[dict[str, Any], ...] = ()) -> Edition:
    lines = [entry(number) for number in range(1, 7)]
    ends = zip(lines, (3, 7, 8, 30, 61, 200), strict=True)
    inventory = contracts.CERTIFICATES.frame(
        certificate(line, days_left=days, valid_to=f"{AS_OF + dt.timedelta(days=days)}T23:00:00Z") for line, days in ends
    )
    renewals = contracts.RENEWALS.frame(rows)
    records = Records(certificates=inventory, renewals=renewals, continuity=contracts.CONTINUITY.frame([SERVED]))
    found = measures(records, desk_time(), SETTINGS, AS_OF).table
    made = books(lines, certificates=inventory, renewals=renewals, measures=found, notes=contracts.NOTES.frame(notes))
    return Edition(made, SETTINGS, STAMP, "internal")


@pytest.fixture(scope="module")
def made() -> Edition:
    return edition(*ENDED)


@pytest.fixture(scope="module")
def shown(made: Edition) -> dict[str, Any]:
    return next(expiry.pages(made)).view


def test_what_ends_soon_is_what_the_measures_count(made: Edition, shown: dict[str, Any]) -> None:
    table = made.books.measures
    counted = table[(table["dimension"] == "office") & (table["period"] == "2026-11")].set_index("measure")["n"]
    cards = {figure.name: figure.value for figure in shown["figures"]}
    for days, expected in ((7, 2), (30, 4), (60, 4), (90, 5)):
        assert (expected, f"{expected}") == (counted[f"expiring-{days}"], cards[f"Within {days} days"])


def test_ends_whose_fate_is_not_known_are_left_out_and_counted(shown: dict[str, Any]) -> None:
    assert "" == shown["renewed_left_out"]
    lost = ended(50, NOVEMBER, "lapse") | {"outcome": "unknown", "band": "", "lead_time_days": None}
    earlier = ended(51, dt.date(2026, 9, 1), "lapse") | {"outcome": "unknown", "band": "", "lead_time_days": None}
    said = next(expiry.pages(edition(*ENDED, lost, earlier))).view["renewed_left_out"]
    assert said.startswith(
        "1 more certificate that ended since October 2026 is left out: no other followed, and nobody has said whether its"
    )


def test_a_certificate_of_many_names_is_left_out_once_and_not_where_one_of_them_is_judged() -> None:
    lost = [ended(place, NOVEMBER, "lapse") | {"outcome": "unknown", "band": "", "lead_time_days": None} for place in (50, 51, 52, 53)]
    names = [lost[0], lost[1] | {"certificate": lost[0]["certificate"]}, lost[2], lost[3] | {"certificate": ENDED[0]["certificate"]}]
    said = next(expiry.pages(edition(*ENDED, *names))).view["renewed_left_out"]
    assert said.startswith("2 more certificates that ended since October 2026 are left out")


def test_the_sentence_tells_who_renewed_when(shown: dict[str, Any]) -> None:
    assert (
        "In FY2027 to date, 19 of the 21 certificates that ended (90.5 %, likely range 71.1 to 97.3 %) had been renewed at least 7 days "
        "before. Of 18 that were not renewed 30 days before, 16 were renewed until 7 days before; of the other "
        "2, 1 was renewed before the end."
    ) == shown["renewed_sentence"]
    assert "No certificate has ended in FY2027 yet." == next(expiry.pages(edition())).view["renewed_sentence"]


def test_each_month_tells_how_early_they_were_and_few_are_grey(shown: dict[str, Any]) -> None:
    november, october = shown["renewed_table"].rows
    assert ["October 2026", "17", "88.2 %", "65.7 to 96.7 %", "3", "12", "1", "1"] == october[:8]
    assert ["November 2026", "4", "100.0 %", "51.0 to 100.0 %", "0", "4", "0", "0"] == november[:8]
    assert frozenset({0}) == shown["renewed_table"].faint


def test_the_bands_stand_upon_each_other_as_high_as_the_month_had_ends(shown: dict[str, Any]) -> None:
    chart = shown["renewed_chart"]
    assert (
        "Of 21 certificates that ended since October 2026, 1 was renewed after the end and 1 was renewed in the last 7 days" == chart.title
    )
    drawing = chart.drawings[0]
    october = [bar for bar in drawing.bars if bar.tip.startswith("Oct")]
    assert ["series-1", "age-2", "near", "age-4"] == [bar.style for bar in october]
    one = october[3].height
    assert [3, 12, 1, 1] == pytest.approx([bar.height / one for bar in october], rel=0.02)
    assert ["17", "4"] == [letter.text for letter in drawing.letters]


def test_a_remark_on_renewals_is_a_number_on_the_chart() -> None:
    note = {"on": OCTOBER, "measure": "near-misses", "text": "The CA was closed", "by": "Ada"}
    view = next(expiry.pages(edition(*ENDED, notes=(note,)))).view
    assert [1] == [flag.number for flag in view["renewed_chart"].drawings[0].flags]
    assert "The CA was closed" == view["notes"].rows[0][3]
