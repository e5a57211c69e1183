"""Lines added to a list of data/entries: exact when read back, harmless in a spreadsheet, and all that stood there stays."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import entry_cells, entry_files
from pipeline.sources.entry_files import EntriesError
from pipeline.sources.raw_files import Refused
from tests.sources.offices import Office

COLUMNS = ("kind", "match", "value", "means", "valid_from", "valid_to", "by", "on")
SPELLINGS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=30).map(
    lambda text: f"x{text}x"[1:-1].strip() or "x"
)


def line(value: str) -> dict[str, str]:
    return {"kind": "agency", "match": "name", "value": value, "means": "DLH", "by": "Ada", "on": "2026-11-23"}


@settings(deadline=None, max_examples=60)
@given(st.lists(SPELLINGS, min_size=1, max_size=4, unique_by=str.casefold), st.sampled_from(["\n", "\r\n"]))
def test_what_is_added_reads_back_exactly_and_is_no_formula(values: list[str], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.put("entries/aliases.csv", f"{','.join(COLUMNS)}{end}tier,product,P,premium,,,,{end}")
        path = entry_files.append(office.root, "aliases", COLUMNS, [line(value) for value in values])
        assert path.read_bytes().decode().startswith(f"{','.join(COLUMNS)}{end}tier,product,P,premium,,,,{end}")
        read = office.read().aliases
        assert ["P", *values] == read["value"].tolist()
        cells = [cell for row in csv.reader(io.StringIO(path.read_bytes().decode(), newline="")) for cell in row]
        assert [] == [cell for cell in cells if cell[:1] in set("=+-@\t\r\n")]


@given(st.text())
@settings(deadline=None)
def test_a_guarded_cell_is_exact(text: str) -> None:
    assert text == entry_cells.exact(entry_cells.guarded(text))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("kind,match,value,means\na,b,c,d\n", "kind,match,value,means,valid_from,valid_to,by,on\na,b,c,d,,,,\n"),
        ("means,kind,match,value\nd,a,b,c", "means,kind,match,value,valid_from,valid_to,by,on\nd,a,b,c,,,,\n"),
        (
            'kind,match,value,means\r\na,b,"c\r\n""d""",e\r\n',
            'kind,match,value,means,valid_from,valid_to,by,on\r\na,b,"c\r\n""d""",e,,,,\r\n',
        ),
        ("\ufeffKind,match,value,means\na,b,c,d\n\n", "\ufeffKind,match,value,means,valid_from,valid_to,by,on\na,b,c,d,,,,\n\n"),
    ],
)
def test_an_older_list_gets_the_columns_that_it_lacks(office: Office, before: str, expected: str) -> None:
    path = office.put("entries/aliases.csv", before)
    entry_files.append(office.root, "aliases", COLUMNS, [line("New")])
    text = path.read_bytes().decode()
    assert expected == text[: len(expected)]
    assert 1 == text[len(expected) :].count("New")


def test_a_missing_list_is_made(office: Office) -> None:
    path = entry_files.append(office.root, "aliases", COLUMNS, [line("=1+1")])
    assert f"{','.join(COLUMNS)}\nagency,name,'=1+1,DLH,,,Ada,2026-11-23\n" == path.read_text(encoding="utf-8")
    assert ["=1+1"] == office.read().aliases["value"].tolist()
    assert ["aliases.csv"] == [path.name for path in (office.root / "data/entries").iterdir()]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"kind,match,value,means\n\xff\xfe\n", "is not UTF-8"),
        (b'kind,match,value,means\n"a,b,c,d\n', "a quote is not closed"),
        (b"kind;match;value;means\n", "does not begin with the columns"),
        (b"", "does not begin with the columns"),
    ],
)
def test_a_list_that_cannot_be_added_to_stays_as_it_is(office: Office, content: bytes, why: str) -> None:
    path = office.put("entries/aliases.csv", content)
    with pytest.raises(EntriesError, match=why):
        entry_files.append(office.root, "aliases", COLUMNS, [line("New")])
    assert content == path.read_bytes()


def test_a_workbook_of_the_same_name_is_not_hidden_by_a_new_list(office: Office) -> None:
    office.put("entries/aliases.xlsx", b"PK")
    with pytest.raises(EntriesError, match=r"Save it as aliases\.csv"):
        entry_files.append(office.root, "aliases", COLUMNS, [line("New")])


def test_a_link_is_not_written_through(office: Office) -> None:
    elsewhere = office.put("elsewhere.csv", f"{','.join(COLUMNS)}\n")
    (office.root / "data/entries").mkdir()
    (office.root / "data/entries/aliases.csv").symlink_to(elsewhere)
    with pytest.raises(Refused):
        entry_files.append(office.root, "aliases", COLUMNS, [line("New")])
    assert f"{','.join(COLUMNS)}\n" == elsewhere.read_text(encoding="utf-8")
