"""Certificate continuity: the worked case and every edge of facts/service-levels §4.3, and what hosts.csv changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline.continuity import Continuity, continuity
from pipeline.contracts import CERTIFICATES, CONTINUITY, HOSTS
from pipeline.settings import Organization

UTC = Organization(timezone="UTC")
AS_OF = dt.date(2026, 6, 30)
DAY = 86_400
HOST = "www.example.gov"
BEFORE = "2024-01-01T00:00:00Z"
AFTER = "2027-12-31T23:59:59Z"


def certificate(name: str, begin: str, last: str, **facts: Any) -> dict[str, Any]:
    """A server's certificate; `last` is notAfter, the last second that it covers."""
    usual = {"names": HOST, "agency": "DOT", "parse_status": "none", "matched": "none", "role": "billing", "source": 1}
    return {"certificate": name, "valid_from": begin, "valid_to": last, **usual, **facts}


def said(*lines: tuple[str, str, str]) -> pd.DataFrame:
    return HOSTS.frame(
        {"host": host, "state": state, "since": dt.date.fromisoformat(since), "by": "Ada", "source": number}
        for number, (host, state, since) in enumerate(lines)
    )


def measured(
    *rows: dict[str, Any], hosts: pd.DataFrame | None = None, as_of: dt.date = AS_OF, organization: Organization = UTC
) -> Continuity:
    return continuity(CERTIFICATES.frame(rows), HOSTS.empty() if hosts is None else hosts, organization, as_of)


def figures(result: Continuity, period: str = "FY2026", host: str = HOST) -> dict[str, Any]:
    table = result.table
    (row,) = table[(table["period"] == period) & (table["host"] == host)].to_dict("records")
    return row


def ends(result: Continuity) -> list[tuple[str, str, str, float, str]]:
    columns = ["certificate", "replaced_by", "outcome", "lead_time_days", "band"]
    return list(result.renewals[columns].itertuples(index=False, name=None))


def test_the_worked_case() -> None:
    result = measured(certificate("A", BEFORE, "2026-01-14T23:59:59Z"), certificate("B", "2026-01-18T12:00:00Z", AFTER))
    year = figures(result)
    assert (365 * DAY, int(361.5 * DAY), 1, int(3.5 * DAY)) == (
        year["in_service_seconds"], year["covered_seconds"], year["gaps"], year["longest_gap_seconds"]
    )  # fmt: skip
    assert 99.0411 == round(100 * year["covered_seconds"] / year["in_service_seconds"], 4)
    assert (-3.5, "lapse", 0) == (year["lead_time_days"], year["band"], year["unknown_seconds"])
    assert [("A", "B", "renewed", -3.5, "lapse")] == ends(result)
    (gap,) = result.gaps.to_dict("records")
    assert (HOST, "DOT", "2026-01-15 00:00", "2026-01-18 12:00", int(3.5 * DAY)) == (
        gap["host"], gap["agency"], f"{gap['began_at']:%Y-%m-%d %H:%M}", f"{gap['ended_at']:%Y-%m-%d %H:%M}", gap["seconds"]
    )  # fmt: skip


def test_nothing_in_nothing_out() -> None:
    result = measured()
    assert (0, 0, 0) == (len(result.table), len(result.renewals), len(result.gaps))
    assert CONTINUITY.names == list(result.table.columns)


@pytest.mark.parametrize(
    ("begin", "gap", "lead", "band"),
    [
        ("2026-01-15T00:00:00Z", 0, 0.0, "near-miss"),
        ("2026-01-15T00:00:01Z", 1, -1 / DAY, "lapse"),
        ("2026-01-08T00:00:01Z", 0, 7 - 1 / DAY, "near-miss"),
        ("2026-01-08T00:00:00Z", 0, 7.0, "after-first-notice"),
        ("2025-12-16T00:00:01Z", 0, 30 - 1 / DAY, "after-first-notice"),
        ("2025-12-16T00:00:00Z", 0, 30.0, "early"),
    ],
)
def test_not_after_is_covered_and_the_next_second_is_in_time(begin: str, gap: int, lead: float, band: str) -> None:
    result = measured(certificate("A", BEFORE, "2026-01-14T23:59:59Z"), certificate("B", begin, AFTER))
    assert gap == figures(result)["longest_gap_seconds"]
    assert [("A", "B", "renewed", lead, band)] == ends(result)


