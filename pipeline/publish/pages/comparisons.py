"""A share beside that of others: each agency or kind of request in a table and in a small chart, on the same axis, the largest first."""

from __future__ import annotations

from pipeline.publish import charts, words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Grid, Head, Link
from pipeline.service.attainment import ASSUMED

_PANELS = 12
_TITLES = {"agency": "Agency", "kind": "What was asked"}
_NOUNS = {"agency": ("agency", "agencies"), "kind": ("kind of request", "kinds of request")}


def table(edition: Edition, measure: str, dimension: str) -> Grid:
    """The fiscal year to date by agency or kind, the most requests first; where there are too few to judge, it says so."""
    found = measured.members(edition, measure, dimension, measured.year_label(edition))
    rows: list[list[Cell]] = [
        [
            edition.agency(member) if dimension == "agency" else words.REQUEST_KINDS.get(member, member),
            words.percent(share.value),
            share.chip("no target"),
            f"{share.met:,}",
            f"{share.n:,}",
            share.interval(),
        ]
        for member, share in found
    ]
    columns: tuple[Head, ...] = (Head(_TITLES[dimension]), Head("Share", "number"), Head("Verdict"), Head("Kept", "number"))
    columns += (Head("Due", "number"), Head("95 % interval", "number"))
    promise = "with an assumed promise" if measure == ASSUMED else "with a promise"
    caption = f"Requests {promise} by {dimension}, fiscal year {edition.fiscal_year} to date, most first"
    faint = frozenset(place for place, (_, share) in enumerate(found) if share.few)
    return Grid(caption, columns, rows, "Nothing was due yet in this fiscal year.", faint=faint, lead=1)


def charted(edition: Edition, measure: str, dimension: str) -> charts.Multiples | None:
    """The same by quarter, a small chart each, of the largest twelve; None where there is nobody to compare."""
    found = measured.members(edition, measure, dimension, measured.year_label(edition))
    if len(found) < 2:
        return None
    target = found[0][1].target
    members = [_panel(edition, measure, dimension, member, share) for member, share in found[:_PANELS]]
    left_out = _left_out([share for _, share in found[_PANELS:]])
    return charts.multiples(
        f"by-{dimension}",
        _finding(dimension, [share for _, share in found], edition.fiscal_year),
        f"Share of requests due that were finished in time, by quarter of the fiscal year, the last one until "
        f"{words.long_day(edition.today)}; all on the same axis, most requests first, the target dashed.{left_out}",
        members,
        target,
        lambda value: words.percent(value, 0),
        _by_quarter(dimension, members),
        few=measured.FEW_SAID,
    )


def _left_out(shares: list[Share]) -> str:
    """How many are not drawn, and of how many of them the title says that there are too few to judge: nobody counts them in the panels."""
    if not shares:
        return ""
    few = sum(share.few for share in shares)
    which = "" if not few else ", too few to judge," if few == len(shares) else f", {few:,} of them too few to judge,"
    drawn, stands = ("is", "stands") if len(shares) == 1 else ("are", "stand")
    return f" {len(shares):,} more with no more requests than these{which} {drawn} not drawn and {stands} in the table only."


def _by_quarter(dimension: str, members: list[charts.Small]) -> Grid:
    """The numbers of the small charts: a row a member, a column a quarter."""
    rows = [[one.title, *(words.percent(point.value) or "none due" for point in one.points)] for one in members]
    columns = (Head(_TITLES[dimension]), *(Head(point.label, "number") for point in members[0].points))
    return Grid(f"Share of requests finished in time by {dimension} and quarter", columns, rows, "", lead=len(columns) - 1)


def _finding(dimension: str, shares: list[Share], year: int) -> str:
    """Of how many the evidence shows a missed target, and how many are too few to judge."""
    one, many = _NOUNS[dimension]
    enough = [share for share in shares if not share.few]
    missed = sum(share.state == "missed" for share in enough)
    few = len(shares) - len(enough)
    said = f"{missed:,} of {words.count(len(enough), one, many)} missed the target in FY{year} to date" if enough else ""
    rest = f"{words.count(few, one, many)} had too few requests to judge"
    if not enough:
        return f"In FY{year} to date {rest}"
    return f"{said}; {rest}" if few else said


def _panel(edition: Edition, measure: str, dimension: str, member: str, share: Share) -> charts.Small:
    quarters = measured.quarters(edition, measure, dimension, member)
    link = edition.agency(member) if dimension == "agency" else ""
    title, href = (link.text, link.href) if isinstance(link, Link) else (words.REQUEST_KINDS.get(member, member), "")
    return charts.Small(title, f"{share.met:,} of {share.n:,} in FY{edition.fiscal_year}", measured.points(quarters), href, share.few)
