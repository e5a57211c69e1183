"""The open questions of a run, as a table: what is asked, where it stands, what waits for it, and what is likely meant."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline import agencies as agency_codes
from pipeline.contracts import QUESTIONS, Inbox
from pipeline.entries.guesses import Evidence, Guess, closest
from pipeline.entries.question_names import KIND_WORDS, key_of, question_id
from pipeline.settings import Settings

_LIVING = ("active", "not-yet-valid")
_GENERAL = {"agency": "name", "tier": "product", "kind": "kind"}
_ASKED = {
    ("agency", "domain"): "Who looks after the hosts in this domain?",
    ("agency", ""): "Which agency is meant by this spelling?",
    ("tier", ""): "Which tier is this product?",
    ("kind", ""): "Which kind of request is this?",
}


@dataclass(slots=True)
class _Question:
    """A question as it is being gathered; `sources` are the places of all rows that it is about."""

    kind: str
    value: str
    matches: set[str] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)
    requests: int = 0
    certificates: int = 0
    orders: int = 0
    least: int = 0
    most: int = 0

    @property
    def match(self) -> str:
        """Where the answer is to hold: at the one kind of word that the spelling stands for, else anywhere."""
        return next(iter(self.matches)) if len(self.matches) == 1 else _GENERAL[self.kind]


def ask(
    inbox: Inbox, certificates: pd.DataFrame, waiting: pd.DataFrame, unexplained: pd.DataFrame, settings: Settings, as_of: dt.date
) -> pd.DataFrame:
    """QUESTIONS, what most money waits for first; of those without money hosts come last.

    Takes CERTIFICATES, WAITING and UNEXPLAINED (of the requests), and the rows in force of the inbox. Asked are: spellings that mean no
    agency, products that mean no tier, words that are no kind of request, and domains of hosts in use that nobody is known to own.
    """
    asked: dict[tuple[str, str, str], _Question] = {}
    _of_certificates(asked, inbox, certificates)
    _of_money(asked, waiting)
    _of_requests(asked, unexplained)
    _gather_domains(asked)
    seen = _domains(certificates, unexplained)
    evidence = _evidence(inbox, certificates, as_of)
    told = [_row(question, _guess(question, seen, evidence, inbox, settings)) for question in asked.values()]
    told.sort(
        key=lambda row: (-row["most_cents"], row["match"] == "domain", -row["certificates"], -row["requests"], row["kind"], row["value"])
    )
    return QUESTIONS.frame(told)


def _question(asked: dict[tuple[str, str, str], _Question], kind: str, match: str, value: str) -> _Question:
    """The question about this spelling, whatever kind of word it is; one about a domain stands for itself."""
    key = key_of(kind, match if match == "domain" else "", value)
    found = asked.setdefault(key, _Question(kind, value))
    found.matches.add(match)
    return found


def _of_certificates(asked: dict[tuple[str, str, str], _Question], inbox: Inbox, certificates: pd.DataFrame) -> None:
    """Agencies that exports write and nobody knows; and, where none is written, the domains of hosts in use."""
    nobody = certificates[certificates["agency"] == ""]
    written = inbox.export_rows.set_index("source")[["agency_text", "agency_match"]].reindex(nobody["source"])
    in_use = (nobody["status"].isin(_LIVING) & ~nobody["is_ca"]).tolist()
    texts, matches = written["agency_text"].fillna("").tolist(), written["agency_match"].fillna("").tolist()
    for text, match, names, source, used in zip(texts, matches, nobody["names"], nobody["source"].tolist(), in_use, strict=True):
        domain = "" if text else agency_codes.domain_of(names)
        if text:
            _question(asked, "agency", match, text).sources.add(source)
        elif domain and used:
            _question(asked, "agency", "domain", domain).sources.add(source)


def _of_money(asked: dict[tuple[str, str, str], _Question], waiting: pd.DataFrame) -> None:
    """What waits for each answer that an alias can give: a rate is the settings', and where nothing is written nothing can be answered."""
    for row in waiting[(waiting["kind"] != "rate") & (waiting["value"] != "")].to_dict("records"):
        question = _question(asked, row["kind"], row["match"], row["value"])
        question.sources.update(map(int, row["sources"].split()))
        question.orders += row["orders"]
        question.least += row["least_cents"]
        question.most += row["most_cents"]


def _gather_domains(asked: dict[tuple[str, str, str], _Question]) -> None:
    """An answer about a domain holds for all below it, so a domain below one that is asked about is not asked about itself."""
    for key in sorted((key for key in asked if key[1] == "domain"), key=lambda key: -len(key[2])):
        labels = key[2].split(".")
        above = (key_of("agency", "domain", ".".join(labels[place:])) for place in range(1, len(labels)))
        if nearest := next((domain for domain in above if domain in asked), None):
            below, question = asked.pop(key), asked[nearest]
            question.sources |= below.sources
            question.orders += below.orders
            question.least += below.least
            question.most += below.most


