"""How long a certificate may be valid: the limit in force on the day of issue.

A day is 86,400 seconds and both ends count, so a certificate is valid for notAfter - notBefore + 1 s (BR 2.2.6 §6.3.2): exactly 200 days
end one second before the clock shows the same time again. The texts before 2020-09-01 did not say so; there that one second is let pass.
Before 2016-07-01 exceptions were allowed; what is older is not judged.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable

from pipeline.lints.rule import BR, Rule

DAY = 86_400
# On 2018-03-01 itself the old and the new limit can both be read into the text (ballot 193): the longer one holds for that day.
LIMITS_IN_DAYS: tuple[tuple[int, dt.date, dt.date | None], ...] = (
    (825, dt.date(2018, 3, 2), dt.date(2020, 9, 1)),
    (398, dt.date(2020, 9, 1), dt.date(2026, 3, 15)),
    (200, dt.date(2026, 3, 15), dt.date(2027, 3, 15)),
    (100, dt.date(2027, 3, 15), dt.date(2029, 3, 15)),
    (47, dt.date(2029, 3, 15), None),
)

BOTH_ENDS_COUNT = dt.date(2020, 9, 1)

_SHORTER = (
    "Order a shorter one: clients of the Web may refuse this one already. If its issuer is an internal authority, list it in [trust] "
    "private_issuers of certledger.toml."
)
_SPAN = ("latest_start", "earliest_end")


def _over(days: int, *, both_ends_count: bool) -> Callable[[int, int], str]:
    def breaks(start: int, end: int) -> str:
        is_over = end - start + both_ends_count > days * DAY
        return f"It is valid for {_in_words(end - start + 1)}; {days} days are the most." if is_over else ""

    return breaks


def _over_39_months(start: int, end: int) -> str:
    """39 calendar months; the 30th of a month that the end month does not have counts on into the next month, to the holder's favour."""
    begins = dt.datetime.fromtimestamp(start, dt.UTC)
    months = begins.year * 12 + begins.month - 1 + 39
    year, month = months // 12, months % 12 + 1
    spill = max(0, begins.day - calendar.monthrange(year, month)[1])
    last = begins.replace(year=year, month=month, day=begins.day - spill) + dt.timedelta(days=spill)
    return f"It is valid for {_in_words(end - start + 1)}; 39 months are the most." if end > last.timestamp() else ""


def _ends_before_it_begins(first: int, last: int) -> str:
    return "Its last second comes before its first: no client accepts it." if last < first else ""


def _in_words(seconds: int) -> str:
    days, rest = divmod(seconds, DAY)
    hours, minutes = divmod(rest // 60, 60)
    return f"{days:,} days" + (f" and {hours:02}:{minutes:02}:{rest % 60:02}" if rest else "")


RULES = (
    Rule(
        "validity-over-39-months",
        "A certificate for the Web is valid for 39 months at most.",
        "error",
        "public",
        "CA/Browser Forum, Baseline Requirements 1.6.0 §6.3.2",
        _SHORTER,
        _SPAN,
        _over_39_months,
        since=dt.date(2016, 7, 1),
        until=dt.date(2018, 3, 2),
        of_servers=True,
    ),
    *(
        Rule(
            f"validity-over-{days}-days",
            f"A certificate for the Web is valid for {days} days at most.",
            "error",
            "public",
            "CA/Browser Forum, Baseline Requirements 1.6.0 §6.3.2 (ballot 193)" if days == 825 else f"{BR} §6.3.2",
            _SHORTER,
            _SPAN,
            _over(days, both_ends_count=since >= BOTH_ENDS_COUNT),
            since=since,
            until=until,
            of_servers=True,
        )
        for days, since, until in LIMITS_IN_DAYS
    ),
    Rule(
        "validity-not-positive",
        "A certificate ends after it begins.",
        "error",
        "any",
        "RFC 5280 §4.1.2.5",
        "Have it issued again with the right dates.",
        ("first_second", "last_second"),
        _ends_before_it_begins,
    ),
)