def test_one_certificate_serves_from_its_first_second() -> None:
    year = figures(measured(certificate("A", "2026-06-01T00:00:00Z", AFTER)))
    assert (30 * DAY, 30 * DAY, 0) == (year["in_service_seconds"], year["covered_seconds"], year["gaps"])


def test_overlapping_certificates_are_not_counted_double() -> None:
    first, second = certificate("A", "2026-05-01T00:00:00Z", AFTER), certificate("B", "2026-05-11T00:00:00Z", "2026-06-15T00:00:00Z")
    result = measured(first, second)
    assert (61 * DAY, 61 * DAY) == (figures(result)["in_service_seconds"], figures(result)["covered_seconds"])
    assert [] == ends(result)


def test_two_certificates_of_one_begin_do_not_renew_each_other() -> None:
    assert [] == ends(measured(certificate("A", BEFORE, "2026-12-01T00:00:00Z"), certificate("B", BEFORE, AFTER)))


def test_a_replacement_issued_early_counts_by_its_day_of_issue_and_its_gap_stays_a_gap() -> None:
    later = certificate("B", "2026-01-16T00:00:00Z", AFTER, issued_on=dt.date(2026, 1, 4))
    result = measured(certificate("A", BEFORE, "2026-01-14T23:59:59Z"), later)
    assert [("A", "B", "renewed", 10.0, "after-first-notice")] == ends(result)
    assert (1, DAY) == (figures(result)["gaps"], figures(result)["longest_gap_seconds"])


def test_a_day_of_issue_after_the_begin_of_validity_moves_nothing() -> None:
    later = certificate("B", "2026-01-15T00:00:00Z", AFTER, issued_on=dt.date(2026, 1, 16))
    assert [("A", "B", "renewed", 0.0, "near-miss")] == ends(measured(certificate("A", BEFORE, "2026-01-14T23:59:59Z"), later))


def test_a_replacement_that_is_issued_and_begins_after_now_is_known() -> None:
    later = certificate("B", "2026-07-05T00:00:00Z", AFTER, issued_on=dt.date(2026, 6, 1))
    result = measured(certificate("A", BEFORE, "2026-06-29T23:59:59Z"), later)
    assert [("A", "B", "renewed", 28.0, "after-first-notice")] == ends(result)
    assert (DAY, 0) == (figures(result)["longest_gap_seconds"], figures(result)["unknown_seconds"])
    assert [pd.isna(end) for end in result.gaps["ended_at"]] == [True]


def test_a_certificate_that_is_not_issued_yet_is_not_known() -> None:
    result = measured(certificate("A", BEFORE, "2026-06-29T23:59:59Z"), certificate("B", "2026-07-05T00:00:00Z", AFTER))
    assert [("A", "", "unknown")] == [one[:3] for one in ends(result)]


def test_a_renewal_of_what_ends_after_now_is_known_and_judged_in_the_month_of_the_end() -> None:
    result = measured(certificate("A", BEFORE, "2026-08-31T23:59:59Z"), certificate("B", "2026-06-01T00:00:00Z", AFTER))
    assert [("A", "B", "renewed", 92.0, "early")] == ends(result)
    assert {""} == set(result.table["band"])


def test_a_revocation_without_a_replacement_ends_the_cover_at_the_end_of_its_day() -> None:
    revoked = certificate("A", BEFORE, AFTER, revoked_by="billing", revoked_on=dt.date(2026, 6, 20))
    result = measured(revoked)
    assert (10 * DAY, [("A", "", "unknown")]) == (figures(result)["unknown_seconds"], [one[:3] for one in ends(result)])
    in_service = measured(revoked, hosts=said((HOST, "renewing", "2024-01-01")))
    assert [("A", "", "not-renewed", -10.0, "lapse")] == ends(in_service)
    assert (10 * DAY, 0) == (figures(in_service)["longest_gap_seconds"], figures(in_service)["unknown_seconds"])


