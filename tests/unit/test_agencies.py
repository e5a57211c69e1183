"""Who an agency is on a day, and who is billed for it."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import agencies
from pipeline.contracts import AGENCIES, ALIASES

LAST_DAY, NEXT_DAY = dt.date(2026, 6, 30), dt.date(2026, 7, 1)

DIRECTORY = AGENCIES.frame(
    [
        {"agency": "DOT", "name": "Department of Transport"},
        {"agency": "HWY", "name": "Highway Division", "valid_to": LAST_DAY, "successor": "DOT"},
        {"agency": "TUN", "name": "Tunnel Authority", "valid_to": dt.date(2025, 6, 30), "successor": "HWY"},
        {"agency": "PRK", "name": "Parks"},
        {"agency": "REC", "name": "Parks"},
        {"agency": "NEW", "name": "New Agency", "valid_from": NEXT_DAY},
        {"agency": "OLD", "name": "Old Agency", "valid_to": LAST_DAY},
        {"agency": "A", "name": "Circle A", "valid_to": LAST_DAY, "successor": "B"},
        {"agency": "B", "name": "Circle B", "valid_to": LAST_DAY, "successor": "A"},
    ]
)
ANSWERS = ALIASES.frame(
    [
        {"kind": "agency", "match": "division", "value": "MassHwy  District 4", "means": "dot"},
        {"kind": "agency", "match": "name", "value": "Transport dept.", "means": "DOT"},
        {"kind": "agency", "match": "requester", "value": "j.doe", "means": "PRK", "valid_to": LAST_DAY},
        {"kind": "agency", "match": "requester", "value": "j.doe", "means": "REC", "valid_from": NEXT_DAY},
        {"kind": "agency", "match": "name", "value": "Nowhere", "means": "XYZ"},
        {"kind": "agency", "match": "name", "value": "Night desk", "means": "PRK"},
        {"kind": "agency", "match": "name", "value": "Night desk", "means": "REC", "valid_from": LAST_DAY, "valid_to": NEXT_DAY},
        {"kind": "agency", "match": "name", "value": "Twins", "means": "PRK", "valid_from": NEXT_DAY},
        {"kind": "agency", "match": "name", "value": "TWINS", "means": "REC", "valid_from": NEXT_DAY},
        {"kind": "tier", "match": "product", "value": "Gold", "means": "premium"},
    ]
)


def resolve(text, match="name", day=NEXT_DAY):
    texts, matches = pd.Series([text], dtype="str"), pd.Series([match], dtype="str")
    days = pd.Series(pd.to_datetime([day])).astype("datetime64[us]")
    return agencies.resolve(texts, matches, days, DIRECTORY, ANSWERS).tolist()[0]


def billed(code, day=NEXT_DAY):
    days = pd.Series(pd.to_datetime([day])).astype("datetime64[us]")
    return agencies.successors(pd.Series([code], dtype="str"), days, DIRECTORY).tolist()[0]


@pytest.mark.parametrize(
    ("expected", "text", "match", "day"),
    [
        ("DOT", "DOT", "code", NEXT_DAY),
        ("DOT", " dot ", "code", NEXT_DAY),
        ("DOT", "department  OF transport", "name", NEXT_DAY),
        ("DOT", "Department of Transport", "division", NEXT_DAY),
        ("DOT", "masshwy district 4", "division", NEXT_DAY),
        ("", "masshwy district 4", "requester", NEXT_DAY),
        ("DOT", "TRANSPORT DEPT.", "division", NEXT_DAY),
        ("PRK", "j.doe", "requester", LAST_DAY),
        ("REC", "j.doe", "requester", NEXT_DAY),
        ("", "Parks", "name", NEXT_DAY),
        ("PRK", "PRK", "name", NEXT_DAY),
        ("", "Nowhere", "name", NEXT_DAY),
        ("", "Gold", "product", NEXT_DAY),
        ("", "", "name", NEXT_DAY),
        ("", "Unheard of", "name", NEXT_DAY),
    ],
)
def test_spellings(expected, text, match, day):
    assert expected == resolve(text, match, day)


def test_an_explained_spelling_holds_from_its_first_to_its_last_day():
    days = [dt.date(1900, 1, 1), LAST_DAY - dt.timedelta(1), LAST_DAY, NEXT_DAY, NEXT_DAY + dt.timedelta(1), dt.date(9999, 12, 31)]
    assert ["PRK", "PRK", "REC", "REC", "PRK", "PRK"] == [resolve("night desk", day=day) for day in days]


def test_a_spelling_that_means_two_agencies_on_its_day_means_none():
    assert ["", ""] == [resolve("Twins", day=day) for day in (LAST_DAY, NEXT_DAY)]


def test_codes_hold_from_their_first_to_their_last_day():
    assert ["HWY", "DOT"] == [resolve("HWY", day=LAST_DAY), resolve("HWY", day=NEXT_DAY)]
    assert ["HWY", "DOT"] == [resolve("Highway Division", day=LAST_DAY), resolve("Highway Division", day=NEXT_DAY)]
    assert ["", "NEW"] == [resolve("NEW", day=LAST_DAY), resolve("NEW", day=NEXT_DAY)]
    assert ["OLD", ""] == [resolve("OLD", day=LAST_DAY), resolve("OLD", day=NEXT_DAY)]


def test_on_an_unknown_day_a_code_is_itself():
    assert ["HWY", "NEW"] == [resolve("HWY", day=pd.NaT), resolve("New Agency", day=pd.NaT)]


def test_the_successor_is_billed_along_the_chain():
    assert ["HWY", "DOT"] == [billed("TUN", LAST_DAY), billed("TUN", NEXT_DAY)]
    assert ["DOT", "OLD", "XYZ", ""] == [billed("DOT"), billed("OLD"), billed("XYZ"), billed("")]


def test_a_circle_of_successors_ends():
    assert ["B", "A"] == [billed("A"), billed("B")]


def test_index_and_type_are_kept():
    texts = pd.Series(["DOT", "?"], index=[7, 3], dtype="str")
    days = pd.Series(pd.to_datetime([NEXT_DAY, NEXT_DAY]), index=[7, 3]).astype("datetime64[us]")
    found = agencies.resolve(texts, texts, days, DIRECTORY, ANSWERS)
    assert {7: "DOT", 3: ""} == found.to_dict()
    assert "str" == str(found.dtype)
    assert "str" == str(agencies.successors(texts[:0], days[:0], DIRECTORY).dtype)


SPELLS = st.tuples(st.integers(0, 40), st.none() | st.integers(0, 40))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(SPELLS, min_size=3, max_size=3),
    st.lists(st.tuples(st.sampled_from("AB"), SPELLS), max_size=3, unique_by=lambda told: told[1][0]),
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", "x", "Lamps"]), st.none() | st.integers(0, 60)), min_size=1, max_size=12),
)
def test_many_rows_are_answered_as_each_alone(
    held: list[tuple[int, int | None]], said: list[tuple[str, tuple[int, int | None]]], asked: list[tuple[str, int | None]]
):
    def day(number: int | None) -> pd.Timestamp | None:
        return None if number is None else pd.Timestamp("2026-01-01") + pd.Timedelta(days=number)

    def last(begins: int, lasts: int | None) -> pd.Timestamp | None:
        return None if lasts is None else day(begins + lasts)

    directory = AGENCIES.frame(
        {"agency": code, "name": "Lamps", "valid_from": day(begins), "valid_to": last(begins, lasts), "successor": follows}
        for code, follows, (begins, lasts) in zip("ABC", "BCA", held, strict=True)
    )
    aliases = ALIASES.frame(
        {"kind": "agency", "match": "name", "value": "x", "means": code, "valid_from": day(begins), "valid_to": last(begins, lasts)}
        for code, (begins, lasts) in said
    )
    rows = pd.DataFrame({"text": [text for text, _ in asked], "match": "name"}, dtype="str")
    rows["day"] = pd.Series([day(number) for _, number in asked], dtype="datetime64[us]")

    def answers(asked: pd.DataFrame) -> list[str]:
        return agencies.resolve(asked["text"], asked["match"], asked["day"], directory, aliases).tolist()

    assert [answer for number in range(len(rows)) for answer in answers(rows.iloc[[number]])] == answers(rows)


def told_domain(names: str) -> str:
    """The rule in other words: the first name made of labels, of which the last has a letter; without its first label if three are left."""
    for name in names.casefold().split(" "):
        labels = name.removeprefix("*.").split(".")
        are_hosts = all(label and all(sign in "-_" or sign.isalnum() for sign in label) for label in labels)
        if are_hosts and any("a" <= sign <= "z" for sign in labels[-1]):
            return ".".join(labels if name.startswith("*.") or len(labels) < 3 else labels[1:])
    return ""


@given(st.text(st.sampled_from("aZ1-_*.. é\\n"), max_size=14))
@settings(max_examples=500)
def test_the_domain_is_that_of_the_first_host(names: str) -> None:
    assert told_domain(names) == agencies.domain_of(names)
