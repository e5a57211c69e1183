"""What is in force on the day of the edition, counted: what ends soon, who is told, and the keys and issuers it rests on.

Pages and the workbook of certificates show the same figures because both count here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline import hosts, notices
from pipeline.calendar import local_days
from pipeline.certificates import LAPSED_WITHIN_DAYS, lapsed
from pipeline.contracts import Books
from pipeline.forecast import POST_QUANTUM
from pipeline.mail_addresses import addresses_in, as_contact
from pipeline.notices.cases import Case, ended_earlier, open_cases
from pipeline.publish import words
from pipeline.settings import Settings

# The spans of days in which people plan a renewal, the nearest first.
SPANS = (7, 30, 60, 90)
NO_NAMED_ISSUER = "issuer not told"
NOBODY = "nobody"
TRUST = {"public": "public authority", "private": "internal authority or self-signed", "": NO_NAMED_ISSUER}
# Most urgent first: what still counts and ends soonest, then what is yet to count, then what is over.
_ORDER = {"active": 0, "not-yet-valid": 1, "": 2, "expired": 3, "superseded": 4, "revoked": 5}


@dataclass(frozen=True, slots=True)
class Share:
    """How many certificates have something in common, such as a kind of key."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told before a certificate ends, several addresses joined by a comma; `instead` says whose address it is where the certificate
    has no contact of its own, which of its contact's addresses are left out, or that nobody was told of one that has ended; `on` is the
    local day on which they were told of its end, of one that has ended."""

    address: str
    instead: str = ""
    on: dt.date | None = None

    @property
    def remark(self) -> str:
        """What is to be said beside the address; "" where it is the contact's own."""
        return self.instead or (f"told on {words.day(self.on)}" if self.on else "")


