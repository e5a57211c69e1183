"""Lines of the journal of sending: what happened to one message, as one line of JSON that says all of it or, cut off, nothing.

`data/ledger/notices/<day>.jsonl` has a line before a message is handed over (`sending`) and one for what became of it. As one line tells of
all notices that a message serves, they are known to have gone, or not, together. A call that keeps the journal elsewhere first has one more
before both, of the state `sending` too and with the member `staged`: then nothing was handed over yet.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.contracts.notices import KINDS, TRIES
from pipeline.mail_addresses import is_address, is_message_id
from pipeline.notices.message import Message

FOLDER = "ledger/notices"
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.jsonl")
_BEGIN = '{"message_id":'
_DIGEST, _STAGED = "digest", "staged"


class NotALineError(ValueError):
    """A line that the journal cannot have: `is_cut` where the program stopped while it wrote it, else somebody changed it."""

    def __init__(self, reason: str, *, is_cut: bool = False) -> None:
        super().__init__(reason)
        self.is_cut = is_cut


def file_name(day: dt.date) -> str:
    """The file that the lines of a day, local, stand in."""
    return f"{day.isoformat()}.jsonl"


def is_file_name(name: str) -> bool:
    """Whether a file of this name is one of the journal."""
    found = _NAME.fullmatch(name)
    try:
        return found is not None and dt.date.fromisoformat(found[1]) is not None
    except ValueError:
        return False


def as_line(message: Message, state: str, at: dt.datetime, why: str = "", *, is_lasting: bool = False, is_staged: bool = False) -> str:
    """The line, with its end, that says what happened to `message` at the instant `at`: plain ASCII, its members in a fixed order."""
    told = {
        "message_id": message.message_id,
        "address": message.address,
        "notices": [
            {
                "certificate": one.certificate,
                "days_before": one.days_before,
                "kind": one.kind,
                "serial": one.serial,
                "ends_at": _written(one.ends_at),
            }
            for one in message.served
        ],
        "at": _written(at),
        "state": state,
        "is_lasting": is_lasting,
        "why": why,
    } | ({_STAGED: True} if is_staged else {})
    return json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"


def rows_of(line: str) -> list[dict[str, Any]]:
    """The rows of NOTICE_LOG that `line`, without its end, tells: one a notice, of a digest one without a certificate.

    Raises `NotALineError`.
    """
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        is_cut = line.startswith(_BEGIN) or _BEGIN.startswith(line) or not line.strip("\0")
        raise NotALineError("It is not one whole line of JSON.", is_cut=is_cut) from None
    try:
        common = _common(told)
        served = [_served(one) for one in _list(told["notices"])]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotALineError(
            f"{error.args[0]!r} is missing or is not what the journal writes." if error.args else "It is damaged."
        ) from None
    digest = {"certificate": "", "serial": "", "days_before": 0, "kind": _DIGEST, "ends_at": None}
    return [common | one for one in served or [digest]]


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant(told: Mapping[str, Any], name: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(dt.datetime.strptime(told[name], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)).as_unit("us")
    except (TypeError, ValueError):
        raise ValueError(name) from None


def _common(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the line says of the message as a whole."""
    return {
        "at": _instant(told, "at"),
        "state": _one_of(told, "state", TRIES),
        "message_id": _text(told, "message_id", is_message_id),
        "address": _text(told, "address", is_address),
        "is_lasting": _typed(told, "is_lasting", bool),
        "why": _typed(told, "why", str),
        "is_staged": _STAGED in told and _typed(told, _STAGED, bool),
    }


def _served(told: Mapping[str, Any]) -> dict[str, Any]:
    days = _typed(told, "days_before", int)
    if days < 0:
        raise ValueError("days_before")
    return {
        "certificate": _text(told, "certificate", bool),
        "serial": _typed(told, "serial", str),
        "days_before": days,
        "kind": _one_of(told, "kind", KINDS),
        "ends_at": _instant(told, "ends_at"),
    }


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("notices")
    return told


def _typed(told: Mapping[str, Any], name: str, kind: type) -> Any:
    if type(told[name]) is not kind:
        raise TypeError(name)
    return told[name]


def _text(told: Mapping[str, Any], name: str, holds: Any) -> str:
    text: str = _typed(told, name, str)
    if not holds(text):
        raise ValueError(name)
    return text


def _one_of(told: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    return _text(told, name, lambda text: text in known)
