"""The lists of the workbook of certificates: what ends and expired, rules broken, figures by agency, keys and issuers, the inventory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from pipeline.calendar import local_days
from pipeline.contracts import Books
from pipeline.lints import RULES
from pipeline.publish import in_force, rule_breaks, words
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.publish.workbooks.lines import ROW_OR_LINE, day_numbers, optional
from pipeline.settings import Settings

# Far below what a sheet can hold (1,048,576 rows): as for findings, a longer list helps nobody in Excel, and the table has them all.
MOST_ROWS = 20_000
NO_AGENCY, NO_ISSUER, NO_FILE, NO_TIER, NO_ORDER = "not known", "not told", "no certificate file", "not known", "no number"
_NO_CONTACT, _NO_SERIAL, _NO_DATE, _NO_NAME = "no contact", "not in the export", "cannot be read", "no name in the certificate"
_RETIRED = "host retired"


def write_ending(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """What expired without a successor, newest first, then what ends within 90 days, soonest first, with who is told of it."""
    over = in_force.most_urgent_first(in_force.lapses(books, as_of), books, as_of)
    due = in_force.most_urgent_first(in_force.ending(in_force.to_renew(books, as_of), in_force.SPANS[-1]), books, as_of)
    every = pd.concat([over, due])
    rows = every.iloc[:MOST_ROWS]
    told = in_force.who_is_told(books, settings, as_of)
    whom = list(map(told, rows["certificate"], rows["contact_email"], rows["agency"]))
    write_grid(
        book.sheet("Ending and expired"),
        "EndingAndExpired",
        [
            Field("When", "text", [_when(*one) for one in zip(rows["days_left"].astype("int64"), rows["status"], strict=True)]),
            _hosts(rows, 32),
            _valid_to(rows, settings),
            Field("Days\nleft", "whole", optional(rows["days_left"])),
            Field("Agency", "text", rows["agency"].tolist(), absent=NO_AGENCY),
            Field("Who is told", "wrapped", [one.address for one in whom], widest=32),
            Field("Whose address", "wrapped", [one.remark for one in whom], absent="its own contact", widest=22),
            Field("Tier", "text", rows["tier"].tolist(), absent=NO_TIER),
            Field("Order", "wrapped", rows["order_id"].tolist(), absent=NO_ORDER, widest=16),
        ],
        not_printed=[
            Field("Serial", "mono", rows["serial"].tolist(), absent=_NO_SERIAL, widest=36),
            Field("Issuer", "text", rows["issuer"].tolist(), absent=NO_ISSUER, widest=40),
            Field("Runs on", "text", rows["server_software"].tolist(), absent="not told", widest=30),
            Field("Certificate", "mono", rows["certificate"].tolist(), widest=70),
        ],
        about="What expired without a successor, and what ends within 90 days, soonest first.",
        note=_note(len(every), "What expired comes first: each left at least one host name without a certificate."),
        empty="Nothing expired without a successor, and nothing in force ends within 90 days.",
    )


def write_rule_breaks(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Each rule that a certificate in use or not yet valid breaks, gravest first, with what its owner must do and by when."""
    every = rule_breaks.in_use_or_to_come(books, as_of)
    rows = every.iloc[:MOST_ROWS]
    rules = [RULES[lint] for lint in rows["lint"]]
    write_grid(
        book.sheet("Rule breaks"),
        "RuleBreaks",
        [
            Field("Grade", "text", rows["severity"].tolist()),
            Field("Rule", "wrapped", [rule.title for rule in rules], widest=30),
            _hosts(rows, 30),
            Field("Agency", "text", rows["agency"].tolist(), absent=NO_AGENCY),
            _valid_to(rows, settings),
            Field("What was found", "wrapped", rows["detail"].tolist(), widest=34),
            Field("What to do", "wrapped", [rule.remedy for rule in rules], widest=40),
            Field(
                "By when",
                "wrapped",
                [rule_breaks.by_when(*found) for found in zip(rows["severity"], rows["status"], strict=True)],
                widest=20,
            ),
        ],
        not_printed=[
            Field("State", "text", _states(rows, books, as_of)),
            Field("Contact", "text", rows["contact_email"].tolist(), absent=_NO_CONTACT),
            Field("Issuer", "text", rows["issuer"].tolist(), absent=NO_ISSUER, widest=40),
            Field("Order", "text", rows["order_id"].tolist(), absent=NO_ORDER),
            Field("Serial", "mono", rows["serial"].tolist(), absent=_NO_SERIAL, widest=36),
            Field("Rule's name", "text", rows["lint"].tolist()),
            Field("Written in", "text", [rule.source for rule in rules], widest=50),
            Field("Certificate", "mono", rows["certificate"].tolist(), widest=70),
        ],
        about="Each rule that a certificate in use or not yet valid breaks, gravest first, with what to do and by when.",
        note=_note(len(every), _judged(in_force.certificates(books.certificates)), "tables/lints.csv"),
        empty="No certificate in use or not yet valid breaks a rule.",
    )


