"""What makes two questions the same, whatever run asks them: the kind, the match and the spelling, compared as aliases are."""

from __future__ import annotations

import hashlib
import re

_LENGTH = 8
_MARKS = re.compile(r"[_-]+")
# What a kind of request is, in plain words: for those who choose one.
KIND_WORDS = {
    "new": "approve and issue a new certificate",
    "renew": "renew a certificate that expires",
    "reissue": "issue a certificate again within its term",
    "revoke": "revoke a certificate",
    "change-challenge-phrase": "change the challenge phrase",
    "change-contact": "change the administrator's e-mail",
    "issue": "trouble with a current certificate",
}


def key_of(kind: str, match: str, value: str) -> tuple[str, str, str]:
    """The key by which questions and answers are compared: case and runs of spaces of the spelling do not count, in words for a kind of
    request hyphens and underscores neither."""
    plain = value.casefold()
    return kind, match, " ".join((_MARKS.sub(" ", plain) if kind == "kind" else plain).split())


def question_id(kind: str, match: str, value: str) -> str:
    """The name of a question, the same in every run, e.g. `Q-3f9a01bc`."""
    return f"Q-{hashlib.sha256(chr(31).join(key_of(kind, match, value)).encode('utf-8', 'replace')).hexdigest()[:_LENGTH]}"
