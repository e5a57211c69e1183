"""Certificate continuity: for how much of its time in service a host name had a valid certificate, and how early each was renewed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import pandas as pd

from pipeline.calendar import dates, day_end
from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes, restated
from pipeline.publish.pages.edition import NO_AGENCY, Edition, download, rows_of
from pipeline.publish.pages.foot import FIGURES, foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, Page, State
from pipeline.rates import first_day
from pipeline.service import MEASURES_DECLARED
from pipeline.service.continuity import COVERED, UNACCOUNTED, WITH_GAPS
from pipeline.service.renewals import LAPSES, NEAR_MISSES, ON_TIME, ended_certificates

PATH = "continuity.html"
_MEASURES = (COVERED, WITH_GAPS, UNACCOUNTED, ON_TIME, NEAR_MISSES, LAPSES)
_DIGITS = 2
_LISTED = 200
_MONTHS_BACK = 12
_DAY = 86_400
_UNKNOWN = "hosts-unaccounted-for"
_BANDS: dict[str, tuple[str, State]] = {"lapse": ("lapse", "missed"), "near-miss": ("near miss", "near")}


def pages(edition: Edition) -> Iterator[Page]:
    """The page of certificate continuity. Hosts and agencies are named in the internal edition only."""
    shares = measured.months(edition, COVERED, edition.last_month)
    late, remarks = _late(edition), notes.of(edition, {"continuity", *_MEASURES})
    yield Page(
        "continuity.md",
        "pages/continuity.md.j2",
        "Certificate continuity",
        {
            "sentence": sentence(edition, late),
            "figures": _figures(edition, late),
            "chart_view": _chart(shares, remarks),
            "table": _by_month(edition, shares),
            "before": _before_the_books(edition, shares),
            "agencies": _by_agency(edition) if edition.internal else None,
            "counted_twice": _counted_twice(edition) if edition.internal else "",
            "year": f"FY{edition.fiscal_year}",
            "gaps": _gaps(edition) if edition.internal else None,
            "late": _late_rows(edition, late) if edition.internal else None,
            "unaccounted": _unaccounted(edition) if edition.internal else None,
            "unaccounted_left_out": max(len(edition.unaccounted) - _LISTED, 0),
            "at_least": _at_least(edition),
            "files": [download("", f"tables/{name}.csv", f"{name}.csv") for name in ("gaps", "renewals")] if edition.internal else [],
            "definitions": [measure for measure in MEASURES_DECLARED if measure.id in _MEASURES],
            "notes": remarks.grid(),
            "remarks_left_out": remarks.left_out,
            "restated": restated.told(edition, "continuity"),
            "foot": foot(edition, ("certificates", "pem"), "continuity", len(edition.books.continuity), also=FIGURES),
        },
    )


def sentence(edition: Edition, late: pd.DataFrame) -> str:
    """The last month in one sentence, and how many renewals of the last twelve months came late."""
    share = measured.at(edition, COVERED, edition.last_month)
    month = words.month(edition.last_month)
    if share is None or not share.known:
        return f"In {month} no host name was known to be in service, so there is nothing to measure."
    gone = share.n - share.met
    without = "none of them had a gap" if not gone else f"{gone:,} of them had a gap"
    verb = "was" if share.n == 1 else "were"
    lapses, near = _numbers(late)
    return (
        f"In {month}, a valid certificate covered {words.percent(share.value, _DIGITS)} of the time in which "
        f"{words.count(share.n, 'host name')} {verb} in service; {without}{_not_counted(edition)}. In the last {_MONTHS_BACK} months "
        f"{words.count(lapses, 'certificate')} lapsed, and {near:,} {'was' if near == 1 else 'were'} renewed with less than 7 days left."
    )


def _not_counted(edition: Edition) -> str:
    """How many host names count neither as covered nor as a gap in the last month; "" where none does."""
    unknown = measured.at(edition, _UNKNOWN, edition.last_month)
    if unknown is None or not unknown.n:
        return ""
    had = "more is counted in neither, for it" if unknown.n == 1 else "more are counted in neither, for they"
    whether = "it is" if unknown.n == 1 else "they are"
    return f", and {unknown.n:,} {had} had no certificate and nobody has said whether {whether} in service"


def _before_the_books(edition: Edition, shares: list[Share]) -> str:
    """What the months of the chart rest on that lie before the first day that is charged; "" where there is none."""
    begin = first_day(edition.settings)
    if not any(share.known and share.period < f"{begin:%Y-%m}" for share in shares):
        return ""
    day = words.long_day(begin)
    return (
        f"Months before {day}, the first day that is charged, rest only on what later exports still tell of them. What had gone by then "
        "is not seen, so they may look better than they were, and the budget hearing gives no figure of such a year."
    )


def _numbers(late: pd.DataFrame) -> tuple[int, int]:
    """How many of these are lapses, and how many near misses."""
    return int((late["band"] == "lapse").sum()), int((late["band"] == "near-miss").sum())


def _year(edition: Edition, measure: str, member: str = "") -> Share | None:
    dimension = "agency" if member else "office"
    return measured.at(edition, measure, measured.year_label(edition), dimension, member)


def _figures(edition: Edition, late: pd.DataFrame) -> list[Figure]:
    month = edition.last_month
    (lapses, near), gone = _numbers(late), len(edition.unaccounted)
    on_time = f"Renewed on time, FY{edition.fiscal_year} to date"
    shown = (COVERED, COVERED, ON_TIME, LAPSES, NEAR_MISSES, UNACCOUNTED)
    figures = [
        measured.figure(
            f"Continuity in {words.month(month)}",
            measured.at(edition, COVERED, month),
            "host name",
            change=measured.change(edition, COVERED, month, digits=_DIGITS),
            digits=_DIGITS,
        ),
        of_year(edition, ""),
        measured.figure(on_time, _year(edition, ON_TIME), "certificate", change="at least 7 days before the end"),
        Figure(
            "Lapses", words.count(lapses), basis=f"last {_MONTHS_BACK} months", state="missed" if lapses else "met",
            word="hosts were without a certificate" if lapses else "none",
        ),
        Figure(
            "Near misses", words.count(near), basis=f"last {_MONTHS_BACK} months", state="near" if near else "met",
            word="renewed in the last 7 days" if near else "none",
        ),
        Figure(
            "Unaccounted for", words.count(gone), basis="host names without a certificate today", state="near" if gone else "met",
            word="say what became of them" if gone else "none",
        ),
    ]  # fmt: skip
    return [measured.defined(figure, measure) for figure, measure in zip(figures, shown, strict=True)]


def of_year(edition: Edition, member: str, href: str = "") -> Figure:
    """The card of the continuity of this fiscal year to date, of an agency or, where `member` is "", of the office."""
    share = _year(edition, COVERED, member)
    name = f"Continuity, FY{edition.fiscal_year} to date"
    if share is None or not share.known:
        return Figure(name, "–", basis="no host name in service", href=href)
    broken = share.n - share.met
    lost = edition.unaccounted_of.get(member, 0) if member else 0
    return Figure(
        name, words.percent(share.value, _DIGITS), basis=f"of {words.count(share.n, 'host name')}",
        state="near" if broken or lost else "met", word=_gaps_and_unaccounted(broken, lost), href=href,
    )  # fmt: skip


def _gaps_and_unaccounted(broken: int, lost: int) -> str:
    """How many hosts had a gap, and of how many nobody has said what became: their time is in no share, so the card must name them."""
    gaps = f"{words.count(broken, 'host name')} had a gap" if broken else "no gap"
    if not lost:
        return gaps
    number = words.count(lost) if broken else words.count(lost, "host name")
    return f"{gaps}, {'and' if broken else 'but'} {number} {'is' if lost == 1 else 'are'} unaccounted for"


def _chart(shares: list[Share], remarks: notes.Remarks) -> charts.Chart | None:
    known = [share for share in shares if share.known]
    if not known:
        return None
    broken = [share for share in known if share.met < share.n]
    others = words.count(len(known), "month")
    title = (
        f"Host names were without a certificate in {len(broken)} of {others}, last in {words.month(broken[-1].period)}"
        if broken
        else f"Every host name in service was covered throughout {others}"
    )
    return charts.trend(
        "continuity",
        title,
        f"Share of the time in service that a valid certificate covered, over all host names, by month from {words.month(known[0].period)} "
        f"to {words.month(known[-1].period)}.",
        measured.points(shares, _DIGITS),
        math.nan,
        lambda value: words.percent(value, 1),
        notes=remarks.on([share.period for share in shares]),
    )


def _by_month(edition: Edition, shares: list[Share]) -> Grid:
    rows: list[list[Cell]] = [
        [words.month(share.period), *_cells(edition, share, share.period)] for share in reversed(shares) if share.known
    ]
    return Grid(
        "Continuity by month, newest first", (Head("Month", "date"), *_HEADS), rows, "Nothing was measured yet.", captioned=False, lead=1
    )


def _by_agency(edition: Edition) -> Grid:
    """The agencies whose hosts were without a certificate longest at the top, those of no known agency among them."""
    year = measured.year_label(edition)
    of_none = _of_no_agency(edition, year)
    found = [*measured.members(edition, COVERED, "agency", year), *([("", of_none)] if of_none is not None else [])]
    rows: list[list[Cell]] = [
        [edition.agency(member), *(_cells(edition, share, year, member) if member else _cells_of_no_agency(edition, share))]
        for member, share in sorted(found, key=lambda one: (one[1].value, -one[1].n, one[0]))
    ]
    return Grid(
        "Continuity by agency, lowest first", (Head("Agency"), *_HEADS), rows, "No agency has a host in service.", captioned=False, lead=1
    )


def _counted_twice(edition: Edition) -> str:
    """By how much the host names of the agencies add up to more than there are, and whose those are that count for several; "" if none."""
    table = edition.books.continuity
    rows = table.loc[(table["period"] == measured.year_label(edition)) & (table["in_service_seconds"] > 0), ["host", "agency"]]
    twice = rows[rows["host"].duplicated(keep=False)]
    if twice.empty:
        return ""
    owners = Counter(" and ".join(one or NO_AGENCY for one in sorted(codes)) for codes in twice.groupby("host")["agency"].agg(set))
    whose = ", ".join(f"{number:,} for {codes}" for codes, number in sorted(owners.items()))
    return (
        f"The host names of the agencies add up to {len(rows):,} beside {words.count(rows['host'].nunique(), 'host name')} in all, "
        f"for some count for more than one agency: {whose}."
    )


def _of_no_agency(edition: Edition, year: str) -> Share | None:
    """What COVERED would be in the fiscal year of the hosts whose agency is not known, which the measures add to the office alone; None
    where no such host was in service."""
    table = edition.books.continuity
    rows = table[(table["period"] == year) & (table["agency"] == "") & (table["in_service_seconds"] > 0)]
    if rows.empty:
        return None
    served, covered = rows["in_service_seconds"], rows["covered_seconds"]
    share = int(covered.sum()) / int(served.sum())
    return Share(year, share, math.nan, math.nan, len(rows), int((covered == served).sum()), math.nan, "")


def _cells_of_no_agency(edition: Edition, share: Share) -> list[Cell]:
    zone = edition.settings.organization.zone
    ended = ended_certificates(edition.books.renewals, day_end(edition.today, zone), zone)
    bands = ended.loc[(ended["agency"] == "") & (ended["day"] >= pd.Timestamp(edition.year_begins)), "band"]
    near, lapses = (int((bands == band).sum()) for band in ("near-miss", "lapse"))
    return [
        words.percent(share.value, _DIGITS),
        f"{share.n:,}",
        f"{share.n - share.met:,}",
        f"{len(bands):,}",
        words.percent((len(bands) - near - lapses) / len(bands), 0) if len(bands) else "none ended",
        f"{near:,}",
        f"{lapses:,}",
    ]


_HEADS = (
    Head("Covered", "number"),
    Head("Host names", "number"),
    Head("With a gap", "number"),
    Head("Ended", "number"),
    Head("Renewed on time", "number"),
    Head("Near misses", "number"),
    Head("Lapses", "number"),
)


def _cells(edition: Edition, share: Share, period: str, member: str = "") -> list[Cell]:
    dimension = "agency" if member else "office"
    on_time, near, lapses = (measured.at(edition, name, period, dimension, member) for name in (ON_TIME, NEAR_MISSES, LAPSES))
    return [
        measured.cell(share, _DIGITS, unknown="none in service"),
        f"{share.n:,}",
        f"{share.n - share.met:,}",
        f"{on_time.n:,}" if on_time else "0",
        (words.percent(on_time.value, 0) if on_time else "") or "none ended",
        *(f"{one.n:,}" if one else "0" for one in (near, lapses)),
    ]


def _since(edition: Edition) -> pd.Timestamp:
    """The end of the same day a year ago: where the last twelve months begin."""
    return day_end(edition.same_day_last_year, edition.settings.organization.zone)


def _gaps(edition: Edition) -> Grid:
    """The gaps that touch the last twelve months; those that go on first, then the newest."""
    gaps = edition.books.gaps
    recent = gaps[gaps["ended_at"].isna() | (gaps["ended_at"] > _since(edition))]
    ordered = recent.sort_values(["ended_at", "host"], ascending=[False, True], na_position="first", kind="stable").iloc[:_LISTED]
    rows: list[list[Cell]] = [
        [
            row.host,
            edition.agency(row.agency),
            _moment(edition, row.began_at),
            Chip("goes on", "missed") if pd.isna(row.ended_at) else _moment(edition, row.ended_at),
            _span(row.seconds),
        ]
        for row in rows_of(ordered)
    ]
    columns = (Head("Host name", "code"), Head("Agency"), Head("From", "date"), Head("Until", "date"), Head("Lasted", "number"))
    empty = f"No host in service was without a certificate in the last {_MONTHS_BACK} months."
    return Grid(f"Gaps, newest first, {edition.settings.organization.timezone} time", columns, rows, empty, things=True)


def _late(edition: Edition) -> pd.DataFrame:
    """The lapses and near misses of the last twelve months, the newest first."""
    zone = edition.settings.organization.zone
    ended = ended_certificates(edition.books.renewals, day_end(edition.today, zone), zone)
    late = ended[ended["band"].isin(list(_BANDS)) & (ended["ended_at"] > _since(edition))]
    return late.sort_values(["ended_at", "host"], ascending=[False, True], kind="stable")


def _late_rows(edition: Edition, late: pd.DataFrame) -> Grid:
    rows: list[list[Cell]] = []
    for row in rows_of(late.iloc[:_LISTED]):
        word, state = _BANDS[row.band]
        side = "after the end" if row.lead_time_days < 0 else "before the end"
        renewed: Cell = "not renewed" if pd.isna(row.issued_at) else _moment(edition, row.issued_at)
        rows.append(
            [
                row.host,
                edition.agency(row.agency),
                Chip(word, state),
                _moment(edition, row.ended_at),
                Noted(renewed, f"{_span(abs(row.lead_time_days) * _DAY)} {side}") if isinstance(renewed, str) else renewed,
            ]
        )
    columns = (Head("Host name", "code"), Head("Agency"), Head("What happened", "short"), Head("Ended", "date"), Head("Renewed", "date"))
    empty = f"In the last {_MONTHS_BACK} months no certificate lapsed, and none was renewed with less than 7 days left."
    caption = f"Lapses and near misses, newest first, {edition.settings.organization.timezone} time"
    return Grid(caption, columns, rows, empty, things=True)


def _unaccounted(edition: Edition) -> Grid:
    gone = edition.unaccounted.iloc[:_LISTED]
    days = edition.local_day(gone["ended_at"] - pd.Timedelta(seconds=1))
    certificates = edition.books.certificates
    revoked = certificates[certificates["revoked_by"] != ""]
    undated = set(revoked.loc[revoked["revoked_on"].isna(), "certificate"])
    revoked_on = dict(zip(revoked["certificate"].tolist(), dates(revoked["revoked_on"]), strict=True))
    rows: list[list[Cell]] = [
        [
            row.host,
            edition.agency(row.agency),
            "revoked, on a day that no export tells"
            if row.certificate in undated
            else Noted(
                words.day(day),
                f"{'revoked ' if revoked_on.get(row.certificate) == day.date() else ''}{words.in_days((day.date() - edition.today).days)}",
            ),
        ]
        for row, day in zip(rows_of(gone), days, strict=True)
    ]
    columns = (Head("Host name", "code"), Head("Agency"), Head("Last covered", "date"))
    empty = "There is no host name whose last certificate has ended and of which nobody has said what became of it."
    return Grid("Host names unaccounted for, newest first", columns, rows, empty, things=True, captioned=False)


def _at_least(edition: Edition) -> str:
    """What the continuity of this year would be if every host that is unaccounted for were still in service; "" if none is."""
    year = edition.books.continuity[edition.books.continuity["period"] == measured.year_label(edition)]
    unknown = int(year["unknown_seconds"].sum())
    if not unknown:
        return ""
    return words.percent(int(year["covered_seconds"].sum()) / (int(year["in_service_seconds"].sum()) + unknown), _DIGITS)


def _moment(edition: Edition, instant: pd.Timestamp) -> str:
    return f"{instant.tz_convert(edition.settings.organization.zone):%Y-%m-%d %H:%M}"


def _span(seconds: float) -> str:
    """A span in days from two days on, else in hours and minutes."""
    return f"{seconds / _DAY:,.1f} days" if seconds >= 2 * _DAY else words.hours(seconds)