def test_a_reissue_for_a_lost_key_is_no_near_miss() -> None:
    revoked = certificate("A", BEFORE, AFTER, revoked_by="billing", revoked_on=dt.date(2026, 6, 20))
    result = measured(revoked, certificate("B", "2026-06-20T10:00:00Z", AFTER))
    assert ([], 0) == (ends(result), figures(result)["gaps"])


def test_a_replacement_from_the_last_second_of_a_revoked_one_is_a_reissue_too() -> None:
    revoked = certificate("A", BEFORE, AFTER, revoked_by="billing", revoked_on=dt.date(2026, 6, 20))
    result = measured(revoked, certificate("B", "2026-06-21T00:00:00Z", AFTER))
    assert ([], 0) == (ends(result), figures(result)["gaps"])


def test_a_replacement_after_a_revocation_ends_a_gap() -> None:
    revoked = certificate("A", BEFORE, AFTER, revoked_by="inventory", revoked_on=dt.date(2026, 6, 20))
    result = measured(revoked, certificate("B", "2026-06-23T00:00:00Z", AFTER))
    assert [("A", "B", "renewed", -2.0, "lapse")] == ends(result)
    assert 2 * DAY == figures(result)["longest_gap_seconds"]


def test_a_revocation_of_a_later_day_has_not_happened() -> None:
    assert 0 == figures(measured(certificate("A", BEFORE, AFTER, revoked_by="billing", revoked_on=dt.date(2026, 7, 1))))["gaps"]


def test_what_was_revoked_nobody_knows_when_covers_nothing() -> None:
    year = figures(measured(certificate("A", "2026-06-01T00:00:00Z", AFTER, revoked_by="billing")))
    assert (0, 0, 30 * DAY) == (year["in_service_seconds"], year["covered_seconds"], year["unknown_seconds"])
    with_another = measured(
        certificate("A", "2026-06-01T00:00:00Z", AFTER, revoked_by="billing"), certificate("B", "2026-06-21T00:00:00Z", AFTER)
    )
    assert (10 * DAY, 0) == (figures(with_another)["in_service_seconds"], figures(with_another)["gaps"])


def test_what_was_revoked_nobody_knows_when_is_no_gap_of_a_host_that_is_retired() -> None:
    revoked = certificate("A", "2026-06-01T00:00:00Z", AFTER, revoked_by="billing")
    retired = measured(revoked, hosts=said((HOST, "retired", "2026-06-20")))
    assert (0, 0, 0) == (len(retired.table), len(retired.renewals), len(retired.gaps))
    in_service = figures(measured(revoked, hosts=said((HOST, "renewing", "2026-06-21"))))
    assert (10 * DAY, 10 * DAY) == (in_service["in_service_seconds"], in_service["longest_gap_seconds"])


def test_a_host_that_never_had_a_certificate_is_not_covered() -> None:
    year = figures(measured(hosts=said((HOST, "automated", "2026-06-21"))))
    assert (10 * DAY, 0, 1, 10 * DAY, "") == (
        year["in_service_seconds"], year["covered_seconds"], year["gaps"], year["longest_gap_seconds"], year["agency"]
    )  # fmt: skip


def test_a_host_of_which_nobody_said_anything_is_unknown_after_its_last_end() -> None:
    result = measured(certificate("A", BEFORE, "2026-05-31T23:59:59Z"))
    year, june = figures(result), figures(result, "2026-06")
    assert (335 * DAY, 335 * DAY, 0, 30 * DAY) == (
        year["in_service_seconds"], year["covered_seconds"], year["gaps"], year["unknown_seconds"]
    )  # fmt: skip
    assert (0, 0, 30 * DAY) == (june["in_service_seconds"], june["covered_seconds"], june["unknown_seconds"])
    assert [("A", "", "unknown")] == [one[:3] for one in ends(result)]
    assert [("", True)] == [(row.band, pd.isna(row.lead_time_days)) for row in result.renewals.itertuples()]
    assert 0 == len(result.gaps)


