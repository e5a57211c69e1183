"""What counts as a lapse: an expired certificate that leaves a host name without one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts
from pipeline.certificates import lapsed

HOST = "forms.dot.example.gov"


def certificate(name: str, **changes: Any) -> dict[str, Any]:
    """A server's certificate for `forms`, expired ten days ago, less what `changes` says."""
    row = {"certificate": name, "names": HOST, "status": "expired", "days_left": -10, "parse_status": "none", "matched": "none"}
    return row | {"role": "billing", "source": 1} | changes


def lapses(*rows: dict[str, Any], retired: tuple[str, ...] = ()) -> list[str]:
    return lapsed(contracts.CERTIFICATES.frame(rows), retired)["certificate"].tolist()


@pytest.mark.parametrize(("days_left", "expected"), [(0, ["a"]), (-1, ["a"]), (-90, ["a"]), (-91, []), (None, [])])
def test_it_is_told_for_ninety_days(days_left: int | None, expected: list[str]) -> None:
    assert expected == lapses(certificate("a", days_left=days_left))


@pytest.mark.parametrize("status", ["revoked", "superseded", "active", "not-yet-valid"])
def test_only_what_ran_out_has_lapsed(status: str) -> None:
    assert [] == lapses(certificate("a", status=status))


def test_what_was_taken_over_from_has_not_lapsed_and_a_ca_is_no_server() -> None:
    assert [] == lapses(certificate("a", superseded_by="b"), certificate("ca", is_ca=True))


@pytest.mark.parametrize(
    ("names", "other", "expected"),
    [
        (HOST, f"{HOST} www.{HOST}", []),  # a renewal that adds a name
        (f"{HOST} www.{HOST}", HOST, ["a"]),  # one that drops a name leaves a gap
        (HOST, "*.dot.example.gov", []),
        (f"a.{HOST}", "*.dot.example.gov", ["a"]),  # a wildcard covers one label only
        ("*.dot.example.gov", HOST, ["a"]),
        ("dot.example.gov", "*.dot.example.gov", ["a"]),
        ("intranet", "*.intranet", ["a"]),
        ("ann@dot.example.gov", HOST, []),  # names no host, so leaves none without a certificate
        (f"ann@dot.example.gov {HOST}", "www.dot.example.gov", ["a"]),
        ("", HOST, []),  # an OCSP responder, whose common name is of several words
        (HOST, "", ["a"]),
    ],
)
def test_a_name_that_another_certificate_covers_has_no_gap(names: str, other: str, expected: list[str]) -> None:
    assert expected == lapses(certificate("a", names=names), certificate("b", names=other, status="active", agency="DEP"))


def test_a_revoked_or_expired_certificate_covers_nothing() -> None:
    others = (certificate("b", status="revoked"), certificate("c", days_left=-300), certificate("d", status="active", is_ca=True))
    assert ["a"] == lapses(certificate("a"), *others)


def test_a_retired_host_needs_no_certificate_and_one_of_two_still_does() -> None:
    assert [] == lapses(certificate("a"), retired=(HOST,))
    assert ["a"] == lapses(certificate("a", names=f"{HOST} www.{HOST}"), retired=(HOST,))


_NO_HOSTS = ("ann@dot.example.gov", "https://dot.example.gov/a", "=1+1", "")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(_NO_HOSTS), max_size=4), st.sampled_from([HOST, "*.dot.example.gov", "intranet", "2001:db8::1"]))
def test_what_names_no_host_never_lapses_and_what_names_one_does_whatever_stands_beside_it(others: list[str], host: str) -> None:
    without, with_one = " ".join(others).strip(), " ".join([*others, host]).strip()
    assert ["b"] == lapses(certificate("a", names=without), certificate("b", names=with_one))
