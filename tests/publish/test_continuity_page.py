"""The page of certificate continuity: what directors read first, whose hosts are named, and what stands in no public page."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from pipeline import contracts
from pipeline.continuity import continuity as measured_continuity
from pipeline.publish.pages import continuity
from pipeline.publish.pages.edition import NO_AGENCY, Edition
from pipeline.publish.parts import Chip, Noted
from pipeline.publish.stamp import RunStamp
from pipeline.service import Records, measures
from tests.massachusetts import desk_time
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")


def certificate(name: str, agency: str, host: str, begin: str, last: str) -> dict[str, Any]:
    usual = {"parse_status": "none", "matched": "none", "role": "billing", "source": 1, "contact_email": "ann@dot.example.gov"}
    return {"certificate": name, "agency": agency, "names": host, "valid_from": begin, "valid_to": last, **usual}


ESTATE = (
    certificate("A1", "DOT", "ok.dot.example.gov", "2025-11-01T00:00:00Z", "2026-11-10T00:00:00Z"),
    certificate("A2", "DOT", "ok.dot.example.gov", "2026-10-10T00:00:00Z", "2027-11-01T00:00:00Z"),
    certificate("B1", "DEP", "late.dep.example.gov", "2026-01-01T00:00:00Z", "2026-10-09T23:59:59Z"),
    certificate("B2", "DEP", "late.dep.example.gov", "2026-10-13T12:00:00Z", "2027-11-01T00:00:00Z"),
    certificate("C1", "DEP", "near.dep.example.gov", "2026-01-01T00:00:00Z", "2026-10-20T23:59:59Z"),
    certificate("C2", "DEP", "near.dep.example.gov", "2026-10-18T00:00:00Z", "2027-11-01T00:00:00Z"),
    certificate("D1", "DEP", "gone.dep.example.gov", "2026-01-01T00:00:00Z", "2026-11-13T12:00:00Z"),
)


def edition(*certificates: dict[str, Any], profile: Any = "internal", hosts: tuple[dict[str, Any], ...] = ()) -> Edition:
    inventory = contracts.CERTIFICATES.frame(certificates)
    covered = measured_continuity(inventory, contracts.HOSTS.frame(hosts), SETTINGS.organization, AS_OF)
    table = measures(Records(continuity=covered.table, renewals=covered.renewals), desk_time(), SETTINGS, AS_OF).table
    made = bookkeeping.books(
        [], certificates=inventory, continuity=covered.table, renewals=covered.renewals, gaps=covered.gaps, measures=table
    )
    return Edition(made, SETTINGS, STAMP, profile)


def view(made: Edition) -> dict[str, Any]:
    (page,) = continuity.pages(made)
    return page.view


def test_the_first_sentence_says_what_was_covered_and_what_came_late() -> None:
    # four hosts for 31 days, one of them 3.5 days without a certificate
    assert (
        "In October 2026, a valid certificate covered 97.18 % of the time in which 4 host names were in service; 1 of them had a gap. "
        "In the last 12 months 1 certificate lapsed, and 1 was renewed with less than 7 days left."
    ) == view(edition(*ESTATE))["sentence"]
    assert "In October 2026 no host name was known to be in service, so there is nothing to measure." == view(edition())["sentence"]


def test_gaps_late_renewals_and_what_nobody_knows_are_listed_by_host() -> None:
    shown = view(edition(*ESTATE))
    (gap,) = shown["gaps"].rows
    assert ["late.dep.example.gov", "2026-10-09 20:00", "2026-10-13 08:00", "3.5 days"] == [gap[0], *gap[2:]]
    expected = [
        ("near.dep.example.gov", "near miss", "3.0 days before the end"),
        ("late.dep.example.gov", "lapse", "3.5 days after the end"),
    ]
    assert expected == [(row[0], row[2].text, row[4].remark) for row in shown["late"].rows]
    (unknown,) = shown["unaccounted"].rows
    assert ("gone.dep.example.gov", Noted("2026-11-13", "10 days ago")) == (unknown[0], unknown[2])


def test_the_agency_with_the_least_covered_time_stands_first() -> None:
    rows = view(edition(*ESTATE))["agencies"].rows
    assert ["DEP", "DOT"] == [row[0].text for row in rows]
    assert ["3", "1", "2", "0 %", "1", "1"] == rows[0][2:]
    assert ["100.00 %", "1", "0", "1", "100 %", "0", "0"] == rows[1][1:]


def test_hosts_of_no_known_agency_have_a_row_so_that_the_agencies_add_up_to_the_office() -> None:
    unknown = [one | {"agency": ""} if one["agency"] == "DEP" else one for one in ESTATE]
    shown = view(edition(*unknown))
    rows = shown["agencies"].rows
    assert [NO_AGENCY, "DOT"] == [row[0] if isinstance(row[0], str) else row[0].text for row in rows]
    assert view(edition(*ESTATE))["agencies"].rows[0][1:] == rows[0][1:]


def test_a_gap_that_goes_on_is_the_first_and_says_so() -> None:
    line = {"host": "gone.dep.example.gov", "state": "renewing", "since": dt.date(2026, 1, 1), "by": "Ada", "source": 1}
    shown = view(edition(*ESTATE, hosts=(line,)))
    assert ["gone.dep.example.gov", Chip("goes on", "missed")] == [shown["gaps"].rows[0][0], shown["gaps"].rows[0][3]]
    assert [] == list(shown["unaccounted"].rows)
    assert "not renewed" == shown["late"].rows[0][4].text


def test_a_certificate_that_was_revoked_nobody_knows_when_has_no_last_day() -> None:
    made = edition(*ESTATE[:6], ESTATE[6] | {"revoked_by": "billing"})
    assert [["gone.dep.example.gov", "revoked, on a day that no export tells"]] == [
        [row[0], row[2]] for row in view(made)["unaccounted"].rows
    ]


def test_a_certificate_that_was_revoked_is_told_from_one_that_ran_out() -> None:
    made = edition(*ESTATE[:6], ESTATE[6] | {"revoked_by": "billing", "revoked_on": dt.date(2026, 11, 3)})
    assert [Noted("2026-11-03", "revoked 20 days ago")] == [row[2] for row in view(made)["unaccounted"].rows]
    after = edition(*ESTATE[:6], ESTATE[6] | {"revoked_by": "billing", "revoked_on": dt.date(2026, 11, 20)})
    assert [Noted("2026-11-13", "10 days ago")] == [row[2] for row in view(after)["unaccounted"].rows]


def test_hosts_that_count_for_two_agencies_are_told_where_the_agencies_add_up_to_more_than_there_are() -> None:
    theirs = certificate("A3", "DEP", "ok.dot.example.gov", "2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z")
    shown = view(edition(*ESTATE, theirs))
    assert (
        "The host names of the agencies add up to 5 beside 4 host names in all, for some count for more than one agency: 1 for DEP and DOT."
    ) == shown["counted_twice"]
    assert 5 == sum(int(row[2]) for row in shown["agencies"].rows)
    assert "" == view(edition(*ESTATE))["counted_twice"]
    assert "" == view(edition(*ESTATE, theirs, profile="public"))["counted_twice"]


def test_no_host_stands_on_the_public_page() -> None:
    shown = view(edition(*ESTATE, profile="public"))
    assert (None, None, None, None, []) == tuple(shown[name] for name in ("gaps", "late", "unaccounted", "agencies", "files"))
    assert "example.gov" not in str(shown)


def test_the_card_of_an_agency_says_how_many_of_its_hosts_nobody_accounts_for() -> None:
    lost = certificate("E1", "DOT", "lost.dot.example.gov", "2026-01-01T00:00:00Z", "2026-11-13T12:00:00Z")
    said = ({"host": "lost.dot.example.gov", "state": "retired", "since": dt.date(2026, 11, 13), "by": "Ada", "source": 1},)
    cards = [continuity.of_year(one, "DOT") for one in (edition(*ESTATE), edition(*ESTATE, lost), edition(*ESTATE, lost, hosts=said))]
    expected = [("met", "no gap"), ("near", "no gap, but 1 host name is unaccounted for"), ("met", "no gap")]
    assert expected == [(card.state, card.word) for card in cards]
    late = continuity.of_year(edition(*ESTATE), "DEP")
    assert ("near", "1 host name had a gap, and 1 is unaccounted for") == (late.state, late.word)


@pytest.mark.parametrize(("retired", "expected"), [((), "97.57 %"), (("gone.dep.example.gov",), "")])
def test_the_figure_is_bounded_by_what_nobody_knows(retired: tuple[str, ...], expected: str) -> None:
    """Since 1 July three hosts were in service for 3,505 hours and one for 3,248; 84 were not covered: 13,679 of 4 times 3,505."""
    lines = tuple({"host": host, "state": "retired", "since": dt.date(2026, 11, 13), "by": "Ada", "source": 1} for host in retired)
    assert expected == view(edition(*ESTATE, hosts=lines))["at_least"]


def test_months_before_the_first_that_is_charged_are_told_to_rest_on_what_is_left_of_them() -> None:
    early = certificate("E1", "DOT", "old.dot.example.gov", "2025-03-01T00:00:00Z", "2026-12-31T00:00:00Z")
    settings = SETTINGS.model_copy(update={"charges": SETTINGS.charges.model_copy(update={"begin": dt.date(2025, 7, 1)})})
    said = view(dataclasses.replace(edition(early), settings=settings))["before"]
    assert said.startswith("Months before 1 July 2025, the first day that is charged, rest only on what later exports still tell of them.")
    assert "" == view(dataclasses.replace(edition(*ESTATE), settings=settings))["before"]