def _of_requests(asked: dict[tuple[str, str, str], _Question], unexplained: pd.DataFrame) -> None:
    for kind, match, value, source in unexplained[["kind", "match", "value", "source"]].itertuples(index=False, name=None):
        question = _question(asked, kind, match, value)
        question.sources.add(source)
        question.requests += 1


def _row(question: _Question, guess: Guess) -> dict[str, Any]:
    asked = _ASKED.get((question.kind, question.match), _ASKED[question.kind, ""])
    return {
        "question": question_id(question.kind, question.match, question.value),
        "kind": question.kind,
        "match": question.match,
        "value": question.value,
        "asked": asked,
        "certificates": len(question.sources) - question.requests,
        "requests": question.requests,
        "orders": question.orders,
        "least_cents": question.least,
        "most_cents": question.most,
        "guess": guess.means,
        "guess_reason": guess.reason,
        "source": min(question.sources),
    }


def _guess(question: _Question, seen: Mapping[int, tuple[str, str]], evidence: Evidence, inbox: Inbox, settings: Settings) -> Guess:
    if question.kind == "kind":
        return closest(question.value, {kind: (kind.replace("-", " "), words) for kind, words in KIND_WORDS.items()})
    if question.kind == "tier":
        explained = inbox.aliases[inbox.aliases["kind"] == "tier"]
        also = {tier: explained.loc[explained["means"] == tier, "value"].tolist() for tier in settings.tiers}
        return closest(question.value, {tier: (tier, *names, *also[tier]) for tier, names in settings.tiers.items()})
    domains = [seen[source] for source in sorted(question.sources)]
    hosts, mail = [host for host, _ in domains if host], [domain for _, domain in domains if domain]
    return evidence.agency("" if question.match == "domain" else question.value, hosts, mail)


def _domains(certificates: pd.DataFrame, unexplained: pd.DataFrame) -> dict[int, tuple[str, str]]:
    """Place of a certificate or a request -> the domain of its hosts and the one of its contact, "" where it has none."""
    seen = {
        source: ("", agency_codes.mail_domain(contact))
        for source, contact in zip(*_columns(unexplained, "source", "contact_email"), strict=True)
    }
    columns = _columns(certificates, "source", "names", "contact_email")
    seen |= {
        source: (agency_codes.domain_of(names), agency_codes.mail_domain(contact)) for source, names, contact in zip(*columns, strict=True)
    }
    return seen


def _columns(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return [frame[name].tolist() for name in names]


def _evidence(inbox: Inbox, certificates: pd.DataFrame, as_of: dt.date) -> Evidence:
    """What is known of each agency in force on the day, what its predecessors had counted as its own."""
    agencies, aliases = inbox.agencies, inbox.aliases
    spellings: dict[str, set[str]] = {}
    hosts: dict[str, Counter[str]] = {}
    mail: dict[str, Counter[str]] = {}
    listed = _columns(agencies, "name", "billing_contact", "security_contact")
    for code, name, billing, security in zip(_today(agencies["agency"], agencies, as_of), *listed, strict=True):
        spellings.setdefault(code, set()).add(name)
        for domain in {agency_codes.mail_domain(billing), agency_codes.mail_domain(security)} - {""}:
            mail.setdefault(domain, Counter())[code] += 1
            hosts.setdefault(domain, Counter())[code] += 1
    of_agencies = aliases[aliases["kind"] == "agency"]
    for code, match, value in zip(_today(of_agencies["means"], agencies, as_of), *_columns(of_agencies, "match", "value"), strict=True):
        if match == "domain":
            hosts.setdefault(value.casefold(), Counter())[code] += 1
        elif match == "email-domain":
            mail.setdefault(value.casefold(), Counter())[code] += 1
        elif code in spellings:
            spellings[code].add(value)
    owned = certificates[certificates["agency"] != ""]
    pairs = Counter(zip(_today(owned["agency"], agencies, as_of), *_columns(owned, "names", "contact_email"), strict=True))
    for (code, names, contact), number in pairs.items():
        hosts.setdefault(agency_codes.domain_of(names), Counter())[code] += number
        mail.setdefault(agency_codes.mail_domain(contact), Counter())[code] += number
    return Evidence(spellings, hosts, mail)


def _today(codes: pd.Series[Any], agencies: pd.DataFrame, as_of: dt.date) -> list[str]:
    """Who is billed for each code on the as-of day."""
    days = pd.Series(pd.Timestamp(as_of), index=codes.index, dtype="datetime64[us]")
    found: list[str] = agency_codes.successors(codes, days, agencies).tolist()
    return found
