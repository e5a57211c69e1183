"""Notices: what is to be sent, what was and to whom, who refused, of what nobody can be told, and whether telling helps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from pipeline import notices as owed
from pipeline.notices import effect, letters
from pipeline.publish import notice_digest, notice_mail, words
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Noted, Page, State

_SHOWN = 200
_WEEK = 7
_OPEN = ("due", "in-doubt")
OUTCOMES: dict[effect.Outcome, str] = {
    "after-first": "Renewed after the first notice",
    "after-second": "Renewed after the second notice",
    "known-late": "Renewed before it was told of",
    "over": "Revoked, or its hosts retired",
    "expired": "Expired, nothing took over",
    "told-late": "Its notice went out only after its end",
    "open": "Still open",
}
_STATES: dict[str, tuple[str, State]] = {
    "due": ("to be sent", "plain"),
    "sent": ("sent", "met"),
    "failed": ("refused", "missed"),
    "in-doubt": ("may have come", "near"),
    "no-contact": ("nobody can be told", "missed"),
    "superseded": ("not needed: renewed", "plain"),
    "retired": ("not needed: host retired", "plain"),
}
_SINCE = {"superseded": "renewed", "revoked": "revoked"}
_AS_WHOM = {"security-contact": "security contact", "service-owner": "owner of the service"}
_COLUMNS: tuple[Head, ...] = (
    Head("Host name", "code"),
    Head("Last day", "date"),
    Head("Agency", "short"),
    Head("Whom", "code"),
    Head("Notice", "short"),
    Head("State", "stacked"),
)
_AGENCY = 2  # where the agency stands in _COLUMNS
_READ = ["certificate", "agency", "names", "ends_on", "contact_email", "addressed_as", "days_before", "kind", "state", "doubts", "detail",
         "message_id"]  # fmt: skip


def pages(edition: Edition) -> Iterator[Page]:
    """The page of notices; in the public edition its counts alone."""
    table = edition.books.notices
    told = _told_once(table)
    yield Page(
        "notices.md",
        "pages/notices.md.j2",
        "Notices",
        {
            "sentence": _sentence(edition, told),
            "figures": _figures(edition, told),
            "effect": _effect(edition),
            **(_lists(edition, told) if edition.internal else {"lists": [], "next_week": None, "sent": None, "digest": None}),
            "days_before": _thresholds(edition),
            "foot": foot(edition, ("certificates", "pem"), "notices", len(table)),
        },
    )


def latest_end_first(edition: Edition) -> Iterator[Any]:
    """The notices that were sent, are to be, or cannot be: of several that one message serves, the one that tells. `dated` rows."""
    told = _told_once(edition.books.notices)
    told = told[~told["state"].isin(["superseded", "retired"])]
    return dated(edition, told.sort_values(["ends_on", "certificate", "days_before"], ascending=[False, True, True], kind="stable"))


def dated(edition: Edition, table: pd.DataFrame) -> Iterator[Any]:
    """The rows of `table` (NOTICES), in its order, as far as tables show them, with `sent_on` (the local day, "" where it was not sent),
    `is_late`, `since` (the state of the certificate today) and `place`."""
    # a copy is as late as a notice; only their number leaves copies out
    is_late = effect.late(table.assign(kind="notice"), edition.books.certificates, edition.settings, edition.today)
    states = dict(zip(edition.books.certificates["certificate"], edition.books.certificates["status"], strict=True))
    since = table["certificate"].map(states).fillna("")
    on = edition.local_days_told(table["sent_at"])
    return rows_of(table[_READ].assign(sent_on=on, is_late=is_late, since=since, place=range(len(table))))


def of_agency(edition: Edition, mine: Sequence[Any], caption: str) -> tuple[Grid, int]:
    """The first of these `dated` rows as a table for the page of their agency, and how many more there are."""
    rows = [_row(edition, row, "../") for row in mine[:_SHOWN]]
    grid = Grid(caption, _COLUMNS, rows, "", things=True, captioned=False)
    return grid.without(_AGENCY), max(len(mine) - _SHOWN, 0)


def _thresholds(edition: Edition) -> str:
    """The thresholds as people say them: `30 and 7 days`."""
    days = [str(one) for one in sorted(set(edition.settings.notices.days_before), reverse=True)]
    return f"{', '.join(days[:-1])} and {days[-1]} days" if len(days) > 1 else f"{days[0]} days" if days else "no day"


def _told_once(table: pd.DataFrame) -> pd.DataFrame:
    """Of several notices that one message serves, the one that tells; and whatever became of those that stand alone."""
    return table[(table["days_before"] == table["served_by"]) | ~table["state"].isin([*_OPEN, "sent", "no-contact"])]


def _sentence(edition: Edition, told: pd.DataFrame) -> str:
    of_notices = told[told["kind"] == "notice"]
    to_send = told[_is_to_send(told)]
    due = int((to_send["kind"] == "notice").sum())
    what = words.count(due, "notice") if due else words.count(len(to_send), "copy", "copies")
    alone = of_notices[of_notices["state"] == "no-contact"]["certificate"].nunique()
    now = "Nothing has to be sent now" if to_send.empty else f"{what} {'is' if (due or len(to_send)) == 1 else 'are'} to be sent now"
    nobody = f"; of {words.count(alone, 'certificate')} nobody can be told" if alone else ""
    sent = of_notices[of_notices["state"] == "sent"]
    if sent.empty:
        return f"{now}{nobody}. The journal of sending knows of none that was sent."
    newest = words.long_day(edition.local_day(sent["sent_at"]).max().date())
    return f"{now}{nobody}. {words.count(len(sent), 'notice')} {'was' if len(sent) == 1 else 'were'} sent, the last on {newest}."


def _figures(edition: Edition, told: pd.DataFrame) -> list[Figure]:
    of_notices = told[told["kind"] == "notice"]
    count = of_notices["state"].value_counts().to_dict()
    refused = told[told["state"] == "failed"]
    to_send, sent, late = told[_is_to_send(told)], told[told["state"] == "sent"], _late(edition)
    due = int((to_send["kind"] == "notice").sum())
    alone = int(of_notices.loc[of_notices["state"] == "no-contact", "certificate"].nunique())

    def listed(anchor: str) -> str:
        return f"#{anchor}" if edition.internal else ""

    return [
        Figure("To be sent now", words.count(due), basis=_copies_beside(to_send)),
        Figure("Sent", words.count(count.get("sent", 0)), basis=f"as the journal of sending tells; {_copies_beside(sent)}"),
        _card("Late", late, "sent, or still waiting, more than a day after it fell due", "near", "send every day"),
        _card("Refused", len(refused), "the mail server will not take the address", "missed", "correct the address", listed("refused")),
        _card("Nobody can be told", alone, "no contact, no security contact, no owner", "missed", "add a contact", listed("nobody")),
        _spared(edition),
    ]


def _spared(edition: Edition) -> Figure:
    """The certificates whose notice is not needed: those of which nobody was told, and those of which a notice had gone out before."""
    table = edition.books.notices
    spared = set(table.loc[table["state"].isin(["superseded", "retired"]), "certificate"])
    told = spared & set(table.loc[(table["state"] == "sent") & (table["kind"] == "notice"), "certificate"])
    parts = [f"of {len(spared - told):,} nobody was told"] if spared - told else []
    parts += [f"{len(told):,} {'was' if len(told) == 1 else 'were'} spared a later notice only"] if told else []
    basis = f"certificates renewed in time or retired{': ' if parts else ''}{', '.join(parts)}"
    return Figure("Spared", words.count(len(spared)), basis=basis)


def _is_to_send(told: pd.DataFrame) -> pd.Series[Any]:
    """Which rows of NOTICES the next call sends: what is due, and what was handed over once without an answer. Bool."""
    return told["state"].isin(letters.TO_SEND) & (told["doubts"] < letters.MOST_DOUBTS)


def _copies_beside(rows: pd.DataFrame) -> str:
    many = int((rows["kind"] == "copy").sum())
    return f"{words.count(many, 'copy', 'copies') if many else 'no copies'} beside them"


def _late(edition: Edition) -> int:
    """How many notices went out late or are late now: of several that one message serves one, late if any of them is."""
    table = edition.books.notices
    table = table[table["doubts"] < letters.MOST_DOUBTS]
    tardy = table[effect.late(table, edition.books.certificates, edition.settings, edition.today)]
    return len(tardy[["certificate", "served_by", "contact_email"]].drop_duplicates())


def _card(name: str, number: int, basis: str, state: State, word: str, href: str = "") -> Figure:
    return Figure(
        name,
        words.count(number),
        basis=basis,
        state=state if number else "met",
        word=word if number else "none",
        href=href if number else "",
    )


def _effect(edition: Edition) -> dict[str, Any]:
    """Whether telling helps: what became of the certificates that somebody was told of."""
    found = effect.outcomes(edition.books.notices, edition.books.certificates, edition.books.hosts, edition.settings, edition.today)
    total = sum(found.values())
    over = total - found["open"] - found["told-late"]
    renewed = found["after-first"] + found["after-second"]
    rows: list[list[Cell]] = [[title, words.count(found[name]), _share(name, found[name], over)] for name, title in OUTCOMES.items()]
    columns = (Head("What became of it"), Head("Certificates", "number"), Head("Share of those settled", "number"))
    if not total:
        said = "No certificate was told of yet, so whether telling helps cannot be said."
    elif not over and not found["open"]:
        what, whose, it = ("notice", "its", "it") if total == 1 else ("notices", "their", "they")
        said = f"The {what} of {words.count(total, 'certificate')} went out only after {whose} end, when {it} could not help."
    elif not over:
        verb, them = ("was", "it") if total == 1 else ("were", "them")
        said = f"{words.count(total, 'certificate')} {verb} told of; what becomes of {them} is open."
    else:
        settled, verb = words.count(over, "certificate"), "was" if renewed == 1 else "were"
        said = f"Of {settled} told of and settled since, {renewed:,} {verb} renewed after a notice, {found['after-first']:,} of them "
        said += f"after the first; {found['expired']:,} expired."
        late = found["told-late"]
        if late:
            said += f" {late:,} that {'was' if late == 1 else 'were'} told of only after {'its' if late == 1 else 'their'} end "
            said += f"{'is' if late == 1 else 'are'} not counted."
    empty = "No certificate was told of yet."
    return {
        "sentence": said,
        "grid": Grid("What became of the certificates told of", columns, rows if total else [], empty, captioned=False, lead=1),
    }


def _share(name: effect.Outcome, number: int, over: int) -> str:
    """The share of the settled, which those that could not be helped any more, or are open, are none of."""
    if name == "told-late":
        return "not counted"
    return words.percent(number / over, 0) if over and name != "open" else "not yet known"


def _lists(edition: Edition, told: pd.DataFrame) -> dict[str, Any]:
    """What names a host or a person: the internal edition alone."""
    by = {state: told[told["state"] == state].sort_values(["ends_on", "certificate"], kind="stable") for state in _STATES}
    sent = by["sent"].sort_values("sent_at", ascending=False, kind="stable")
    wanted = (
        (
            "due",
            "To be sent now",
            Markup("Sent by the command <code>certledger notices --send</code>; each line leads to the message."),
            told[_is_to_send(told)].sort_values(["ends_on", "certificate"], kind="stable"),
            "Nothing has to be sent now.",
        ),
        (
            "in-doubt",
            "May have come",
            "The mail server answered neither the first time nor the second. It is not sent again: ask whom it was for.",
            by["in-doubt"][by["in-doubt"]["doubts"] >= letters.MOST_DOUBTS],
            "",
        ),
        (
            "refused",
            "Refused",
            "Correct the address at the authority or in data/reference/agencies.csv; the next in line is told meanwhile.",
            by["failed"],
            "",
        ),
        (
            "nobody",
            "Nobody can be told",
            "Add a contact at the authority, or a security contact in data/reference/agencies.csv.",
            by["no-contact"],
            "",
        ),
        ("sent", "Sent", "Newest first.", sent, "The journal of sending knows of none."),
    )
    lists = [
        {
            "anchor": anchor,
            "title": title,
            "remedy": remedy,
            "grid": Grid(
                f"Notices: {title.lower()}",
                _COLUMNS,
                [_row(edition, row) for row in dated(edition, rows.iloc[:_SHOWN])],
                empty,
                things=True,
                captioned=False,
            ),
            "left_out": max(len(rows) - _SHOWN, 0),
        }
        for anchor, title, remedy, rows, empty in wanted
        if len(rows) or empty
    ]
    return {"lists": lists[:-1], "sent": lists[-1], "next_week": _next_week(edition), "digest": _digest(edition)}


def _digest(edition: Edition) -> Link | None:
    """The way to the digest of the week, where one is to be sent."""
    found = notice_digest.digest(edition.books, edition.settings, edition.today)
    return None if found is None else download("", notice_mail.path_of(found.message_id), "the digest of the week")


def _next_week(edition: Edition) -> Grid:
    """What falls due within a week, if nothing is renewed until then."""
    books, then = edition.books, edition.today + dt.timedelta(days=_WEEK)
    coming = owed.without_findings(books.certificates, books.hosts, books.agencies, books.notice_log, edition.settings, then)
    rows = coming[
        coming["state"].isin([*_OPEN, "no-contact"]) & (coming["due_on"] > pd.Timestamp(edition.today)) & (coming["kind"] == "notice")
    ]
    rows = rows.sort_values(["due_on", "ends_on", "certificate"], kind="stable")
    coming = rows.iloc[:_SHOWN].assign(is_late=False)
    cells: list[list[Cell]] = [[words.day(row.due_on), *_facts(edition, row)] for row in rows_of(coming)]
    return Grid(
        "Notices that fall due within a week",
        (Head("Falls due", "date"), *_COLUMNS[:5]),
        cells,
        "Nothing falls due within a week.",
        things=True,
        captioned=False,
    )


def _row(edition: Edition, row: Any, root: str = "") -> list[Cell]:
    return [*_facts(edition, row), _state(row, root)]


def _facts(edition: Edition, row: Any) -> list[Cell]:
    away = (row.ends_on.date() - edition.today).days
    whom: Cell = row.contact_email or "nobody"
    if row.addressed_as in _AS_WHOM:
        whom = Noted(row.contact_email, _AS_WHOM[row.addressed_as])
    return [_hosts(edition, row), Noted(words.day(row.ends_on), words.in_days(away)), edition.agency(row.agency), whom, _which(row)]


def _which(row: Any) -> Cell:
    """The notice by the day on which it fell due; one that goes out more than a day after that is still owed, and called late."""
    said = "after its end" if not row.days_before else f"{words.count(row.days_before, 'day')} before"
    said = f"{said}, late" if row.is_late else said
    return Noted(said, "copy") if row.kind == "copy" else said


def _hosts(edition: Edition, row: Any) -> Cell:
    usual = edition.common_names.get(row.certificate, row.certificate)
    names = sorted(row.names.split(), key=lambda name: name != usual) or [usual]
    return Noted(names[0], f"and {len(names) - 1} more") if len(names) > 1 else names[0]


def _state(row: Any, root: str) -> Cell:
    word, state = _STATES[row.state]
    if row.state == "sent":
        sent = "may have come twice" if row.doubts else "sent"
        return Noted(row.sent_on, f"{sent}; {_SINCE[row.since]}" if row.since in _SINCE else sent)
    if row.state == "due" and row.message_id:
        path = notice_mail.path_of(row.message_id)
        return download(root, path, "to be sent")
    return Noted(word, row.detail, state) if row.detail else Chip(word, state)
