"""E-mail addresses and Message-IDs: whether a text is one and nothing else."""

from __future__ import annotations

import re

# The addr-spec of RFC 5322 as mail systems take it: a dot-atom, an @, and labels. No quotes, comments, names or lists;
# nor what looks like an encoded word (RFC 2047): whoever reads the header would take the decoded text for the address.
_ATOM, _LABEL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII | re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*>", re.ASCII | re.IGNORECASE)
_LONGEST, _LONGEST_LOCAL = 254, 64


def is_address(text: str) -> bool:
    """Whether `text` is one address, of at most 254 characters: of a list, whoever can write into an export would get the notices."""
    is_short = len(text) <= _LONGEST and text.find("@") <= _LONGEST_LOCAL
    return is_short and "=?" not in text and _ADDRESS.fullmatch(text) is not None


def is_message_id(text: str) -> bool:
    """Whether `text` is the Message-ID of one message, with its angle brackets, and nothing else."""
    return len(text) <= _LONGEST and _MESSAGE_ID.fullmatch(text) is not None
