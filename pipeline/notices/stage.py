"""The stage: NOTICES of a day, from certificates, what is said of hosts, who may be told, and the journal of sending.

A notice is one certificate at one threshold. It is due from its day on until some days after the certificate has ended, so a run that
was missed loses none; of several that are due the nearest is sent, and serves the larger ones. What was sent is never due again.
Of a contact that lists several addresses each is told by itself: what one of them got leaves the notice of the others due.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline import hosts as host_names
from pipeline import thresholds
from pipeline.calendar import day_end, local_days
from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS, NOTICE_LOG, NOTICES, Stage
from pipeline.notices.addressees import Addressee, Choices, addressees, others_told
from pipeline.notices.copies import SENT_TWICE, copies
from pipeline.notices.doubts import ALL_REFUSED, doubts
from pipeline.notices.letters import MOST_DOUBTS, TO_SEND
from pipeline.notices.tried import Journal, Try
from pipeline.notices.uncovered import known, uncovered
from pipeline.settings import Settings

Row = dict[str, Any]
# What is read of CERTIFICATES: each choice among its rows would copy four dozen columns.
_READ = ["certificate", "serial", "agency", "names", "contact_email", "valid_from", "valid_to", "issued_on", "status", "is_ca",
         "superseded_by", "source"]  # fmt: skip
_MAIL_DOMAIN = "certledger.invalid"


@dataclass(frozen=True, slots=True)
class _Soon:
    """A certificate whose first threshold has passed, with what is left to see to; `due` are (threshold, its day), the first first."""

    certificate: str
    serial: str
    ends_at: pd.Timestamp
    ends_on: pd.Timestamp
    agency: str
    contact: str
    source: int
    names: tuple[str, ...]
    rest: str
    due: tuple[tuple[int, pd.Timestamp], ...]


def notices(
    certificates: pd.DataFrame, hosts: pd.DataFrame, agencies: pd.DataFrame, log: pd.DataFrame, settings: Settings, as_of: dt.date
) -> Stage:
    """NOTICES of CERTIFICATES, HOSTS, AGENCIES and NOTICE_LOG as of the end of `as_of`, by end, certificate and threshold.

    A certificate is told of from the day of its first threshold on, and still as many days after its end as its last threshold comes
    before it; one that ended earlier, of which nobody knows, is history. Findings: who cannot be told, or not the one who should be.
    """
    table, soon = _told(certificates, hosts, agencies, log, settings, as_of)
    return Stage(table, doubts(table, {one.certificate: (one.contact, one.source) for one in soon}, settings))


def without_findings(
    certificates: pd.DataFrame, hosts: pd.DataFrame, agencies: pd.DataFrame, log: pd.DataFrame, settings: Settings, as_of: dt.date
) -> pd.DataFrame:
    """The table of `notices` alone."""
    return _told(certificates, hosts, agencies, log, settings, as_of)[0]


def _told(
    certificates: pd.DataFrame, hosts: pd.DataFrame, agencies: pd.DataFrame, log: pd.DataFrame, settings: Settings, as_of: dt.date
) -> tuple[pd.DataFrame, list[_Soon]]:
    certificates, hosts, agencies = CERTIFICATES.check(certificates)[_READ], HOSTS.check(hosts), AGENCIES.check(agencies)
    journal = Journal(NOTICE_LOG.check(log))
    told, others = addressees(agencies, settings, as_of), others_told(agencies, settings, as_of)
    soon = list(_soon(certificates, hosts, settings, as_of))
    rows: list[Row] = []
    for one in soon:
        tries = journal.of(one.certificate, one.serial, one.ends_at)
        of_notices = _rows_of(one, [each for each in tries if each.kind == "notice"], told(one.contact, one.agency))
        of_copies = [each for each in tries if each.kind == "copy"]
        rows.extend(_together(of_notices, _copies_of(one, of_notices, of_copies, others(one.agency), settings, as_of)))
    rows = _with_message_ids(rows, settings.notices.sender)
    seen = {id(one) for each in soon for one in journal.of(each.certificate, each.serial, each.ends_at)}
    past = [one for one in journal.tries if id(one) not in seen and one.kind != "digest"]
    rows += _history(past, certificates, settings.organization.zone)
    table = NOTICES.frame(rows)
    order = {"ends_on": True, "certificate": True, "days_before": False, "contact_email": True, "kind": False}  # whether it ascends
    return NOTICES.check(table.sort_values(list(order), ascending=list(order.values()))), soon


def _soon(certificates: pd.DataFrame, hosts: pd.DataFrame, settings: Settings, as_of: dt.date) -> Iterator[_Soon]:
    """The certificates that a notice has fallen due of and that ended lately, if they have: revoked ones and those of CAs are none."""
    zone, today = settings.organization.zone, np.datetime64(as_of, "D")
    now = day_end(as_of, zone)
    days = thresholds.in_order(settings.notices.days_before)
    if not days:
        return
    part = certificates["valid_to"].notna() & ~certificates["is_ca"] & (certificates["status"] != "revoked")
    rows = np.flatnonzero((part & known(certificates, now, as_of)).to_numpy())
    told = certificates.iloc[rows]
    ends_on = local_days(told["valid_to"], zone).to_numpy(dtype="datetime64[D]")
    before = ahead(told, days)
    falls = ends_on[:, None] - before.astype("timedelta64[D]")
    last_day = ends_on + before.min(axis=1).astype("timedelta64[D]")
    concerned = np.flatnonzero((falls <= today).any(axis=1) & (today <= last_day))
    left = uncovered(certificates, rows[concerned].tolist(), now, as_of)
    retired = host_names.retired(hosts, as_of)
    columns = ["certificate", "serial", "valid_to", "agency", "contact_email", "source", "names", "superseded_by"]
    cells = told.iloc[concerned][columns].itertuples(index=False, name=None)
    for place, (name, serial, ends_at, agency, contact, source, names, taken_over) in zip(concerned, cells, strict=True):
        open_names = left[int(rows[place])]
        hosts_left = tuple(host for host in open_names if host not in retired)
        is_owed = bool(hosts_left) or not (host_names.names_of(names) or taken_over)
        rest = "" if is_owed else "retired" if open_names else "superseded"
        due = tuple((day, pd.Timestamp(on)) for day, on in zip(days, falls[place], strict=True) if on <= today)
        on = pd.Timestamp(ends_on[place])
        yield _Soon(name, serial, ends_at, on, agency, contact, int(source), hosts_left, rest, due)


def ahead(certificates: pd.DataFrame, days_before: Iterable[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many days before its end each of CERTIFICATES (row) is told of at each threshold (column), the first to fall due first; an
    unknown begin means a long life."""
    days = thresholds.in_order(days_before)
    life = (certificates["valid_to"] + pd.Timedelta(seconds=1) - certificates["valid_from"]).dt.days
    lives = life.fillna(np.iinfo(np.int32).max).to_numpy(dtype=np.int64)
    if not days:
        return np.empty((len(lives), 0), dtype=np.int64)
    return np.array([thresholds.shrunk(one, is_first=not place, lives=lives) for place, one in enumerate(days)]).T


