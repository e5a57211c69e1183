"""The two parts of the service page that rest on data: the promise with its lead times, and the supported server software."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.contracts import REQUEST_KINDS
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Page
from pipeline.settings import Target
from pipeline.software import families
from pipeline.three_ways import blocks_alone

_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_WEEK = tuple(_DAYS)


def pages(edition: Edition) -> Iterator[Page]:
    """Service targets and server software."""
    yield Page(
        "service/targets.md",
        "pages/service/targets.md.j2",
        "Service targets",
        {
            "hours": desk_hours(edition),
            "zone": edition.settings.organization.timezone,
            "owner": edition.settings.organization.service_owner,
            "targets": _targets(edition),
            "availability": words.percent(float(edition.settings.availability.target)),
            "notices": " and ".join(str(days) for days in sorted(edition.settings.notices.days_before, reverse=True)),
        },
    )
    counts = software_counts(edition)
    named = sum(count for _, count in counts)
    certificates = edition.books.certificates
    total = int((~certificates["is_ca"] & ~blocks_alone(certificates)).sum())
    yield Page(
        "service/server-software.md",
        "pages/service/server-software.md.j2",
        "Server software",
        {
            "figures": [
                Figure("Product families supported", words.count(len(counts))),
                Figure(
                    "Certificates with a known product",
                    words.count(named),
                    basis=f"of {words.count(total)} in the inventory" if total else "the inventory is empty",
                ),
            ],
            "grid_view": _software(edition, dict(counts)),
        },
    )


def desk_hours(edition: Edition) -> str:
    """`6:00 to 17:00, Monday to Friday`."""
    desk = edition.settings.desk
    days = sorted(desk.days, key=_WEEK.index)
    first, last = _WEEK.index(days[0]), _WEEK.index(days[-1])
    in_a_row = list(_WEEK[first : last + 1]) == days and len(days) > 1
    named = f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}" if in_a_row else ", ".join(_DAYS[day] for day in days)
    return f"{desk.opens.hour}:{desk.opens.minute:02d} to {desk.closes.hour}:{desk.closes.minute:02d}, {named}"


def software_counts(edition: Edition) -> list[tuple[str, int]]:
    """Certificates of servers by the product family whose words stand in their server software; the first family that matches counts."""
    written = edition.books.certificates.loc[~edition.books.certificates["is_ca"], "server_software"]
    found = families(written, edition.books.server_software).value_counts()
    return [(str(name), int(found.get(name, 0))) for name in edition.books.server_software["name"]]


def _software(edition: Edition, counts: dict[str, int]) -> Grid:
    listed = edition.books.server_software.sort_values("name", key=lambda names: names.str.casefold(), kind="stable")
    rows: list[list[Cell]] = [
        [row.name, row.vendor or "not known", words.count(counts[row.name]), row.note or "nothing special"] for row in rows_of(listed)
    ]
    columns: tuple[Head, ...] = (
        Head("Product family"),
        Head("Made by"),
        Head("Certificates", "number"),
        Head("What an administrator should know"),
    )
    return Grid("Supported server software", columns, rows, "No product is listed in data/reference/server_software.csv.", things=True)


def _targets(edition: Edition) -> Grid:
    """One row a kind of request: its lead time, its target, and whether the promise was really given."""
    by_kind: dict[str, Target] = {kind: target for target in reversed(edition.settings.target) for kind in target.kinds}
    rows: list[list[Cell]] = []
    for kind in REQUEST_KINDS:
        target = by_kind.get(kind)
        if target is None:
            rows.append([words.REQUEST_KINDS[kind].capitalize(), "no promise", "no target", Chip("none")])
            continue
        chip = Chip("assumed", "near") if target.assumed else Chip("promised", "met")
        rows.append(
            [
                words.REQUEST_KINDS[kind].capitalize(),
                f"up to {words.count(target.business_days, 'business day')}",
                f"{words.percent(float(target.share), 0)} in time",
                chip,
            ]
        )
    return Grid(
        "Lead times and targets by kind of request",
        (Head("Request"), Head("Lead time"), Head("Target"), Head("Promise")),
        rows,
        "",
        things=True,
    )
