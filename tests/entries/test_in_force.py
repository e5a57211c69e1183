"""Which answer decides which row: the one about its own kind of word before a general one, the later begun before the earlier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.contracts import Books
from tests.entries.test_questions import INNER, INVENTORY, bought, drawn_up
from tests.sources.offices import Office, table

ALIASES = "kind,match,value,means,valid_from,valid_to,by,on\n"


def books(office: Office, *aliases: str, corrections: str = "", requests: str = "", **cells: str) -> Books:
    office.put("entries/aliases.csv", ALIASES + "".join(f"{line}\n" for line in aliases))
    if corrections:
        office.put("entries/corrections.csv", f"key,column,value,reason,by,on\n{corrections}\n")
    return drawn_up(office, bought(1, **cells), bought(2, agency="DLH"), requests=requests)


def deciding(made: Books) -> list[tuple[str, int]]:
    """(match or key, rows) of each answer that decides something, by its line."""
    answers = made.answers[made.answers["rows"] > 0].sort_values("source")
    return [(row["match"] or row["value"], row["rows"]) for row in answers.to_dict("records")]


def stale(made: Books) -> list[tuple[int, str]]:
    found = made.findings[made.findings["code"] == "stale-alias"]
    return list(zip(found["row"], found["severity"], strict=True))


@pytest.mark.parametrize(
    ("aliases", "cells", "expected"),
    [
        (["agency,name,Light Dept,DLH,,,Ada,2026-11-20"], {"agency": "LIGHT  dept"}, [("name", 1)]),
        (["agency,division,Light Dept,DLH,,,,"], {"agency": "Light Dept"}, []),
        (["agency,code,Light Dept,MAP,,,,", "agency,name,Light Dept,DLH,,,,"], {"agency": "Light Dept"}, [("name", 1)]),
        (["agency,name,Light Dept,DLH,2027-01-01,,,"], {"agency": "Light Dept"}, []),
        (["agency,name,Light Dept,DLH,,2026-09-30,,", "agency,name,Light Dept,DLH,2026-10-01,,,"], {"agency": "Light Dept"}, [("name", 1)]),
        (["agency,name,Department of Lighthouses,MAP,,,,"], {"agency": "Department of Lighthouses"}, []),
        (["tier,product,Wildcard Plus,premium,,,,"], {"tier": "wildcard plus"}, [("product", 1)]),
        (["tier,product,standard,premium,,,,"], {}, []),
    ],
)
def test_an_answer_decides_the_rows_that_it_explains(
    office: Office, aliases: list[str], cells: dict[str, str], expected: list[Any]
) -> None:
    made = books(office, *aliases, **cells)
    assert expected == deciding(made)
    assert len(aliases) - len(expected) == len(stale(made))


def test_what_decides_a_row_is_what_it_was_resolved_by(office: Office) -> None:
    """The row's code is the one that the deciding answer means."""
    made = books(office, "agency,code,Light Dept,MAP,,,,", "agency,name,Light Dept,DLH,,,,", agency="Light Dept")
    (means,) = made.answers.loc[made.answers["rows"] > 0, "means"]
    assert means == made.certificates.set_index("order_id").loc["A-1", "agency"]


def test_corrections_and_words_for_kinds_are_answers_too(office: Office) -> None:
    requests = "R-1,Password reset,DLH,2026-11-02T09:00:00,open,\nR-2,password-reset,DLH,2026-11-02T09:00:00,open,\n"
    lines = "kind:Password reset,kind,revoke,why,Ada,2026-11-20\nA-1,tier,premium,why,Ada,2026-11-20"
    made = books(office, corrections=lines, requests=requests)
    assert {("kind:Password reset", 2), ("A-1", 1)} == set(deciding(made))
    assert {"revoke"} == set(made.requests["kind"])
    assert 3 == len(made.answered)


def test_an_alias_that_means_no_agency_is_a_warning_and_a_spelling_that_is_gone_a_note(office: Office) -> None:
    made = books(office, "agency,name,Gone Dept,DLH,,,,", "agency,name,Other,NOBODY,,,,")
    assert [(2, "note"), (3, "warning")] == stale(made)


def test_the_lines_of_a_list_are_places(office: Office, tmp_path: Path) -> None:
    made = books(office, "agency,name,Light Dept,DLH,,,Ada,2026-11-20", agency="Light Dept")
    (answer,) = made.answers.to_dict("records")
    place = made.places.set_index("source").loc[answer["source"]]
    assert ("entries/aliases.csv", 2) == (place["file"], place["row"])
    assert [(answer["source"], made.certificates.set_index("order_id").loc["A-1", "source"])] == list(
        made.answered.itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(
    ("aliases", "cells", "expected"),
    [
        (["agency,domain,map.example.gov,MAP,,,,"], {"common_name": "a.b.map.example.gov"}, [("domain", 1)]),
        (["agency,domain,map.example.gov,MAP,,,,"], {"common_name": "*.map.example.gov"}, [("domain", 1)]),
        (["agency,domain,map.example.gov,MAP,,,,"], {"common_name": "bigmap.example.gov"}, []),
        (["agency,email-domain,map.example.gov,MAP,,,,"], {"contact_email": "ada@map.example.gov"}, [("email-domain", 1)]),
        (
            ["agency,email-domain,map.example.gov,MAP,,,,"],
            {"contact_email": "ada@map.example.gov;b@MAP.example.gov"},
            [("email-domain", 1)],
        ),
        (["agency,email-domain,map.example.gov,MAP,,,,"], {"contact_email": "ada@map.example.gov;b@other.example"}, []),
    ],
)
def test_an_answer_about_a_domain_decides_requests_and_inventories_that_name_no_agency(
    office: Office, aliases: list[str], cells: dict[str, str], expected: list[Any]
) -> None:
    office.put("entries/aliases.csv", ALIASES + "".join(f"{line}\n" for line in aliases))
    usual = {"common_name": "www.example.gov", "contact_email": "", **cells}
    row = ["0b01", usual["common_name"], "Inner CA", "2026-10-01", "2027-04-18"]
    office.put("inbox/exports/inner.csv", table(INNER, [row]))
    contact = usual["contact_email"] or "ada@nowhere.example"
    made = drawn_up(office, bought(2, agency="DLH"), requests=f"R-1,renew,,2026-11-02T09:00:00,open,{contact}\n", source=[INVENTORY])
    assert expected == deciding(made)
    decided = {*made.certificates["agency"], *made.requests["agency"]} - {"", "DLH"}
    assert {"MAP"} == decided if expected else not decided
