"""E-mail addresses and Message-IDs: whether a text is one and nothing else; the addresses that a contact lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The addr-spec of RFC 5322 as mail systems take it: a dot-atom, an @, and labels. No quotes, comments, names or lists;
# nor what looks like an encoded word (RFC 2047): whoever reads the header would take the decoded text for the address.
_ATOM, _LABEL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII | re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*>", re.ASCII | re.IGNORECASE)
_LONGEST, _LONGEST_LOCAL = 254, 64
_SEPARATORS = re.compile("[,;]")
MOST_ADDRESSES = 10  # of one contact: a team, not a mailing list that somebody pasted


def is_address(text: str) -> bool:
    """Whether `text` is one address, of at most 254 characters. A list is none: in one header it would be several recipients."""
    is_short = len(text) <= _LONGEST and text.find("@") <= _LONGEST_LOCAL
    return is_short and "=?" not in text and _ADDRESS.fullmatch(text) is not None


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses that a contact lists, in its order and each once whatever its case; () where anything in it is not one address.

    Commas and semicolons separate, one may end the list, and spaces around an address do not count. The text is split here and nowhere
    else, so that no part is ever read by a mail library: of more than ten addresses, or of one wrong part, nothing is taken.
    """
    parts = [part.strip(" ") for part in _SEPARATORS.split(text)]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) > MOST_ADDRESSES or not all(map(is_address, parts)):
        return ()
    first: dict[str, str] = {}
    for part in parts:
        first.setdefault(part.casefold(), part)
    return tuple(first.values())


def as_contact(addresses: Iterable[str]) -> str:
    """Addresses as tables and pages hold them: `ann@example.gov, ben@example.gov`."""
    return ", ".join(addresses)


def is_message_id(text: str) -> bool:
    """Whether `text` is the Message-ID of one message, with its angle brackets, and nothing else."""
    return len(text) <= _LONGEST and _MESSAGE_ID.fullmatch(text) is not None
