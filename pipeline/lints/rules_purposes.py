"""What a certificate is for, and whether it can do that: purposes, authorities' certificates on servers, self-signed ones."""

from __future__ import annotations

import datetime as dt

from pipeline.lints import host_names
from pipeline.lints.rule import BR, Rule

ANY_PURPOSE = "anyExtendedKeyUsage"
# Beside serverAuth these must not stand (BR §7.1.2.7.10).
_NEVER_BESIDE = (ANY_PURPOSE, "codeSigning", "emailProtection", "timeStamping", "OCSPSigning")
_OTHER_TRADES = {"codeSigning", "emailProtection", "timeStamping", "OCSPSigning"}


def _self_signed(is_self_issued: bool) -> str:
    return "It names itself as its issuer: no client can tell it from a forged one." if is_self_issued else ""


def _authority_as_server(is_ca: bool, hosts: tuple[str, ...]) -> str:
    named = [name for name in hosts if host_names.looks_like_host(name)] if is_ca else []
    return f"It may sign other certificates, and names the host {named[0]}." if named else ""


def _server_purpose_missing(is_ca: bool, purposes: str, hosts: tuple[str, ...]) -> str:
    """Certificates that name hosts and are for clients only cannot serve; what is for code, mail or time is no server's at all."""
    stated = set(purposes.split())
    if is_ca or "serverAuth" in stated or stated & _OTHER_TRADES:
        return ""
    if not any(map(host_names.looks_like_host, hosts)):
        return ""
    return f"It is for {' and '.join(sorted(stated))}, not for servers." if stated else "It does not say what it is for."


def _purpose_beside_servers(purposes: str) -> str:
    stated = purposes.split()
    beside = [purpose for purpose in _NEVER_BESIDE if purpose in stated]
    return f"Beside servers it is for {' and '.join(beside)}." if beside and "serverAuth" in stated else ""


def _client_purpose(purposes: str) -> str:
    stated = purposes.split()
    return "It is for servers and for clients." if "serverAuth" in stated and "clientAuth" in stated else ""


RULES = (
    Rule(
        "self-signed",
        "A server's certificate is signed by an authority.",
        "warning",
        "any",
        "NIST SP 1800-16 volume B; RFC 5280 §3.2",
        "Order a certificate for the host; until then clients must be told to trust this one by hand.",
        ("is_self_issued",),
        _self_signed,
        of_servers=True,
    ),
    Rule(
        "authority-as-server",
        "The certificate of an authority stands on no server.",
        "error",
        "any",
        f"{BR} §7.1.2.7.8; RFC 5280 §4.2.1.9",
        "Order a server's certificate for the host, and take this one off the server.",
        ("is_ca", "hosts"),
        _authority_as_server,
    ),
    Rule(
        "server-purpose-missing",
        "A public certificate that names hosts says that it is for servers (serverAuth).",
        "error",
        "public",
        f"{BR} §7.1.2.7.10 (ballot SC62)",
        "Order a server's certificate for the host; where it only logs in to others, take one of the internal authority.",
        ("is_ca", "extended_key_usage", "hosts"),
        _server_purpose_missing,
        since=dt.date(2023, 9, 15),
        of_whole_files=True,
    ),
    Rule(
        "purpose-not-accepted",
        "A public server's certificate is not also for code, mail, time stamps or everything.",
        "error",
        "public",
        f"{BR} §7.1.2.7.10 (ballot SC62)",
        "Order one certificate for each purpose.",
        ("extended_key_usage",),
        _purpose_beside_servers,
        since=dt.date(2023, 9, 15),
        of_servers=True,
    ),
    Rule(
        "client-purpose",
        "A public server's certificate is not for clients as well (clientAuth).",
        "error",
        "public",
        "Chrome Root Program Policy 1.8 §1.3.2",
        "Have it issued again for servers only; where the server logs in to others, take a certificate of the internal authority for that.",
        ("extended_key_usage",),
        _client_purpose,
        since=dt.date(2027, 3, 15),
        of_servers=True,
    ),
)
