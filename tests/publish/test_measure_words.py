"""Figures of the table of measures in words."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pipeline.contracts import MEASURES
from pipeline.publish import measure_words
from pipeline.service import MEASURES_DECLARED

NOT_KNOWN = math.nan
DECLARED = {measure.id: measure for measure in MEASURES_DECLARED}


def row(measure: str, **cells: Any) -> dict[Any, Any]:
    figure = {"measure": measure, "period": "2026-10", "dimension": "office", "unit": DECLARED[measure].unit} | cells
    (made,) = MEASURES.frame([figure]).to_dict("records")
    return made


@pytest.mark.parametrize(
    ("value", "unit", "places", "said"),
    [
        (0.94, "share", 1, "94.0 %"),
        (0.99987, "share", 3, "99.987 %"),
        (0.995, "share", 3, "99.5 %"),
        (0.9999999, "share", 3, "99.999 %"),
        (1.0, "share", 3, "100.0 %"),
        (12.0, "requests", 1, "12 requests"),
        (1.0, "requests", 1, "1 request"),
        (1_234.0, "hosts", 1, "1,234 hosts"),
        (3.46, "business days", 1, "3.5 business days"),
        (1.0, "business days", 1, "1 business day"),
        (-10.4, "requests", 1, "−10.4 requests"),
        (0.25, "hours", 1, "15 min"),
        (0.75, "hours", 1, "45 min"),
        (1.5, "hours", 1, "1 h 30 min"),
        (-5.5, "hours", 1, "−5 h 30 min"),
        (NOT_KNOWN, "hours", 1, ""),
    ],
)
def test_a_quantity_is_said_with_its_unit(value: float, unit: str, places: int, said: str) -> None:
    assert said == measure_words.quantity(value, unit, places)


@pytest.mark.parametrize(
    ("now", "before", "unit", "said"),
    [
        (0.95, 0.938, "share", "+1.2 points"),
        (0.93, 0.94, "share", "−1.0 points"),
        (5.0, 4.0, "requests", "+1 request"),
        (2.5, 4.0, "hours", "−1 h 30 min"),
        (4.25, 4.0, "hours", "+15 min"),
        (4.001, 4.0, "hours", "the same"),
        (0.9500001, 0.95, "share", "the same"),
        (4.0, 4.0, "requests", "the same"),
        (NOT_KNOWN, 4.0, "requests", ""),
        (4.0, NOT_KNOWN, "requests", ""),
    ],
)
def test_a_change_is_said_with_its_sign(now: float, before: float, unit: str, said: str) -> None:
    assert said == measure_words.change(now, before, unit)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"value": 1.0, "n": 1}, "In October 2026, 1 request was received."),
        ({"value": 1_200.0, "n": 1_200}, "In October 2026, 1,200 requests were received."),
        ({"value": 11.0, "n": 11}, "In October 2026, 11 requests were received."),
        ({"n": 0}, "In October 2026, there was nothing to measure."),
        ({"n": 6}, "In October 2026, 6 are not enough to tell."),
        ({"value": 1.0, "n": 1, "period": "FY2027-YTD"}, "In FY2027 to date, 1 request was received."),
    ],
)
def test_the_sentence_of_a_measure_is_filled_and_agrees_in_number(cells: dict[str, Any], said: str) -> None:
    assert said == measure_words.sentence(DECLARED["requests-received"], row("requests-received", **cells))


def test_a_sentence_tells_hours_and_minutes() -> None:
    down = row("portal-downtime", value=0.25, n=1, unit="hours", dimension="service", member="Portal")
    assert "In October 2026, Portal counted as down for 15 min in 1 outage." == measure_words.sentence(DECLARED["portal-downtime"], down)


def test_where_no_log_tells_it_the_sentence_says_so() -> None:
    said = measure_words.sentence(DECLARED["reopen-rate"], row("reopen-rate", n=0))
    assert "In October 2026, there was nothing to measure: no log tells whether requests were reopened." == said
    assert (1, 3) == tuple(measure_words.digits(row(name, n=0)) for name in ("reopen-rate", "unmonitored-time"))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"n": 50, "low": 0.9, "verdict": "uncertain", "target": 0.95}, "◐ undecided"),
        ({"n": 50, "low": 0.96, "verdict": "met", "target": 0.95}, "✓ target met"),
        ({"n": 9, "low": 0.1, "verdict": "too-few", "target": 0.95}, "too few to judge"),
        ({"n": 1, "verdict": "missed", "target": 0.95}, "✕ target missed"),
        ({"n": 50, "low": 0.9, "target": 0.95}, "not judged"),
        ({"n": 50, "low": 0.9}, "no target"),
    ],
)
def test_a_verdict_is_said_where_there_is_one(cells: dict[str, Any], said: str) -> None:
    assert said == measure_words.verdict(row("on-time-completion", **cells))


@pytest.mark.parametrize(
    ("cells", "closed", "said"),
    [
        (
            {"n": 2, "value": 0.931, "low": 0.9, "first_value": 0.94, "first_published": "FY2027-P04"},
            True,
            "first published as 94.0 % (FY2027-P04)",
        ),
        ({"n": 2, "value": 0.94, "first_value": 0.94, "first_published": "FY2027-P04"}, True, "as first published (FY2027-P04)"),
        ({"n": 2, "first_published": "FY2027-P04"}, True, "as first published (FY2027-P04)"),
        ({"n": 2, "value": 0.94, "first_published": "FY2027-P04"}, True, "first published as not measured (FY2027-P04)"),
        ({"n": 2, "value": 0.94}, True, "not in its close"),
        ({"n": 2, "value": 0.94}, False, "not closed yet"),
    ],
)
def test_what_was_published_first_is_said_beside_what_is_now(cells: dict[str, Any], closed: bool, said: str) -> None:
    assert said == measure_words.first_published(row("on-time-completion", **cells), closed=closed)


def test_every_declared_sentence_can_be_filled() -> None:
    known = {"value": 0.5, "n": 2, "met": 1, "low": 0.1, "high": 0.9, "target": 0.5, "member": "portal"}
    said = [measure_words.sentence(measure, row(measure.id, **known)) for measure in MEASURES_DECLARED]
    assert [] == [sentence for sentence in said if "nan" in sentence or "{" in sentence]