@pytest.mark.parametrize("state", ["renewing", "automated"])
def test_a_host_that_is_said_to_be_in_service_is_in_a_gap_until_now(state: str) -> None:
    result = measured(certificate("A", BEFORE, "2026-05-31T23:59:59Z"), hosts=said((HOST, state, "2026-06-15")))
    assert (30 * DAY, 0) == (figures(result)["longest_gap_seconds"], figures(result)["unknown_seconds"])
    assert [("A", "", "not-renewed", -30.0, "lapse")] == ends(result)


def test_a_retired_host_is_out_of_service_from_its_day_on() -> None:
    zone = Organization(timezone="America/New_York")
    result = measured(certificate("A", "2026-06-01T04:00:00Z", AFTER), hosts=said((HOST, "retired", "2026-06-11")), organization=zone)
    year = figures(result)
    assert (10 * DAY, 10 * DAY, 0, []) == (year["in_service_seconds"], year["covered_seconds"], year["gaps"], ends(result))


def test_a_host_retired_before_its_certificate_ended_has_no_lapse() -> None:
    result = measured(certificate("A", BEFORE, "2026-05-31T23:59:59Z"), hosts=said((HOST, "retired", "2026-05-01")))
    assert [("A", "", "retired", "")] == [(*one[:3], one[4]) for one in ends(result)]
    assert (0, 0) == (figures(result)["gaps"], figures(result)["unknown_seconds"])


def test_a_host_retired_after_its_certificate_ended_had_a_lapse_until_then() -> None:
    result = measured(certificate("A", BEFORE, "2026-05-31T23:59:59Z"), hosts=said((HOST, "retired", "2026-06-06")))
    assert [("A", "", "not-renewed", -5.0, "lapse")] == ends(result)
    assert 5 * DAY == figures(result)["longest_gap_seconds"]


def test_a_host_that_comes_back_is_in_service_again_and_its_pause_is_no_gap() -> None:
    lines = said((HOST, "retired", "2026-02-01"), (HOST, "renewing", "2026-04-01"))
    result = measured(
        certificate("A", "2026-01-01T00:00:00Z", "2026-01-31T23:59:59Z"), certificate("B", "2026-04-01T00:00:00Z", AFTER), hosts=lines
    )
    assert (122 * DAY, 0) == (figures(result)["in_service_seconds"], figures(result)["gaps"])
    assert [("A", "B", "retired", "")] == [(*one[:3], one[4]) for one in ends(result)]


def test_a_line_of_a_later_day_is_not_in_force() -> None:
    result = measured(certificate("A", BEFORE, "2026-05-31T23:59:59Z"), hosts=said((HOST, "renewing", "2026-07-01")))
    assert 30 * DAY == figures(result)["unknown_seconds"]


def test_a_wildcard_covers_one_label() -> None:
    own = certificate("A", "2026-06-01T00:00:00Z", "2026-06-10T23:59:59Z", names="a.example.gov b.a.example.gov")
    result = measured(own, certificate("W", "2026-01-01T00:00:00Z", AFTER, names="*.example.gov"))
    one, deep = figures(result, host="a.example.gov"), figures(result, host="b.a.example.gov")
    assert (30 * DAY, 30 * DAY, 0) == (one["in_service_seconds"], one["covered_seconds"], one["unknown_seconds"])
    assert (10 * DAY, 10 * DAY, 20 * DAY) == (deep["in_service_seconds"], deep["covered_seconds"], deep["unknown_seconds"])
    assert [("b.a.example.gov", "unknown")] == list(result.renewals[["host", "outcome"]].itertuples(index=False, name=None))
    assert 181 * DAY == figures(result, host="*.example.gov")["in_service_seconds"]


