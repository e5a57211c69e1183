"""What one cell's text is read as, and what is never guessed of it."""

from __future__ import annotations

import pytest

from pipeline.sources import cells, dates
from pipeline.sources.cells import Fault


def read_or_code(read: object) -> object:
    return read.code if isinstance(read, Fault) else read


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (50_050, "500.5"),
        (50_005, "500.05"),
        (50_000, "500"),
        (0, "0.00"),
        (99_999_999_999, "999,999,999.99"),
        (100_000, "$ 1,000"),
        ("bad-number", "500.005"),
        ("bad-number", "500."),
        ("bad-number", ".50"),
        ("bad-number", "10,00"),
        ("bad-number", "1000,000"),
        ("An amount is at most $999,999,999.99; look for a digit too many.", "1,000,000,000"),
        ("An amount is at most $999,999,999.99; look for a digit too many.", "$99999999999.00"),
        ("bad-number", "+5"),
        ("bad-number", "Infinity"),
        ("bad-number", "５"),
    ],
)
def test_dollars_are_whole_cents_or_nothing(expected: object, written: str) -> None:
    found = cells.cents(written)
    assert expected == (found.reason if found is cells.TOO_MUCH else read_or_code(found))


@pytest.mark.parametrize(
    ("expected", "written"),
    [(True, "Yes"), (True, "TRUE"), (True, "1"), (False, "n"), (False, "False"), (False, "0"), ("bad-value", "x"), ("bad-value", "2")],
)
def test_yes_and_no(expected: object, written: str) -> None:
    assert expected == read_or_code(cells.flag(written))


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("excel-serial", "123456789012345000000000000000"),
        ("excel-serial", "12345678901234500000"),
        ("excel-serial", "+1,5"),
        ("012345678901234567000000", "12345678901234567000000"),
        ("0a23456789012345000000", "A23456789012345000000"),
        ("01234567890123450000", "1234567890123450000"),
        ("-01", "-1"),
        ("bad-serial", "--1"),
        ("bad-serial", "x'0A"),
        ("bad-serial", "٣"),
    ],
)
def test_a_serial_is_hexadecimal_or_was_destroyed_by_excel(expected: object, written: str) -> None:
    assert expected == read_or_code(cells.serial(written))


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (0, "11/02/2026 12:30 AM"),
        (12, "11/02/2026 12:30 PM"),
        (12, "11/02/2026 12:30 p.m."),
        (1, "11/02/2026 1:30 am"),
        (23, "11/02/2026 11:30 PM"),
        (None, "11/02/2026 0:30 AM"),
        (None, "11/02/2026 13:30 PM"),
        (None, "11/02/2026 12:30"),
    ],
)
def test_midnight_and_noon_on_a_12_hour_clock(expected: int | None, written: str) -> None:
    moment = dates.MONTH_DAY_SLASH_12H.read(written)
    assert expected == (moment and moment.when.hour)


@pytest.mark.parametrize(
    ("expected", "written"), [(0, "02/11/2026 0:30"), (12, "02/11/2026 12:30"), (None, "02/11/2026 24:00"), (None, "02/11/2026 12:30 PM")]
)
def test_midnight_and_noon_on_a_24_hour_clock(expected: int | None, written: str) -> None:
    moment = dates.DAY_MONTH_SLASH_24H.read(written)
    assert expected == (moment and moment.when.hour)


@pytest.mark.parametrize("written", ["2026-11-02T09:00+14:01x", "2026-11-02T09:00+15:00", "2026-11-02T09:00-05:60", "2026-11-02T09:00EST"])
def test_a_zone_that_cannot_be_is_no_time(written: str) -> None:
    assert dates.ISO.read(written) is None