def _rows_of(one: _Soon, tries: list[Try], choices: Choices) -> list[Row]:
    """Each threshold of a certificate that has fallen due: how it was served, or what is to be done; and whoever refused a notice.

    For each address of the contact that may be told, unless there is nothing left to tell.
    """
    days_on = dict(one.due)
    failed = [_row(one, each.days_before, days_on.get(each.days_before), _of_try(each), "failed") for each in tries if each.is_refused]
    if one.rest or not choices.contacts:
        return _together([*failed, *_served_or_open(one, tries, choices.instead)])
    everybody, nearest = {each.address for each in choices.contacts}, one.due[-1][0]
    refused = {each.address for each in tries if each.is_refused and each.days_before == nearest}
    is_refused_by_all = everybody <= refused
    instead = choices.instead if is_refused_by_all else ()
    rows = failed
    for contact in choices.contacts:
        mine = [each for each in tries if each.address not in everybody - {contact.address}]
        found = _served_or_open(one, mine, (contact, *instead))
        rows.extend(row for row in found if is_refused_by_all or row["state"] != "no-contact")  # another of the contact's is told
    return _together(rows)


def _served_or_open(one: _Soon, tries: list[Try], choices: Iterable[Addressee]) -> list[Row]:
    """Each threshold that has fallen due, for the first of the `choices` who has not refused.

    Whatever of `tries` was sent serves it: what went to a former contact, or to somebody instead, is not sent to the present one again.
    """
    sent = sorted((each for each in tries if each.sent_at is not None), key=lambda each: -each.days_before)
    served, unserved = [], []
    for days, on in one.due:
        by = next((each for each in sent if each.days_before <= days), None)
        if by is None:
            unserved.append((days, on))
        else:
            served.append(_row(one, days, on, _of_try(by) | {"served_by": by.days_before}, "sent"))
    return [*served, *_open_rows(one, unserved, tries, choices)]


def _together(rows: Iterable[Row], more: Iterable[Row] = ()) -> list[Row]:
    """Rows of one certificate, the last of each threshold, address and kind; of `more` none is still sent to whom one of `rows` is for.

    What went out stays: an address may have had a copy before it was told in place of one that refused.
    """
    found = {(row["days_before"], row.get("contact_email", ""), row["kind"]): row for row in rows}
    told = {(days, address) for days, address, _ in found}
    for row in more:
        days, address = row["days_before"], row["contact_email"]
        if (days, address) not in told or row["state"] not in TO_SEND or row["doubts"] >= MOST_DOUBTS:
            found[days, address, row["kind"]] = row
    return list(found.values())