def certificates(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of CERTIFICATES of servers that are valid and that no later one has taken over from."""
    return table[_are_in_force(table)]


def _are_in_force(table: pd.DataFrame) -> pd.Series[Any]:
    return (table["status"] == "active") & ~table["is_ca"]


def number(table: pd.DataFrame) -> int:
    """How many `certificates` of `table` are in force."""
    return int(_are_in_force(table).sum())


def of_all(table: pd.DataFrame) -> str:
    """What a count of some certificates in force is a part of: `of 242 certificates in force`, or that there is none."""
    every = number(table)
    return f"of {words.count(every, 'certificate')} in force" if every else "no certificate is in force"


def most_urgent_first(table: pd.DataFrame, books: Books, as_of: dt.date) -> pd.DataFrame:
    """Servers' certificates of `table`, those in force that end soonest at the top; expired ones the newest first, those of hosts that
    are retired on `as_of` last."""
    ours = table[~table["is_ca"]]
    rank = ours["status"].map(_ORDER).where(hosts.still_matter(ours, books.hosts, as_of), len(_ORDER))
    order = pd.DataFrame({"rank": rank, "distance": ours["days_left"].abs(), "name": ours["common_name"], "key": ours["certificate"]})
    return ours.loc[order.sort_values(["rank", "distance", "name", "key"], kind="stable").index]


def of_retired_hosts(table: pd.DataFrame, books: Books, as_of: dt.date) -> pd.Series[Any]:
    """Which rows of `table` are called `host retired`, whatever their dates say: bool, its index. What was taken back or over is not."""
    return ~hosts.still_matter(table, books.hosts, as_of) & ~table["status"].isin(("superseded", "revoked"))


def to_renew(books: Books, as_of: dt.date) -> pd.DataFrame:
    """Those in force that somebody has to renew: not those all of whose hosts are retired on `as_of`."""
    current = certificates(books.certificates)
    return current[hosts.still_matter(current, books.hosts, as_of)]


def lapses(books: Books, as_of: dt.date) -> pd.DataFrame:
    """What lapsed and left a host without a certificate that is not retired on `as_of`."""
    return lapsed(books.certificates, hosts.retired(books.hosts, as_of))


def not_renewed(books: Books, settings: Settings, as_of: dt.date) -> tuple[list[Case], list[Case]]:
    """What ends or has ended and is not renewed: the cases that people are told of, and what else `lapses`, of which nobody is told now."""
    cases, over = open_cases(books.notices, books.certificates, as_of), lapses(books, as_of)
    return cases, ended_earlier(over, books.notices, local_days(over["valid_to"], settings.organization.zone), cases)


def sentence(due: pd.DataFrame, over: pd.DataFrame) -> str:
    """How many of those `due` end within 30 days, for how many of them nobody can be told, and how many are `over` without a successor."""
    soon = ending(due, 30)
    lapse = f" {words.count(len(over), 'certificate')} expired in the last {LAPSED_WITHIN_DAYS} days and nothing took over."
    lapse = lapse if len(over) else ""
    if soon.empty:
        return f"No certificate in force expires within 30 days.{lapse}"
    alone = int((soon["contact_email"] == "").sum())
    told = f"{words.count(alone)} of them {'has' if alone == 1 else 'have'} no contact" if alone else "each has a contact"
    verb = "expires" if len(soon) == 1 else "expire"
    return f"{words.count(len(soon), 'certificate')} in force {verb} within 30 days; {told}.{lapse}"


def ending(current: pd.DataFrame, days: int, after: int = -1) -> pd.DataFrame:
    """Those of `current` whose last day is at most `days` away, and more than `after` days."""
    return current[((current["days_left"] <= days) & (current["days_left"] > after)).fillna(False).astype(bool)]


def spans() -> list[tuple[int, int]]:
    """Each of `SPANS` as the days that it adds to the one before: its first and its last day from today."""
    begins = [0, *(days + 1 for days in SPANS)]
    return list(zip(begins, SPANS, strict=False))


def with_key(current: pd.DataFrame) -> pd.DataFrame:
    """Those whose key is known, which a certificate file proves; an export tells none that counts."""
    return current[current["key_type"] != ""]


def trusts(current: pd.DataFrame) -> list[Share]:
    """How many certificates the public trusts, by who issued them, the most frequent first."""
    return _shares([TRUST[said] for said in current["trust"].tolist()])


def known_keys(current: pd.DataFrame) -> str:
    """Of how many certificates in force the key is known at all, in a sentence."""
    if current.empty:
        return "No certificate is in force."
    known = int((current["key_type"] != "").sum())
    verb = "has" if known == 1 else "have"
    stated = f"Of {words.count(len(current), 'certificate')} in force, {known:,} {verb} a certificate file that tells the key"
    unknown = len(current) - known
    if not unknown:
        return f"{stated}."
    rest = "is known from exports alone, so its key is" if unknown == 1 else "are known from exports alone, so their keys are"
    return f"{stated}; {unknown:,} {rest} not known."


def post_quantum(current: pd.DataFrame) -> str:
    """How many keys would withstand a quantum computer, in a sentence; "" where no key is known."""
    known = with_key(current)
    if known.empty:
        return ""
    ready = sum(map(is_post_quantum, known["key_type"].tolist()))
    return (
        f"Ready for quantum computers: {'none' if not ready else f'{ready:,}'} of the {len(known):,} with a certificate file "
        f"{'has' if ready <= 1 else 'have'} a key of a kind that NIST has standardised for them (ML-DSA, SLH-DSA)."
    )


def is_post_quantum(kind: str) -> bool:
    """Whether a key of this kind withstands a quantum computer, as far as NIST's standards say."""
    return kind.startswith(POST_QUANTUM)


def key_name(kind: str, bits: Any, curve: str) -> str:
    """A key as people call it: `RSA 2048`, `EC P-256`, `Ed25519`."""
    return " ".join(part for part in (kind, curve or ("" if pd.isna(bits) else str(bits))) if part)


def keys(current: pd.DataFrame) -> list[Share]:
    """How many of those with a known key have which type and size, the most frequent first."""
    known = with_key(current)
    columns = (known[name].tolist() for name in ("key_type", "key_bits", "key_curve"))
    return _shares([key_name(*key) for key in zip(*columns, strict=True)])


def signatures(current: pd.DataFrame) -> list[Share]:
    """How many of those with a known key are signed by which algorithm, the most frequent first."""
    return _shares([name or "cannot be read" for name in with_key(current)["signature_algorithm"].tolist()])


def issuers(current: pd.DataFrame) -> list[Share]:
    """How many certificates come from which issuer, the most frequent first."""
    return _shares([issuer or NO_NAMED_ISSUER for issuer in current["issuer"].tolist()])


_INSTEAD = {"security-contact": "the agency's security contact", "service-owner": "the service owner"}


def who_is_told(books: Books, settings: Settings, as_of: dt.date) -> Callable[[str, str, str], Told]:
    """Who is told of a certificate on `as_of`, by its name ("" for any), its contact and its agency: whom `notices.addressees` names first
    but for those who refused the last notice of it, and why others. Of one that ended, and nothing took over, who was."""
    choices, refusals = notices.addressees(books.agencies, settings, as_of), _refusals(books.notices)
    ended = {one.certificate: one for cases in not_renewed(books, settings, as_of) for one in cases if one.days_left < 0}

    @cache  # a thousand certificates have the same contact
    def told(contact: str, agency: str, refused: frozenset[str]) -> Told:
        listed, may_be = addresses_in(contact), choices(contact, agency)
        first = may_be.first(refused)
        address = as_contact(one.address for one in first)
        if first and first[0].told_as == "contact":
            barred, lost = len(listed) - len(may_be.contacts), len(may_be.contacts) - len(first)
            of_all = f"of its contact's {len(listed)} addresses"
            said = [f"{barred:,} {of_all} may not be told"] if barred else []
            return Told(address, "; ".join([*said, f"{lost:,} {of_all} refused by the mail server"] if lost else said))
        why = "no contact" if not contact else "its contact is no address" if not listed else "its contact may not be told"
        why = "the mail server refused its contact" if may_be.contacts else why
        return Told(address, f"{why}; {_INSTEAD[first[0].told_as]}") if first else Told(NOBODY, f"{why}, and nobody else is known")

    def of_this(certificate: str, contact: str, agency: str) -> Told:
        now, case = told(contact, agency, refusals.get(certificate, frozenset())), ended.get(certificate)
        return _of_its_end(case, now, settings.organization.zone) if case else now

    return of_this


def _of_its_end(case: Case, now: Told, zone: ZoneInfo) -> Told:
    """Who was told that a certificate ended, or whom to ask `now` where nobody was."""
    if case.told_at is not None:
        return Told(case.address, on=case.told_at.tz_convert(zone).date())
    if now.address == NOBODY:
        return now
    why = {"untold": "was not told of its end", "in-doubt": "a notice may have come", "refused": "refused the notice of its end"}
    return Told(now.address, why.get(case.standing, "to be told of its end"))


def _refusals(rows: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Certificate -> the addresses that the mail server refused when its last notice was sent, by NOTICES: the next one tries them anew."""
    rows = rows[rows["kind"] == "notice"]
    last = rows[rows["days_before"] == rows.groupby("certificate")["days_before"].transform("min")]
    failed = last[last["state"] == "failed"]
    return {str(name): frozenset(addresses) for name, addresses in failed.groupby("certificate")["contact_email"]}


def _shares(names: list[str]) -> list[Share]:
    numbers = pd.Series(names, dtype="str").value_counts()
    return sorted((Share(str(name), int(number)) for name, number in numbers.items()), key=lambda share: (-share.number, share.name))
