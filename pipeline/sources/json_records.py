"""JSON to a header and rows of text. The row of a record is its number in its list, counted from 1; in JSON Lines (a record a line)
it is its line.

Nothing is inferred: a number keeps the digits it was written with, so that no serial turns into 1.2e+35, and `true` stays a word. A key
that stands twice, NaN and Infinity are refused, as the standard parser would let the last one win and calls the others numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pipeline.sources.limits import DEEPEST, LONGEST_CELL, LONGEST_LABEL, MOST_CELLS, MOST_LABELS, MOST_LISTS, MOST_ROWS, MOST_VALUES
from pipeline.sources.raw_files import Refused
from pipeline.sources.row_faults import Fault

WHOLE_FILE = "."
_BEGINNING = re.compile(r"\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")
_BLANKS = " \t\r\n"
_JOINT = ", "
_PAIR = {"name", "value"}


@dataclass(slots=True)
class Records:
    """The records of one list: `path` says where the list lies ("" where it is the file itself), `header` names every field of any
    record in order of appearance, `rows` holds (row, cells), "" for a field that a record lacks; `faults` tells of what is no record.
    """

    path: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    faults: dict[int, Fault] = field(default_factory=dict)


def looks_like_json(text: str) -> bool:
    """Whether `text` begins as a list or an object of JSON does, which no header of a table can be mistaken for."""
    return _BEGINNING.match(text) is not None


def read(text: str, path: str | None) -> Records:
    """The records of the list at `path`, keys joined by dots (`data.items`), `.` for the whole file as one record.

    Without a path: the file itself where it is a list; the one list of objects that it holds; else the whole file as one record.
    Fields inside fields get dotted names (`product.name`). Several values of one field are joined by a comma and a space, also those of
    a list of objects (`hosts.name`); a list of pairs {"name": n, "value": v} is read as fields n.

    Raises `Refused`: not-json, duplicate-label (a key stands twice), bad-source, unknown-layout (no list, or several), cell-too-long,
    file-too-large (more than 200,000 records, 1,000 fields, 20,000,000 cells or 10,000,000 values).
    """
    if text.count(",") > MOST_VALUES or text.count("{") + text.count("[") > MOST_LISTS:
        raise Refused("file-too-large", f"The file holds more than {MOST_VALUES:,} values, or more than {MOST_LISTS:,} lists and objects.")
    begin = len(text) - len(text.lstrip(_BLANKS))
    document, end = _decoded(text, begin)
    if not text[end:].strip(_BLANKS):
        where, found = _list_in(document, path)
        return _records(where, enumerate(found, start=1))
    is_a_line = "\n" not in text[begin:end] and not text[end:].partition("\n")[0].strip(_BLANKS)
    if not isinstance(document, dict) or not is_a_line:
        raise Refused("not-json", f"Something follows the end of the JSON, which is in line {text.count(chr(10), 0, end) + 1}.")
    return _records("", _lines(text))


def _decoded(text: str, begin: int = 0) -> tuple[Any, int]:
    """The value that begins at `begin`, and where it ends; numbers are text."""
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_no_constant)
    try:
        return decoder.raw_decode(text, begin)
    except json.JSONDecodeError as error:
        raise Refused("not-json", f"{error.msg} in line {error.lineno}, character {error.colno}.") from error
    except RecursionError as error:
        raise Refused("not-json", f"Its values are nested more than {DEEPEST} deep.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, refused where two of its keys are one: written twice, or `a.b` beside a key `a` that has fields itself."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Refused("duplicate-label", f"The key '{twice[:40]}' stands twice in one object.", column=twice)
    for key in found:
        if len(key) > LONGEST_LABEL:
            raise Refused("cell-too-long", f"The key '{key[:40]}…' is longer than {LONGEST_LABEL:,} characters.")
        parts = key.split(".")
        if any(isinstance(found.get(".".join(parts[:count])), dict | list) for count in range(1, len(parts))):
            raise Refused("duplicate-label", f"The key '{key[:40]}' cannot be told from a field inside another one.", column=key)
    return found


def _no_constant(word: str) -> NoReturn:
    raise Refused("not-json", f"It holds {word}, which is no value of JSON.")


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    """(line, record) of JSON Lines; a line that is no JSON yields the refusal in its place."""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip(_BLANKS)
        if not bare:
            continue
        try:
            value, end = _decoded(bare)
            yield number, value if end == len(bare) else Refused("not-json", "Something follows the end of the record.")
        except Refused as refused:
            yield number, refused


def _list_in(document: Any, path: str | None) -> tuple[str, list[Any]]:
    """Where the records lie, and they themselves."""
    if path == WHOLE_FILE:
        return "", [document]
    if path is not None:
        return path, _list_at(document, path)
    if isinstance(document, list):
        return "", document
    lists = _lists_of_objects(document)
    if len(lists) > 1:
        names = ", ".join(f"'{name[:40]}'" for name in lists)
        raise Refused("unknown-layout", f"The file holds several lists ({names}); name one as records in a [[source]] of certledger.toml.")
    return next(iter(lists.items()), ("", [document]))


def _lists_of_objects(document: dict[str, Any]) -> dict[str, list[Any]]:
    """The members of an object that are lists of objects; an empty list may be one."""
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    return {name: value for name, value in lists.items() if not value or any(isinstance(inner, dict) for inner in value)}


def _list_at(document: Any, path: str) -> list[Any]:
    value = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, list):
        return value
    there = ", ".join(f"'{name[:40]}'" for name in _lists_of_objects(document)) if isinstance(document, dict) else ""
    hint = f"there is {there}" if there else "the file is a list itself" if isinstance(document, list) else "the file holds none"
    raise Refused("bad-source", f"certledger.toml says records = '{path}'; no list is there, {hint}.")


def _records(path: str, numbered: Iterable[tuple[int, Any]]) -> Records:
    """Flat records of one width, that of all fields together."""
    places: dict[str, int] = {}
    flat: list[tuple[int, dict[str, str]]] = []
    faults: dict[int, Fault] = {}
    for row, value in numbered:
        if len(flat) == MOST_ROWS:
            raise Refused("file-too-large", f"The file holds more than {MOST_ROWS:,} records.")
        fields = _fields(value, row) if isinstance(value, dict) else {}
        if not any(fields.values()):
            faults[row] = ("not-a-record", _why_none(value), -1, "" if isinstance(value, (Refused, dict, list)) else _word(value))
        flat.append((row, fields))
        for name in fields:
            places.setdefault(name, len(places))
        if len(places) > MOST_LABELS or len(places) * len(flat) > MOST_CELLS:
            raise Refused("file-too-large", f"Its records have more than {MOST_LABELS:,} fields, or {MOST_CELLS:,} in all.")
    if flat and not places:
        raise Refused("unknown-layout", "The file is a list, but nothing in it is an object with fields.")
    header = list(places)
    rows = [(row, [fields.get(name, "") for name in header]) for row, fields in flat]
    return Records(path, [name.strip() for name in header], rows, faults)


def _why_none(value: Any) -> str:
    if isinstance(value, Refused):
        return f"The line cannot be read: {value.reason}"
    return "The record has no value." if isinstance(value, dict) else "This is no object with fields."


def _fields(record: dict[str, Any], row: int) -> dict[str, str]:
    """Dotted name -> text."""
    texts: dict[str, list[str]] = {}
    _gather(record, "", texts, 0)
    joined = {name: _JOINT.join(found) for name, found in texts.items()}
    long = next((name for name, text in joined.items() if len(text) > LONGEST_CELL), None)
    if long is not None:
        raise Refused("cell-too-long", f"The field '{long[:40]}' of record {row} is longer than {LONGEST_CELL:,} characters.", row=row)
    return joined


def _gather(value: Any, name: str, texts: dict[str, list[str]], depth: int) -> None:
    """Put what stands in `value` into `texts`, under `name` and the names inside it."""
    if depth > DEEPEST:
        raise Refused("not-json", f"Its values are nested more than {DEEPEST} deep.", column=name[:80])
    if isinstance(value, dict):
        for key, inner in value.items():
            _gather(inner, f"{name}.{key}" if name else key, texts, depth + 1)
        return
    found = texts.setdefault(name, [])
    if not isinstance(value, list):
        found.extend([_word(value)] if value is not None and value != "" else [])
        return
    for inner in value:
        if isinstance(inner, dict) and inner.keys() == _PAIR and isinstance(inner["name"], str):
            _gather(inner["value"], f"{name}.{inner['name']}", texts, depth + 1)
        else:
            _gather(inner, name, texts, depth + 1)
    # A list of records only is told by their fields. A list inside it may have seen to that already: ask for what stands there now.
    if not texts.get(name) and any(isinstance(inner, dict) for inner in value):
        texts.pop(name, None)


def _word(value: Any) -> str:
    """A scalar as JSON writes it; numbers are text already."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
