"""Names that certificates cover, as rules look at them: which are host names, which are addresses, and what is wrong with their form."""

from __future__ import annotations

import ipaddress
import re

# Names of networks inside an office: RFC 6762 §3 and appendix G; RFC 6761 §6; ICANN's reservation of `internal` (2024-07-29).
_INSIDE = {"local", "internal", "intranet", "private", "corp", "home", "lan", "localdomain", "localhost", "invalid", "test"}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_SOUND = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST_LIKE = re.compile(r"[^\s@]*[.*:][^\s@]*")
LONGEST_LABEL, LONGEST_NAME = 63, 253
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def covered(names: str, common_name: str) -> tuple[str, ...]:
    """The hosts that a certificate is for: its names, without e-mail addresses, and its common name where that looks like a host. Where
    e-mail addresses are all its names it is for no host: Izenpe.com, the common name of a root, is its company and no server."""
    listed = names.split()
    hosts = [name for name in listed if "@" not in name]
    if listed and not hosts:
        return ()
    common = common_name.lower()
    return tuple(hosts) if common in hosts or not looks_like_host(common) else (*hosts, common)


def address(name: str) -> Address | None:
    """The IP address that a name is; None where it is none."""
    if ":" not in name and not name[-1:].isdigit():
        return None
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def looks_like_host(common_name: str) -> bool:
    """Whether a common name can be meant as a host: one word with a dot or a wildcard in it, or an address; people and products are not."""
    return _HOST_LIKE.fullmatch(common_name) is not None


def is_internal(name: str) -> bool:
    """Whether no one but the own network can know the host: one label only, a name for inside, or a last label of digits."""
    if not name or name == "*" or address(name):
        return False
    _, dot, last = name.removesuffix(".").rpartition(".")
    return not dot or last in _INSIDE or last.isdigit()


def is_reserved(name: str) -> bool:
    """Whether the name is an IP address that the Internet does not carry: private, loopback, documentation and the like (IANA)."""
    found = address(name)
    return found is not None and not found.is_global


def is_reverse_zone(name: str) -> bool:
    """Whether the name belongs to the zones that lead from addresses back to names."""
    return name.removesuffix(".").endswith((".in-addr.arpa", ".ip6.arpa"))


def wildcard_is_misplaced(name: str) -> bool:
    """A `*` anywhere but alone as the first label: twice, in the middle, or beside other letters (RFC 9525 §6.3)."""
    return "*" in name.removeprefix("*.") and name != "*"


def wildcard_is_bare(name: str) -> bool:
    """A `*` that stands for all hosts there are, or for all of a top-level domain."""
    return name == "*" or (name.startswith("*.") and "." not in name[2:].removesuffix("."))


def fault(name: str) -> str:
    """What is wrong with the form of a DNS name (RFC 1034 §3.5, RFC 5280 §4.2.1.6), in words; "" where nothing is.

    Underscores and misplaced wildcards have rules of their own and are no fault here; addresses have no such form.
    """
    if (_SOUND.fullmatch(name) and len(name) <= LONGEST_NAME) or address(name):
        return ""
    if name.endswith("."):
        return "ends in a dot"
    if name.startswith("."):
        return "begins with a dot"
    if len(name) > LONGEST_NAME:
        return f"has more than {LONGEST_NAME} characters"
    labels = name.replace("*", "x").split(".")
    if "" in labels:
        return "has two dots in a row"
    if any(len(label) > LONGEST_LABEL for label in labels):
        return f"has a part of more than {LONGEST_LABEL} characters"
    if any(label[0] == "-" or label[-1] == "-" for label in labels):
        return "has a part that begins or ends with a hyphen"
    return "" if all(_LABEL.fullmatch(label) for label in labels) else "holds a character that host names cannot have"
