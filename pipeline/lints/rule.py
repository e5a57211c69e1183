"""What a rule is: plain data with a date and a source, and a predicate over a few facts of one certificate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
Applies = Literal["public", "any"]

BR = "CA/Browser Forum, Baseline Requirements 2.2.6"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `breaks` takes the values of the columns `reads` (see `facts`) and returns what is wrong, in a sentence, or "".

    `title` says what the rule asks, `remedy` what the owner of the certificate does about a breach, `source` where the rule is written.
    `applies`: public rules judge only certificates whose `trust` is public. `since` is the first UTC day of notBefore on which it holds,
    `until` the first on which it does not any more; a certificate whose notBefore is not known is judged only by rules without them.
    `of_servers`: it judges only certificates that can stand on a server: no person's, none for other purposes only, no CA's unless it
    names hosts.
    `of_whole_files`: it judges what is absent, so only where a certificate file was read in full. `extra`: the extra of this program that
    must be installed for it; without it `breaks` finds nothing, and `is_checked` is False.
    """

    id: str
    title: str
    severity: Severity
    applies: Applies
    source: str
    remedy: str
    reads: tuple[str, ...]
    breaks: Callable[..., str]
    since: dt.date | None = None
    until: dt.date | None = None
    of_servers: bool = False
    of_whole_files: bool = False
    extra: str = ""
    is_checked: bool = True