def test_a_gap_is_only_what_the_wildcard_leaves_open() -> None:
    rows = [
        certificate("A", "2026-06-01T00:00:00Z", "2026-06-10T23:59:59Z"),
        certificate("W", "2026-06-13T00:00:00Z", "2026-06-15T23:59:59Z", names="*.example.gov"),
        certificate("B", "2026-06-20T00:00:00Z", AFTER),
    ]
    assert (2, 4 * DAY, 24 * DAY) == (
        figures(measured(*rows))["gaps"], figures(measured(*rows))["longest_gap_seconds"], figures(measured(*rows))["covered_seconds"]
    )  # fmt: skip


def test_each_host_of_a_certificate_counts_and_what_is_no_host_does_not() -> None:
    result = measured(certificate("A", "2026-06-01T00:00:00Z", AFTER, names="a.example.gov b.example.gov web@example.gov"))
    assert {"a.example.gov", "b.example.gov"} == set(result.table["host"])


@pytest.mark.parametrize(
    "facts", [{"is_ca": True}, {"names": ""}, {"valid_from": None}, {"valid_to": None}, {"names": "web@example.gov"}], ids=str
)
def test_what_serves_no_host_takes_no_part(facts: dict[str, Any]) -> None:
    assert 0 == len(measured(certificate("A", BEFORE, AFTER) | facts).table)


def test_a_host_that_changes_hands_has_a_row_for_each_agency() -> None:
    result = measured(
        certificate("A", BEFORE, "2026-06-14T23:59:59Z", agency="OTR"),
        certificate("F", "2026-06-12T00:00:00Z", "2026-06-13T00:00:00Z", agency=""),
        certificate("B", "2026-06-16T00:00:00Z", AFTER, agency="DLH"),
    )
    june = result.table[result.table["period"] == "2026-06"]
    columns = ["agency", "in_service_seconds", "covered_seconds", "gaps", "band"]
    assert [("DLH", 15 * DAY, 15 * DAY, 0, ""), ("OTR", 15 * DAY, 14 * DAY, 1, "lapse")] == list(
        june[columns].itertuples(index=False, name=None)
    )


def test_a_gap_over_the_end_of_a_month_is_counted_in_both_and_once_a_year() -> None:
    result = measured(certificate("A", BEFORE, "2026-01-29T23:59:59Z"), certificate("B", "2026-02-04T00:00:00Z", AFTER))
    found = [figures(result, period) for period in ("2026-01", "2026-02", "FY2026")]
    assert [(1, 2 * DAY), (1, 3 * DAY), (1, 5 * DAY)] == [(row["gaps"], row["longest_gap_seconds"]) for row in found]
    assert ["lapse", "", "lapse"] == [row["band"] for row in found]


def test_the_year_to_date_ends_now() -> None:
    result = measured(certificate("A", BEFORE, AFTER), as_of=dt.date(2026, 7, 10))
    assert 10 * DAY == figures(result, "FY2027-YTD")["in_service_seconds"]
    assert 365 * DAY == figures(result, "FY2026")["in_service_seconds"]
    # beside the year to date the same span of the year before
    assert 10 * DAY == figures(result, "FY2026-YTD")["in_service_seconds"]
    assert ["FY2025", "FY2026", "FY2026-YTD", "FY2027-YTD"] == [period for period in result.table["period"] if period.startswith("FY")]


def test_the_clocks_of_the_office_decide_how_long_a_month_is() -> None:
    zone = Organization(timezone="America/New_York")
    result = measured(certificate("A", BEFORE, AFTER), organization=zone, as_of=dt.date(2026, 11, 30))
    assert (743, 721) == tuple(figures(result, month)["in_service_seconds"] // 3600 for month in ("2026-03", "2026-11"))


def test_a_certificate_without_an_end_of_time_is_bearable() -> None:
    year = figures(measured(certificate("A", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")))
    assert (365 * DAY, 0) == (year["covered_seconds"], year["gaps"])