def _copies_of(one: _Soon, rows: list[Row], tries: list[Try], others: list[Addressee], settings: Settings, as_of: dt.date) -> list[Row]:
    """Who is told beside the one whom `rows` are for, or was. Once nothing is left to tell, a copy that has not gone out rests too."""
    second = thresholds.in_order(settings.notices.days_before)[1:2]
    told = [row["contact_email"] for row in rows if [row["days_before"]] == second and row.get("contact_email")]
    due = () if one.rest else one.due
    chosen = settings.notices.model_copy(update={"copy_at": ()}) if one.rest else settings.notices
    found = copies(due, one.ends_on, told, tries, others, chosen, as_of)
    rested = {"state": one.rest} if one.rest else {}
    told_of = [cells | {"kind": "copy"} | (rested if cells["state"] in TO_SEND else {}) for cells in found]
    return [_row(one, cells["days_before"], cells["due_on"], cells, cells["state"]) for cells in told_of]


def _open_rows(one: _Soon, unserved: list[tuple[int, pd.Timestamp]], tries: list[Try], choices: Iterable[Addressee]) -> Iterator[Row]:
    """What is to be done about the thresholds that nothing served yet: one notice, of the nearest, serves them all."""
    if not unserved:
        return
    nearest = unserved[-1][0]
    state, more = _to_do(one, [each for each in tries if each.days_before == nearest], choices)
    for days, on in unserved:
        yield _row(one, days, on, more | {"served_by": nearest}, state)


def _to_do(one: _Soon, tries: list[Try], choices: Iterable[Addressee]) -> tuple[str, Row]:
    """The state of the notice to be sent, after these `tries` to send it, and what follows from it.

    Whoever refused it is passed over, so that the next choice is told. What was sent without an answer is due to be sent once more.
    """
    if one.rest:
        return one.rest, {}
    refused = {each.address for each in tries if each.is_refused}
    choice = next((each for each in choices if each.address not in refused), None)
    if choice is None:
        return "no-contact", {"detail": ALL_REFUSED} if refused else {}
    as_whom = {"contact_email": choice.address, "addressed_as": choice.told_as}
    before = [each for each in tries if each.address == choice.address]
    doubtful = next((each for each in reversed(before) if each.doubts), None)
    if doubtful is None:
        return "due", as_whom | {"detail": before[-1].why if before else ""}
    return "in-doubt", _of_try(doubtful) | as_whom | {"detail": SENT_TWICE if doubtful.doubts > 1 else doubtful.why}


def _row(one: _Soon, days: int, on: pd.Timestamp | None, more: Row, state: str) -> Row:
    return {
        "certificate": one.certificate,
        "days_before": days,
        "due_on": on,
        "state": state,
        "ends_on": one.ends_on,
        "agency": one.agency,
        "names": " ".join(one.names),
        "served_by": days,
        "doubts": 0,
        "ends_at": one.ends_at,
        "kind": "notice",
    } | more


def _of_try(one: Try) -> Row:
    return {"contact_email": one.address, "message_id": one.message_id, "sent_at": one.sent_at, "doubts": one.doubts, "detail": one.why}


def _with_message_ids(rows: list[Row], sender: str) -> list[Row]:
    """The rows, those that are due with the Message-ID of the one message that tells its address of all of them.

    It follows from what the message tells of, so a run that is repeated makes the same; what is in doubt keeps the one it was sent with.
    """
    together: dict[str, list[str]] = {}
    for row in rows:
        if row["state"] == "due":
            told = f"{row['certificate']}|{row['served_by']}|{row['ends_at'].isoformat()}" + ("" if row["kind"] == "notice" else "|copy")
            together.setdefault(row["contact_email"], []).append(told)
    ids = {address: _message_id(address, told, sender) for address, told in together.items()}
    return [row | {"message_id": ids[row["contact_email"]]} if row["state"] == "due" else row for row in rows]


def _message_id(address: str, told: Iterable[str], sender: str) -> str:
    text = "\n".join([address, *sorted(set(told))])
    domain = sender.rpartition("@")[2] or _MAIL_DOMAIN
    return f"<{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:40]}@{domain}>"


def _history(past: list[Try], certificates: pd.DataFrame, zone: ZoneInfo) -> Iterator[Row]:
    """What the journal tells of certificates that nobody has to be told of any more."""
    agencies = dict(zip(certificates["certificate"], certificates["agency"], strict=True)) if past else {}
    seen: set[tuple[str, int, str, str]] = set()
    for one in reversed(past):
        key = (one.certificate, one.days_before, one.address, one.kind)
        if key in seen:
            continue
        seen.add(key)
        state = "sent" if one.sent_at is not None else "in-doubt" if one.doubts else "failed"
        yield {
            "certificate": one.certificate,
            "days_before": one.days_before,
            "state": state,
            "ends_on": one.ends_at.tz_convert(zone).tz_localize(None).normalize(),
            "agency": agencies.get(one.certificate, ""),
            "served_by": one.days_before,
            "kind": one.kind,
        } | _of_try(one)
