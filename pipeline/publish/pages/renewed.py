"""How early certificates were renewed before they ended: on time, in the last week, or too late (facts/service-levels §4.3)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.calendar import day_end
from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Grid, Head
from pipeline.service.renewals import LAPSES, NEAR_MISSES, ON_TIME

_EARLY, _AFTER_FIRST, _AFTER_SECOND = "renewed-early", "renewed-after-first-notice", "renewed-after-second-notice"
_OWED = "notices-owed"
MEASURES = (ON_TIME, _EARLY, _AFTER_FIRST, _AFTER_SECOND, NEAR_MISSES, LAPSES)
# As a certificate was renewed: the name in legend and table, the class of its bar.
_BANDS = (
    ("30 days or more before the end", "series-1"),
    ("7 to 30 days before", "age-2"),
    ("less than 7 days before: near miss", "near"),
    ("after the end: lapse", "age-4"),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """The certificates that ended in a period: the share renewed in time, and how many were renewed in each band."""

    on_time: Share
    bands: tuple[int, int, int, int]


def of(edition: Edition, period: str) -> Ended | None:
    """What was measured of the certificates that ended in `period`; None where there is no figure."""
    found = {name: measured.at(edition, name, period) for name in MEASURES}
    share = found[ON_TIME]
    if share is None:
        return None
    early, after_first = (one.met if (one := found[name]) else 0 for name in (_EARLY, _AFTER_FIRST))
    near, lapses = (one.n if (one := found[name]) else 0 for name in (NEAR_MISSES, LAPSES))
    return Ended(share, (early, after_first, near, lapses))


def months(edition: Edition) -> list[tuple[str, Ended]]:
    """The months in which a certificate ended, up to that of the as-of day, oldest first, at most 24."""
    shares = measured.months(edition, ON_TIME, f"{edition.today:%Y-%m}")
    found = [(share.period, of(edition, share.period)) for share in shares]
    known = [(period, ended) for period, ended in found if ended is not None]
    first = next((place for place, (_, ended) in enumerate(known) if ended.on_time.n), len(known))
    return known[first:]


def sentence(edition: Edition) -> str:
    """The fiscal year to date: how many that ended had been renewed in time, and what became of the others, notice by notice."""
    year = measured.year_label(edition)
    ended = of(edition, year)
    if ended is None or not ended.on_time.known:
        return f"No certificate has ended in FY{edition.fiscal_year} yet."
    share = ended.on_time
    target = f"; target {words.percent(share.target, 0)}: {share.word}" if share.word else ""
    told = (
        f"In FY{edition.fiscal_year} to date, {share.met:,} of the {words.count(share.n, 'certificate')} that ended "
        f"({words.percent(share.value)}, likely range {share.interval()}) had been renewed at least 7 days before{target}."
    )
    first, second = (measured.at(edition, name, year) for name in (_AFTER_FIRST, _AFTER_SECOND))
    if first is not None and first.n:
        told += f" Of {first.n:,} that were not renewed 30 days before, {first.met:,} were renewed until 7 days before"
        was = "was" if second is not None and second.met == 1 else "were"
        told += f"; of the other {second.n:,}, {second.met:,} {was} renewed before the end." if second is not None and second.n else "."
    return told


def left_out(edition: Edition, by_month: list[tuple[str, Ended]]) -> str:
    """How many certificates that ended are in no figure, because nobody has said of any of their hosts whether it is still in service; ""
    where none is."""
    if not by_month:
        return ""
    renewals, zone = edition.books.renewals, edition.settings.organization.zone
    unknown = renewals[(renewals["outcome"] == "unknown") & (renewals["ended_at"] <= day_end(edition.today, zone))]
    first = by_month[0][0]
    since = unknown[edition.local_day(unknown["ended_at"] - pd.Timedelta(seconds=1)) >= pd.Timestamp(f"{first}-01")]
    judged = renewals.loc[renewals["band"] != "", "certificate"]
    number = int(since.loc[~since["certificate"].isin(judged), "certificate"].nunique())
    if not number:
        return ""
    verb, whose = ("is", "its host") if number == 1 else ("are", "their hosts")
    return (
        f"{words.count(number, 'more certificate')} that ended since {words.month(first)} {verb} left out: no other followed, and nobody "
        f"has said whether {whose} {verb} still in service."
    )


def chart(edition: Edition, by_month: list[tuple[str, Ended]], remarks: notes.Remarks) -> charts.Chart | None:
    """Certificates by the month they ended in, as early as they were renewed, one band upon the other."""
    if not by_month:
        return None
    so_far = measured.so_far(edition) if by_month[-1][0] == edition.running_month else ""
    near, lapses = (sum(ended.bands[place] for _, ended in by_month) for place in (2, 3))
    every = sum(ended.on_time.n for _, ended in by_month)
    return charts.bars(
        "renewed",
        f"Of {words.count(every, 'certificate')} that ended since {words.month(by_month[0][0])}, {words.count(lapses)} "
        f"{'was' if lapses == 1 else 'were'} renewed after the end and "
        f"{words.count(near)} {'was' if near == 1 else 'were'} renewed in the last 7 days",
        "Certificates by the month in which they ended, and how long before the end they were renewed.",
        [words.short_month(period) for period, _ in by_month],
        [charts.Series(name, style, [ended.bands[place] for _, ended in by_month]) for place, (name, style) in enumerate(_BANDS)],
        lambda number: f"{number:,.0f}",
        unfinished=so_far,
        notes=remarks.on([period for period, _ in by_month]),
    )


def table(edition: Edition, by_month: list[tuple[str, Ended]]) -> Grid:
    """The months, newest first, with the notices to contacts that fell due in each."""
    rows: list[list[Cell]] = []
    for period, ended in reversed(by_month):
        owed = measured.at(edition, _OWED, period)
        share = measured.cell(ended.on_time, 1, unknown="none ended")
        counted = [f"{number:,}" for number in ended.bands]
        rows.append([words.month(period), f"{ended.on_time.n:,}", share, ended.on_time.interval() or "no interval", *counted])
        rows[-1].append(f"{owed.n:,}" if owed else "not known")
    heads = ("Ended", "Renewed on time", "95 % interval", "30 days or more", "7 to 30 days", "Less than 7", "After the end", "Notices owed")
    faint = frozenset(place for place, (_, ended) in enumerate(reversed(by_month)) if ended.on_time.few)
    columns = (Head("Month", "date"), *(Head(title, "number") for title in heads))
    caption = "Certificates that ended by month, newest first, by how many days before the end they were renewed; grey: fewer than 10"
    return Grid(caption, columns, rows, "No certificate has ended yet.", faint=faint, lead=2)
