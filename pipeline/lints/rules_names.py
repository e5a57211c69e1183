"""Which names a certificate covers, and in which form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from pipeline.lints import host_names
from pipeline.lints.rule import BR, Rule

LONGEST_SHOWN = 80

_HOSTS = ("hosts",)
_RENAME = "Order it again for the name under which clients reach the server, without this one."


def _some(fits: Callable[[str], bool], one: str, several: str) -> Callable[[tuple[str, ...]], str]:
    """A predicate: which of the hosts fit, said with the first of them."""

    def breaks(hosts: tuple[str, ...]) -> str:
        found = [name for name in hosts if fits(name)]
        if not found:
            return ""
        return f"{_shown(found[0])} {one}." if len(found) == 1 else f"{_shown(found[0])} and {len(found) - 1} more {several}."

    return breaks


def _shown(name: str) -> str:
    return name if len(name) <= LONGEST_SHOWN else name[: LONGEST_SHOWN - 1] + "…"


def _malformed(hosts: tuple[str, ...]) -> str:
    return next((f"{_shown(name)} {wrong}." for name in hosts if (wrong := host_names.fault(name))), "")


def _no_alternative_names(has_them: bool) -> str:
    return "" if has_them else "It has no list of alternative names, and clients look nowhere else."


def _common_name_left_out(common_name: str, alternatives: str, has_them: bool) -> str:
    is_listed = not common_name or common_name.lower() in alternatives.split(" ")
    return "" if is_listed or not has_them else f"The common name {_shown(common_name)} is not among its alternative names."


RULES = (
    Rule(
        "no-alternative-names",
        "A server's certificate lists its names as alternative names.",
        "error",
        "any",
        f"{BR} §7.1.2.7.12; RFC 9525",
        "Order it again with every host name as an alternative name; current clients do not look at the common name.",
        ("has_alternative_names",),
        _no_alternative_names,
        of_servers=True,
        of_whole_files=True,
    ),
    Rule(
        "common-name-not-listed",
        "The common name is one of the alternative names.",
        "error",
        "public",
        f"{BR} §7.1.4.3",
        "Order it again with the common name among the alternative names: under the common name alone no client accepts it.",
        ("common_name", "subject_alternative_names", "has_alternative_names"),
        _common_name_left_out,
        since=dt.date(2012, 7, 1),
        of_servers=True,
        of_whole_files=True,
    ),
    Rule(
        "internal-name",
        "A public certificate names only hosts that the Internet can know.",
        "error",
        "public",
        f"{BR} §4.2.2",
        "Give the host a name below a registered domain, or take a certificate of the internal authority for it.",
        _HOSTS,
        _some(host_names.is_internal, "is a name inside a network", "are names inside a network"),
        since=dt.date(2015, 11, 1),
        of_servers=True,
    ),
    Rule(
        "reserved-address",
        "A public certificate names only IP addresses that the Internet carries.",
        "error",
        "public",
        f"{BR} §4.2.2, §7.1.2.7.12",
        "Give the host a name below a registered domain, or take a certificate of the internal authority for it.",
        _HOSTS,
        _some(host_names.is_reserved, "is a reserved address", "are reserved addresses"),
        since=dt.date(2015, 11, 1),
        of_servers=True,
    ),
    Rule(
        "reverse-zone-name",
        "A public certificate names no host of the reverse zones (in-addr.arpa, ip6.arpa).",
        "error",
        "public",
        f"{BR} (ballot SC086)",
        _RENAME,
        _HOSTS,
        _some(host_names.is_reverse_zone, "lies in a reverse zone", "lie in a reverse zone"),
        since=dt.date(2026, 3, 15),
        of_servers=True,
    ),
    Rule(
        "underscore-in-name",
        "A host name in a public certificate has no underscore.",
        "error",
        "public",
        "CA/Browser Forum, Baseline Requirements 1.6.2 §7.1.4.2.1 (ballot SC12)",
        _RENAME,
        _HOSTS,
        _some(lambda name: "_" in name, "holds an underscore", "hold an underscore"),
        since=dt.date(2019, 4, 1),
        of_servers=True,
    ),
    Rule(
        "name-malformed",
        "A host name has the form of one: letters, digits and hyphens between single dots.",
        "error",
        "any",
        "RFC 5280 §4.2.1.6; RFC 1034 §3.5",
        "Order it again with the name spelled right: no client will ever find this one to fit.",
        _HOSTS,
        _malformed,
        of_servers=True,
    ),
    Rule(
        "wildcard-misplaced",
        "A wildcard stands alone as the first part of a name.",
        "error",
        "any",
        f"RFC 9525 §6.3; {BR} §1.6.1",
        "Order it again with the hosts by name, or with one wildcard at the beginning: no client takes this one.",
        _HOSTS,
        _some(host_names.wildcard_is_misplaced, "has a wildcard in the wrong place", "have wildcards in the wrong place"),
        of_servers=True,
    ),
    Rule(
        "wildcard-bare",
        "A wildcard does not stand for a whole top-level domain.",
        "error",
        "any",
        f"{BR} §3.2.2.6",
        "Order it again with the hosts by name, or with a wildcard below the agency's own domain.",
        _HOSTS,
        _some(host_names.wildcard_is_bare, "stands for a whole top-level domain", "stand for whole top-level domains"),
        of_servers=True,
    ),
    Rule(
        "wildcard",
        "One key guards one server: a wildcard serves many.",
        "note",
        "any",
        "NIST SP 1800-16 volume B",
        "Know every server that holds its key; where there are few hosts, name them instead.",
        _HOSTS,
        _some(
            lambda name: name.startswith("*.") and not host_names.wildcard_is_bare(name) and not host_names.wildcard_is_misplaced(name),
            "stands for every host of its domain",
            "stand for every host of their domains",
        ),
        of_servers=True,
    ),
)