def _judged(current: pd.DataFrame) -> str:
    unjudged = rule_breaks.unjudged(current)
    private = words.count(unjudged.private, "certificate")
    return (
        f"{private} in force of internal authorities, and {unjudged.untold:,} that name no issuer, are not judged by rules of the Web; "
        f"{unjudged.without_file:,} without a whole certificate file were judged by dates, names and serial only."
    )


def write_agencies(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """The figures of each agency that has certificates."""
    servers = books.certificates[~books.certificates["is_ca"]]
    current, due, over = in_force.certificates(servers), in_force.to_renew(books, as_of), in_force.lapses(books, as_of)
    codes = sorted(books.certificates["agency"].unique(), key=lambda code: (code == "", code))
    found = rule_breaks.in_use_or_to_come(books, as_of)
    grave = found[found["severity"] == "error"].drop_duplicates("certificate")
    names = books.agencies.sort_values("valid_from", na_position="first", kind="stable").set_index("agency")["name"].to_dict()

    def counted(title: str, frame: pd.DataFrame) -> Field:
        numbers = frame["agency"].value_counts().to_dict()
        return Field(title, "whole", [int(numbers.get(code, 0)) for code in codes], total=True)

    write_grid(
        book.sheet("Agencies"),
        "Agencies",
        [
            Field("Agency", "text", codes, absent=NO_AGENCY),
            Field("Name", "wrapped", [str(names.get(code, "")) for code in codes], absent="not in agencies.csv", widest=40),
            counted("Known", servers),
            counted("In force", current),
            *(counted(f"Within {days} days", in_force.ending(due, days)) for days in in_force.SPANS),
            counted("Expired", over),
            counted("To replace now", grave),
            counted("Without a contact", current[current["contact_email"] == ""]),
        ],
        about="How many certificates each agency has, how many end soon, and how many expired.",
        note="Within 90 days counts also what ends within 60, 30 and 7 days. Expired: in the last 90 days, and nothing took over.",
        empty="No certificate is known yet.",
    )


def write_keys(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Keys, signature algorithms and issuers of what is in force: one row each, the most frequent first."""
    current = in_force.certificates(books.certificates)
    proven = len(in_force.with_key(current))
    rows = [
        (what, share.name, share.number, share.number / basis)
        for what, shares, basis in (
            ("Key", in_force.keys(current), proven),
            ("Signature algorithm", in_force.signatures(current), proven),
            ("Trust", in_force.trusts(current), len(current)),
            ("Issuer", in_force.issuers(current), len(current)),
        )
        for share in shares
    ]
    write_grid(
        book.sheet("Keys and algorithms"),
        "KeysAndAlgorithms",
        [
            Field("What", "text", [what for what, _, _, _ in rows]),
            Field("Which", "wrapped", [name for _, name, _, _ in rows], widest=60),
            Field("In force", "whole", [number for _, _, number, _ in rows]),
            Field("Share", "share", [share for _, _, _, share in rows]),
            Field("Quantum-ready", "text", [_readiness(what, name) for what, name, _, _ in rows], absent="does not apply"),
        ],
        about="How many certificates in force have which key, signature algorithm and issuer.",
        note=f"{in_force.known_keys(current)} Shares of keys and algorithms are of those whose key is known.",
        empty="No certificate is in force.",
    )


def write_inventory(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Every server's certificate, most urgent first; of more than `MOST_ROWS` the first, and a note where the rest is."""
    every = in_force.most_urgent_first(books.certificates, books, as_of)
    rows = every.iloc[:MOST_ROWS]
    places = books.places.set_index("source").reindex(rows["source"])
    write_grid(
        book.sheet("Inventory"),
        "Inventory",
        [
            _hosts(rows, 34),
            _valid_to(rows, settings),
            Field("Days\nleft", "whole", optional(rows["days_left"]), absent=_NO_DATE),
            Field("State", "text", _states(rows, books, as_of)),
            Field("Agency", "text", rows["agency"].tolist(), absent=NO_AGENCY),
            Field("Contact", "wrapped", rows["contact_email"].tolist(), absent=_NO_CONTACT, widest=30),
            Field("Issuer", "wrapped", rows["issuer"].tolist(), absent=NO_ISSUER, widest=28),
            Field("Key", "text", _keys(rows), absent=NO_FILE),
            Field("Order", "wrapped", rows["order_id"].tolist(), absent=NO_ORDER, widest=16),
        ],
        not_printed=[
            Field("Serial", "mono", rows["serial"].tolist(), absent=_NO_SERIAL, widest=36),
            Field("Tier", "text", rows["tier"].tolist(), absent=NO_TIER),
            Field("Other names", "text", rows["subject_alternative_names"].tolist(), absent="none", widest=50),
            Field("Valid from", "day", day_numbers(local_days(rows["valid_from"], settings.organization.zone)), absent=_NO_DATE),
            Field("Signed with", "text", rows["signature_algorithm"].tolist(), absent=NO_FILE),
            Field("Issued by", "text", [in_force.TRUST[said] for said in rows["trust"]]),
            Field("Certificate file", "text", [_FILES[status] for status in rows["parse_status"]]),
            Field("Runs on", "text", rows["server_software"].tolist(), absent="not told", widest=30),
            Field("Taken over by", "mono", rows["superseded_by"].tolist(), absent="none", widest=40),
            Field("Told by", "text", places["file"].tolist(), widest=44),
            Field("Row or\nline", "whole", [int(row) for row in places["row"]]),
            Field("Certificate", "mono", rows["certificate"].tolist(), widest=70),
        ],
        about="Every server's certificate, most urgent first.",
        note=_note(len(every), "In force and soonest to end first, then what is over; filter by agency or state. " + ROW_OR_LINE),
        empty="No certificate is known yet.",
    )


_FILES = {"ok": "read", "partial": "read in part", "failed": "cannot be read", "none": "none found"}


def _readiness(what: str, name: str) -> str:
    """Whether a kind of key withstands a quantum computer; '' for what is no key."""
    return "" if what != "Key" else "yes" if in_force.is_post_quantum(name) else "no"


def _hosts(rows: pd.DataFrame, widest: int) -> Field:
    named = [words.host_name(*names) for names in zip(rows["common_name"], rows["subject_alternative_names"], strict=True)]
    return Field("Host name", "wrapped", named, absent=_NO_NAME, widest=widest)


def _valid_to(rows: pd.DataFrame, settings: Settings) -> Field:
    return Field("Valid to", "day", day_numbers(local_days(rows["valid_to"], settings.organization.zone)), absent=_NO_DATE)


def _when(days_left: int, status: str) -> str:
    """The span that a certificate ends in, as a word to filter by; what ran out earlier today has expired."""
    if status == "expired":
        return "expired"
    first, last = next(span for span in in_force.spans() if days_left <= span[1])
    return f"within {last} days" if first == 0 else f"{first} to {last} days"


def _states(rows: pd.DataFrame, books: Books, as_of: dt.date) -> list[str]:
    said = rows["status"].str.replace("-", " ").replace({"active": "in force", "": "dates not known"})
    return said.mask(in_force.of_retired_hosts(rows, books, as_of), _RETIRED).tolist()


def _keys(rows: pd.DataFrame) -> Sequence[str]:
    return [in_force.key_name(*key) for key in zip(rows["key_type"], rows["key_bits"], rows["key_curve"], strict=True)]


def _note(found: int, note: str, table: str = "tables/certificates.csv") -> str:
    if found <= MOST_ROWS:
        return note
    return f"The first {MOST_ROWS:,} of {found:,}, most urgent first; all of them are in {table}."
