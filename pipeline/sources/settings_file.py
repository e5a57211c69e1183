"""`certledger.toml`, and `scenario.toml` beside it, -> `Settings`; every mistake is a sentence that names the file, the setting and the
nearest known one."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from pipeline.findings import LONGEST_REASON, SETTINGS, quoted
from pipeline.settings import Scenario, Settings
from pipeline.sources.workspace import SCENARIOS, SettingsError
from pipeline.x509_facts import private_key_in

NAME = SETTINGS
_TABLE = re.compile(r"\s*(\[{1,2})\s*([\w.\"-]+)\s*\]")
_RULES = {
    "date_type": "must be a day such as 2027-07-01, without quotation marks or a time",
    "literal_error": "must be {expected}",
    "string_too_short": "must not be empty, but a text in quotation marks",
    "string_too_long": "must have {max_length} characters at most",
    "string_type": "must be a text in quotation marks",
}
"""What must be, by the kind of mistake, where the words of the checker would not say what to write."""
_SHARES, _HUNDRED = ("automate", "consolidate"), 100
_HOW_TO_WRITE = "Texts stand in quotation marks, days are written as 2027-07-01, and shares as 0.5."
_KEY = re.compile(r"\s*([\w.\"-]+)\s*=")


class _Written(NamedTuple):
    """A file of settings as it is written: its name, its text, and the values that TOML makes of it."""

    name: str
    text: str
    values: dict[str, Any]


def read(path: Path) -> Settings:
    """Read and check the settings file; the scenarios of `scenario.toml` beside it, where there is one, follow those of the file itself.

    Numbers with a point are read as exact decimals, never as binary floats. Raises `SettingsError` for a missing or unreadable file, a
    private key in it, bad TOML, an unknown setting or a value that cannot be.
    """
    if not path.exists():
        raise SettingsError(f"{path} is missing. `certledger init DIR` makes a new workspace.")
    own, beside = _written(path), _scenarios(path.with_name(SCENARIOS))
    values = own.values
    if beside.values and isinstance(values.get("scenario", []), list):
        values = values | {"scenario": [*values.get("scenario", []), *beside.values["scenario"]]}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_told(mistake, own, beside) for mistake in error.errors())) from None


def _written(path: Path) -> _Written:
    try:
        data = path.read_bytes()
        if private_key_in(data):
            raise SettingsError(f"{path.name} holds a private key. Remove it, and have the certificate reissued with a new key.")
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{path.name} is not text in UTF-8. Save it with that encoding.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    try:
        return _Written(path.name, text, tomllib.loads(text, parse_float=_decimal))
    except (tomllib.TOMLDecodeError, RecursionError, InvalidOperation, ValueError) as error:
        raise SettingsError(f"{path.name} is not valid TOML: {quoted(str(error), LONGEST_REASON)}. {_HOW_TO_WRITE}") from None


def _scenarios(path: Path) -> _Written:
    """`scenario.toml`, which holds scenarios alone; without values where there is none, or nothing in it."""
    if not path.exists():
        return _Written(path.name, "", {})
    found = _written(path)
    other = next((name for name in found.values if name != "scenario"), None)
    if isinstance(found.values.get("scenario"), dict):
        raise SettingsError(f"{path.name}: a scenario begins with two brackets on each side: write [[scenario]], not [scenario].")
    if other is not None or not isinstance(found.values.get("scenario", []), list):
        raise SettingsError(f"{path.name}: it may hold [[scenario]] tables alone, not {quoted(other or 'scenario')}. {_where(other)}")
    return found


def _where(other: str | None) -> str:
    """Where a setting belongs that scenario.toml holds beside its scenarios."""
    if other in Scenario.model_fields:
        return f"Write {other} below a line [[scenario]], with which each scenario begins."
    if other is None or difflib.get_close_matches(other, ["scenario"], cutoff=0.8):
        return "Each scenario begins with the line [[scenario]]."
    return f"Every other setting belongs into {NAME}."


def _told(mistake: Any, own: _Written, beside: _Written) -> str:
    """A mistake as a sentence, with the file and the line that it stands in."""
    loc = mistake["loc"]
    before = len(own.values.get("scenario", [])) if loc[:1] == ("scenario",) and beside.values else 0
    file = own
    if loc[:1] == ("scenario",) and beside.values and len(loc) > 1 and loc[1] >= before:
        file, loc = beside, (loc[0], loc[1] - before, *loc[2:])
    name = f"{own.name} with {beside.name}" if not loc and beside.values else file.name
    return f"{name}{_at(file.text, loc)}: {quoted(_sentence({**mistake, 'loc': loc}), LONGEST_REASON)}"


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is not a number that can be used here")
    return number


def _at(text: str, loc: tuple[str | int, ...]) -> str:
    """`, line 12`: where the setting `loc` stands in `text`, else the table that it is missing from; "" where neither is there."""
    found, longest = 0, 0
    entries: Counter[tuple[str, ...]] = Counter()
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _TABLE.match(line):
            names = tuple(head[2].replace('"', "").split("."))
            entries[names] += len(head[1]) - 1
            inside = entries[names[:1]] - 1
            place = table = names if inside < 0 else (names[0], inside, *names[1:])
        elif key := _KEY.match(line):
            place = (*table, *key[1].replace('"', "").split("."))
        else:
            continue
        alike = min(len(place), len(loc))
        if alike > longest and loc[:alike] == place[:alike]:
            found, longest = number, alike
    return f", line {found}" if found else ""


def _sentence(mistake: Any) -> str:
    where = _path(mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        return f"{where} is not a setting{_nearest(mistake['loc'])}"
    if mistake["type"] == "missing":
        return f"{where} is missing."
    if mistake["type"] == "value_error":
        return f"{where + ': ' if where else ''}{mistake['ctx']['error']}."
    if mistake["loc"][:1] == ("scenario",) and mistake["loc"][-1] in _SHARES:
        share = mistake["input"]
        return f"{where}: is a share between 0 and 1, not {quoted(_written_as(share))}{_as_share(share)}."
    if mistake["type"] == "is_instance_of" and mistake["ctx"]["class"] == "Decimal":
        return f"{where}: must be a number such as 221.19, not {quoted(repr(mistake['input']))}."
    if rule := _RULES.get(mistake["type"]):
        return f"{where}: {rule.format(**mistake.get('ctx', {}))}, not {quoted(_written_as(mistake['input']))}."
    shown = f" (it is {quoted(repr(mistake['input']))})" if isinstance(mistake.get("input"), str | int | bool | Decimal) else ""
    return f"{where}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}{shown}."


def _as_share(percent: Any) -> str:
    """What to write for a number that was meant as so many of a hundred; an example for what is no number, "" for any other number."""
    if not isinstance(percent, int | Decimal) or isinstance(percent, bool):
        return "; write 0.5 for 50 %"
    return f"; write {(Decimal(percent) / 100).normalize():f} for {percent} %" if 1 < percent <= _HUNDRED else ""


def _written_as(value: Any) -> str:
    """A value of a settings file as it is written there, as far as that can be told."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | Decimal | dt.date) else repr(value)


def _path(loc: tuple[str | int, ...]) -> str:
    """`('notices', 'days_before', 0)` -> `[notices] days_before, entry 1`."""
    parts = [f"entry {part + 1}" if isinstance(part, int) else str(part) for part in loc]
    if not parts:
        return ""
    table = f"[{parts[0]}]" if len(parts) > 1 else parts[0]
    return " ".join([table, ", ".join(parts[1:])]).strip()


def _nearest(loc: tuple[str | int, ...]) -> str:
    known = sorted(_section(loc[:-1]).model_fields)
    close = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known)}."


def _section(loc: tuple[str | int, ...]) -> type[BaseModel]:
    """The model behind a path: follows field types, through tuples, down to the section that holds the key."""
    model: type[BaseModel] = Settings
    for part in loc:
        if isinstance(part, int):
            continue
        inside = model.model_fields[part].annotation
        for candidate in (inside, *get_args(inside)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model = candidate
    return model
