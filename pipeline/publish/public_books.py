"""The books as the public edition may see them: an allow-list of columns. A page cannot show what is not in the books that it is made from.

Columns stay, so that one page serves both editions. Of text only what stands in `_AS_IT_IS` is kept: our own words, months, tiers, the
services whose availability is published, and the list of server software, which is written to be published. What only tells rows apart or
joins tables is numbered in the order of the names, host names label by label, so that every count and every choice comes out as in the
internal edition. All other text is empty: contacts, names of hosts, people, agencies and files, numbers of orders, what somebody wrote
freely. Numbers, days and flags stay: no name fits into them (facts/bad-inputs-and-crash-safety.md §3.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

import pandas as pd

from pipeline.contracts import REQUESTS, Books
from pipeline.hosts import names_of
from pipeline.service import MEASURES_DECLARED
from pipeline.settings import Settings
from pipeline.software import families

# Text that is shown, or that figures are chosen by, table by table; `Closed` has the same tables under the same names.
_AS_IT_IS: dict[str, tuple[str, ...]] = {
    "certificates": ("key_type", "tier", "status", "role", "trust", "key_curve", "parse_status"),
    "lints": ("lint", "severity", "applies"),
    "continuity": ("period", "band"),
    "renewals": ("outcome", "band"),
    "requests": ("kind", "tier", "status", "verdict", "on_time_by_close", "on_time_by_hours"),
    "episodes": ("status",),
    "notices": ("state", "kind"),
    "reconciliation": ("class",),
    "ledger": ("period", "kind", "tier", "class"),
    "waiting": ("kind",),
    "invoices": ("period", "status"),
    "lots": ("tier",),
    "recovery": ("tier", "basis"),
    "measures": ("measure", "period", "dimension", "unit", "verdict", "first_published"),
    "limits": ("measure", "dimension", "baseline_from", "baseline_to"),
    "restated": ("measure", "period", "dimension", "unit", "first_published", "why"),
    "findings": ("code", "severity", "action"),
    "inputs": ("kind", "role"),
    "sources": ("kind", "freshness", "drift"),
    "places": ("became",),
    "outages": ("service", "kind"),
    "hosts": ("state",),
    "server_software": ("name", "vendor", "note"),
    "forecast": ("month", "tier", "trust"),
    "habits": ("usual_way",),
    "workload": ("month",),
    "paid_before": ("basis", "since"),
    "scenarios": ("scenario", "basis", "breaks_in"),
    "units_needed": ("tier", "basis", "first_short"),
    "periods": ("period",),
}
# Text that tells rows apart: the name of the column, and what it names.
_NUMBERED = {
    "agency": "agency", "billed_to": "agency", "successor": "agency", "account_id": "account",
    "certificate": "certificate", "replaces": "certificate", "superseded_by": "certificate", "replaced_by": "certificate",
    "paid_before": "certificate",
    "order_id": "order", "request_id": "request", "lot_id": "lot", "file": "file", "sheet": "sheet", "invoice_no": "invoice",
    "entry_id": "entry", "reverses": "entry", "takes_back": "entry", "amends": "entry", "adjusts": "entry", "adjustment": "adjustment",
    "decision": "decision",
}  # fmt: skip
# Columns in which people write freely beside our own words: only these words are kept, and that there was another.
_OUR_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("ledger", "reason"): frozenset({"new term"}),
    ("findings", "column"): frozenset(REQUESTS.names),
    ("notes", "measure"): frozenset({"", "availability", "continuity", "renewal", *(measure.id for measure in MEASURES_DECLARED)}),
}
_WHETHER = {"certificates": ("contact_email",)}  # of which only is told whether there is one
_HOSTS = ("host", "names")  # columns of host names, several separated by one space
# Members of a dimension that are our own words or published anyway; those of others are numbered.
_OPEN_DIMENSIONS = ("office", "kind", "tier", "service", "software")


def public_books(books: Books) -> Books:
    """`books` with nothing in them that the public edition may not show; every table has its columns and rows."""
    named = _with_families(books)
    tables = dict(_tables(named))
    numbers = _numbers(tables.values())
    labels = _labels(tables.values())
    kept = {name: _kept(name.rpartition(".")[2], frame, numbers, labels) for name, frame in tables.items()}
    closed = replace(named.closed, **{name.partition(".")[2]: frame for name, frame in kept.items() if "." in name})
    return replace(named, closed=closed, **{name: frame for name, frame in kept.items() if "." not in name})


def public_settings(settings: Settings) -> Settings:
    """`settings` without what they say of files and of issuers."""
    return settings.model_copy(update={"source": (), "trust": settings.trust.model_copy(update={"private_issuers": ()})})


def _with_families(books: Books) -> Books:
    """The books in which a family of server software, and a certificate that belongs to it, has one made-up word for it."""
    software = books.server_software
    words = pd.Series([f"family{number}" for number in range(len(software))], index=software.index, dtype="str")
    word_of = dict(zip(software["name"], words, strict=True))
    found = families(books.certificates["server_software"], software).map(lambda name: word_of.get(name, "")).astype("str")
    return replace(
        books,
        certificates=books.certificates.assign(server_software=found),
        server_software=software.assign(match=words),
    )


def _tables(books: Books) -> Iterator[tuple[str, pd.DataFrame]]:
    for owner, before in ((books, ""), (books.closed, "closed.")):
        for one in fields(owner):
            frame = getattr(owner, one.name)
            if isinstance(frame, pd.DataFrame):
                yield f"{before}{one.name}", frame


def _numbers(frames: Iterable[pd.DataFrame]) -> dict[str, dict[str, str]]:
    """Of each kind of name every one that any table has, and its number, in the order of the names; '' stays ''."""
    found: dict[str, set[str]] = {kind: set() for kind in (*_NUMBERED.values(), "member")}
    for frame in frames:
        for column in frame.columns.intersection([*_NUMBERED, "member"]):
            found[_NUMBERED.get(column, "member")].update(frame[column].unique())
    found["agency"] |= found["member"]  # the members of the dimension agency are the agencies of the other tables
    found["member"] = found["agency"]
    return {kind: _numbered(names, "n") for kind, names in found.items()}


def _labels(frames: Iterable[pd.DataFrame]) -> dict[str, str]:
    """Every label of a host name that any table has, and its number; `*` stays what it is."""
    texts = {text for frame in frames for column in frame.columns.intersection([*_HOSTS]) for text in frame[column].unique()}
    labels = {label for text in texts for name in names_of(text) for label in name.split(".")}
    return _numbered(labels - {"*"}, "h") | {"*": "*"}


def _numbered(names: set[str], letter: str) -> dict[str, str]:
    ordered = sorted(names - {""})
    width = len(str(len(ordered)))
    return {"": ""} | {name: f"{letter}{number:0{width}}" for number, name in enumerate(ordered)}


def _kept(table: str, frame: pd.DataFrame, numbers: dict[str, dict[str, str]], labels: dict[str, str]) -> pd.DataFrame:
    changed: dict[str, Any] = {}
    for name in frame.columns[frame.dtypes == "str"]:
        cells = frame[name]
        if name in _AS_IT_IS.get(table, ()) or (name, table) in _OF_FAMILIES:
            continue
        if (table, name) in _OUR_WORDS:
            changed[name] = cells.where(cells.isin(_OUR_WORDS[table, name]), "other")
        elif name in _HOSTS:
            changed[name] = cells.map({text: _host_numbers(text, labels) for text in cells.unique()})
        elif name == "member":
            changed[name] = cells.where(frame["dimension"].isin(_OPEN_DIMENSIONS), cells.map(numbers["member"]))
        elif name in _NUMBERED:
            changed[name] = cells.map(numbers[_NUMBERED[name]])
        elif name in _WHETHER.get(table, ()):
            changed[name] = cells.where(cells == "", "known")
        else:
            changed[name] = ""
    return frame.assign(**{name: pd.Series(cells, index=frame.index, dtype="str") for name, cells in changed.items()})


_OF_FAMILIES = (("server_software", "certificates"), ("match", "server_software"))  # made up by `_with_families`


def _host_numbers(text: str, labels: dict[str, str]) -> str:
    return " ".join(".".join(labels[label] for label in name.split(".")) for name in names_of(text))
