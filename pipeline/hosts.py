"""Host names, and what data/entries/hosts.csv says of them: which are out of service since when, and which certificates therefore
no longer matter to anybody (DESIGN §4, §6 "Continuity" and "Notices")."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from pipeline.contracts import HOSTS, Stage
from pipeline.findings import Finding, quoted

RETIRED = "retired"
# A name of labels, or an IP address; `*.` begins a wildcard. Mail addresses, URIs and names of people are no hosts.
_NAME = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*|[0-9a-f:.]*:[0-9a-f:.]*")


class Spell(NamedTuple):
    """A host's time in one state: from 00:00 of `since` on, up to 00:00 of `until`, None while it lasts; `source` is its line."""

    state: str
    since: pd.Timestamp
    until: pd.Timestamp | None
    source: int


def plain(text: str) -> str:
    """`text` as host names are compared: lower case, without outer blanks and the dot that ends a full name."""
    return text.strip().casefold().removesuffix(".")


def refusal(text: str) -> str:
    """Why `text` is no host name; "" where it is one."""
    if _NAME.fullmatch(plain(text)):
        return ""
    return "A host is written as in its certificate, such as www.example.gov or *.example.gov, without https:// and port."


@lru_cache(maxsize=1 << 16)  # stages and pages ask for the same certificates again and again
def names_of(names: str) -> tuple[str, ...]:
    """The host names among the `names` of a certificate (separated by one space), in their order, each once."""
    return tuple(dict.fromkeys(name for name in map(plain, names.split(" ")) if _NAME.fullmatch(name)))


def wildcard_of(host: str) -> str:
    """The wildcard that covers `host`: it stands for one label, so `*.example.gov` covers www.example.gov and not a.b.example.gov."""
    return f"*.{host.partition('.')[2]}"


def spells(hosts: pd.DataFrame, as_of: dt.date) -> dict[str, tuple[Spell, ...]]:
    """What HOSTS says of each host, in order of time; a line of a day after `as_of` does not hold yet."""
    lines: dict[str, list[tuple[pd.Timestamp, str, int]]] = {}
    cells = (hosts[name].tolist() for name in ("host", "state", "since", "source"))
    for host, state, since, source in zip(*cells, strict=True):
        if since <= pd.Timestamp(as_of):
            lines.setdefault(host, []).append((since, state, int(source)))
    return {host: tuple(_spells(sorted(found))) for host, found in sorted(lines.items())}


def _spells(lines: list[tuple[pd.Timestamp, str, int]]) -> Iterator[Spell]:
    ends = [*(since for since, _, _ in lines[1:]), None]
    for (since, state, source), until in zip(lines, ends, strict=True):
        yield Spell(state, since, until, source)


def retired(hosts: pd.DataFrame, as_of: dt.date) -> frozenset[str]:
    """The hosts that are retired on the day `as_of`: their last line of a day up to it says so. The day of `since` is out of service."""
    return frozenset(host for host, found in spells(hosts, as_of).items() if found[-1].state == RETIRED)


def still_matter(certificates: pd.DataFrame, hosts: pd.DataFrame, as_of: dt.date) -> pd.Series[Any]:
    """Which rows of CERTIFICATES somebody still has to renew or to be told of: bool, index of `certificates`.

    False only where every host name of a certificate is retired on `as_of`; one without any host name matters.
    """
    gone = retired(hosts, as_of)
    if not gone:
        return pd.Series(True, index=certificates.index, dtype="bool")
    matters = [not (named := names_of(names)) or not gone.issuperset(named) for names in certificates["names"].tolist()]
    return pd.Series(matters, index=certificates.index, dtype="bool")


def judged(hosts: pd.DataFrame, certificates: pd.DataFrame, as_of: dt.date) -> Stage:
    """HOSTS as it came in, and the findings about its lines.

    `unknown-host`: no certificate names the host or covers it by a wildcard. `retired-host-renewed`: a certificate of a day after
    `since` names a host that was retired by then. Lines of a day after `as_of` are not judged yet.
    """
    said = spells(hosts, as_of)
    if not said:
        return Stage(HOSTS.check(hosts))
    issued = _issued(certificates, said)
    findings = [finding for host, found in said.items() for finding in _doubts(host, found, issued)]
    return Stage(HOSTS.check(hosts), tuple(sorted(findings, key=lambda finding: finding.source)))


def _issued(certificates: pd.DataFrame, wanted: Iterable[str]) -> dict[str, list[pd.Timestamp]]:
    """The day of service of each certificate, NaT where it is not known, by the host that it names; of `wanted` hosts and wildcards."""
    concerned = {name for host in wanted for name in (host, wildcard_of(host))}
    issued: dict[str, list[pd.Timestamp]] = {}
    for names, day in zip(certificates["names"], certificates["service_on"], strict=True):
        for name in concerned.intersection(names_of(names)):
            issued.setdefault(name, []).append(day)
    return issued


def _doubts(host: str, found: tuple[Spell, ...], issued: dict[str, list[pd.Timestamp]]) -> Iterator[Finding]:
    if host not in issued and wildcard_of(host) not in issued:
        reason = f"No certificate names {quoted(host)}, and no wildcard covers it."
        yield Finding("unknown-host", reason, value=host, column="host", source=found[-1].source)
    for spell in found:
        later = sorted(day for day in issued.get(host, ()) if day > spell.since and (spell.until is None or day < spell.until))
        if spell.state == RETIRED and later:
            reason = (
                f"{quoted(host)} is retired since {spell.since:%Y-%m-%d}; a certificate that names it was issued on {later[0]:%Y-%m-%d}."
            )
            yield Finding("retired-host-renewed", reason, value=host, column="host", source=spell.source)
