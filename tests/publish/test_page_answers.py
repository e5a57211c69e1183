"""What a finance clerk, a director and an auditor ask of the pages: does it add up, what waits, against what is it compared, and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from pipeline import contracts
from pipeline.publish import waiting
from pipeline.publish.pages import (
    agencies,
    availability,
    chargeback,
    home,
    lots,
    measured,
    outages,
    performance,
    quality,
    recovery,
    request_rows,
    requests,
)
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Figure, Link, Noted
from pipeline.settings import Settings, Target
from tests.publish import site_reader
from tests.publish.bookkeeping import SETTINGS, books, entry
from tests.publish.built import STAMP, build

PROMISE = Target(measure="on-time-completion", kinds=("new", "renew"), business_days=5, share=Decimal("0.95"))


def edition(settings: Settings = SETTINGS, lines: list[dict[str, object]] | None = None, **tables: pd.DataFrame) -> Edition:
    return Edition(books(lines or [], **tables), settings, STAMP, "internal")


def waits_for(kind: str, value: str, **facts: object) -> dict[str, object]:
    """A row of WAITING: one standard order of 2 November 2026 that waits for `value`, less what `facts` say."""
    on = dt.date(2026, 11, 2)
    told = {"orders": 1, "certificates": 1, "least_cents": 22119, "most_cents": 22119, "first_on": on, "last_on": on, "source": 1}
    return {"kind": kind, "value": value, "sources": "1", **told, **facts}


def rate_waits(tier: str, certificates: int) -> dict[str, object]:
    return waits_for("rate", tier, orders=0, certificates=certificates, least_cents=None, most_cents=None)


def card(figures: list[Figure], name: str) -> Figure:
    return next(figure for figure in figures if figure.name == name)


WAITING = contracts.WAITING.frame([
    waits_for("agency", "Parcs"),
    waits_for("agency", "Parks Office"),
    waits_for("tier", "Wildcard Plus", most_cents=54200),
    rate_waits("gold", 3),
])  # fmt: skip
UNANSWERED = contracts.FINDINGS.frame([{
    "code": "charge-waiting", "severity": "error", "column": "agency", "value": "Parks", "row": 2, "action": "kept",
    "reason": "2 orders, $442.38, are charged to nobody until this agency is known. Orders: 77, 78.",
}])  # fmt: skip
WITHOUT_RATE = contracts.WAITING.frame([rate_waits("premium", 1)])


def test_the_money_that_waits_adds_up_by_what_it_waits_for() -> None:
    owned, priced, both = waiting.for_an_agency(WAITING), waiting.for_a_tier(WAITING), waiting.for_an_answer(WAITING)
    assert (2, "$442.38") == (owned.orders, owned.dollars)
    assert (1, "$221.19 to $542.00") == (priced.orders, priced.dollars)
    assert (3, "$663.57 to $984.38") == (both.orders, both.dollars)
    assert 3 == waiting.for_a_rate(WAITING)


def test_what_has_no_rate_waits_too_though_nobody_can_say_for_how_much() -> None:
    """A premium order on a day without a premium rate is charged to nobody: no page may say that nothing waits."""
    made = edition(lines=[entry(1)], waiting=WITHOUT_RATE)
    charges, front = next(chargeback.pages(made)).view, next(home.pages(made)).view
    waits = charges["figures"][-1]
    assert ("near", "and 1 certificate without a rate, amount not known") == (waits.state, waits.change)
    assert ["1 certificate of the tier premium has no rate for its day: what it costs is not known, and nobody is charged for it "
            "until [[rate]] has a line."] == charges["waiting"]  # fmt: skip
    assert ["1 certificate without a rate", "amount not known", "Add the rate of that day"] == [
        front["actions"].rows[0][0].text,
        front["actions"].rows[0][2].remark,
        front["actions"].rows[0][3],
    ]


def test_the_cards_of_charges_add_up_to_the_first_of_them() -> None:
    lines = [
        entry(1),
        entry(2, tier="premium", amount_cents=54200),
        entry(3, kind="credit", amount_cents=-22119),
        entry(4, kind="adjustment", tier="premium", amount_cents=32081),
        entry(5, amount_cents=0, reason="reissue within the term"),
    ]
    view = next(chargeback.pages(edition(lines=lines))).view
    total, *parts, waits = view["figures"]
    assert "$862.81" == total.value
    assert ["$221.19", "$542.00", "$320.81", "−$221.19"] == [figure.value for figure in parts]
    assert "nothing waits" == waits.word
    assert "1 reissue within a paid term was free of charge" in view["also"]


def test_the_chart_of_charges_says_the_total_of_the_table() -> None:
    lines = [entry(1, period="FY2027-P04"), entry(2, amount_cents=54200), entry(3, kind="credit", amount_cents=-54200)]
    view = next(chargeback.pages(edition(lines=lines))).view
    assert "October 2026: $221.19" == view["chart_view"].title  # November has not ended: it is drawn, and compared with nothing
    shown = {row[0]: row[-1] for row in view["chart_view"].table.rows}
    assert {"November 2026": "0.00", "October 2026": "221.19"} == shown
    assert [f"{month} (FY2027-P0{number})" for month, number in (("November 2026", 5), ("October 2026", 4))] == [
        row[0] for row in view["months"].rows
    ]


def test_home_puts_what_waits_first_and_leads_to_the_list() -> None:
    view = next(home.pages(edition(waiting=WAITING))).view
    first, second, _third = view["actions"].rows
    assert "2 orders without an agency" == first[0].text
    assert "$442.38 waits" == first[2].remark
    assert "1 order without a tier" == second[0].text


def test_home_names_decisions_that_cannot_be_posted_with_their_dollars() -> None:
    told = {"agency": "DLH", "kind": "waiver", "amount_cents": 7_500, "why": "no order has the number Z", "source": 1}
    rows = [{**told, "id": "D-1", "state": "refused"}, {**told, "id": "D-2", "state": "refused"}, {**told, "id": "D-3", "state": "waits"}]
    view = next(home.pages(edition(not_posted=contracts.NOT_POSTED.frame(rows)))).view
    row = view["actions"].rows[0]
    assert ("2 decisions not posted", "quality.html#error-adjustment-not-posted") == (row[0].text, row[0].href)
    assert ("$150.00 not moved", "Mend their lines of adjustments.csv") == (row[2].remark, row[3])


def down(source: int, **changes: object) -> dict[str, object]:
    row = {"source": source, "service": "portal", "began_at": "2026-10-01T10:00:00Z", "ended_at": "2026-10-01T11:00:00Z", "kind": "full"}
    return row | changes


def test_outages_are_counted_as_the_measure_counts_them() -> None:
    measures = [
        {"measure": name, "period": "2026-10", "dimension": "service", "member": "portal", "value": value, "n": 1, "unit": unit}
        for name, value, unit in (("portal-availability", 0.99, "share"), ("portal-downtime", 2.5, "hours"))
    ]
    made = edition(measures=contracts.MEASURES.frame(measures), outages=contracts.OUTAGE_ROWS.frame([down(1), down(2)]))
    figure = card(next(availability.pages(made)).view["figures"], "Outages, October 2026")
    assert ("1", "down for 2 h 30 min") == (figure.value, figure.basis)


def test_maintenance_announced_too_late_says_that_it_counts_as_down() -> None:
    late = {"code": "late-maintenance", "severity": "note", "file": "inbox/outages/o.csv", "row": 2, "action": "assumed"}
    made = edition(
        findings=contracts.FINDINGS.frame([late]),
        outages=contracts.OUTAGE_ROWS.frame([down(1, kind="planned"), down(2, kind="planned", began_at="2026-09-01T10:00:00Z")]),
        places=contracts.PLACES.frame({"source": source, "file": "inbox/outages/o.csv", "row": source + 1} for source in (1, 2)),
    )
    kinds = [row[4] for row in outages.grid(made).rows]
    assert [Chip("counted as down: announced too late", "missed"), Chip("planned maintenance")] == kinds


def lot(**changes: object) -> dict[str, object]:
    row = {
        "lot_id": "L1", "tier": "premium", "purchased_on": dt.date(2025, 6, 18), "quantity": 10, "drawn": 6, "returned": 0,
        "expired_unused": 0, "remaining": 4, "total_cost_cents": 10000, "drawn_cost_cents": 6000, "drawn_before": 0, "cost_before_cents": 0,
        "expiring_units": 0, "pace_units": 0, "reserve_units": 0,
    }  # fmt: skip
    return row | changes


def test_a_lot_tells_how_it_ended_or_when_it_runs_out() -> None:
    rows = [
        lot(expired_unused=4, remaining=0, units_expire_on=dt.date(2026, 6, 30)),
        lot(lot_id="L2", drawn=10, remaining=0),
        lot(lot_id="L3"),
        lot(lot_id="L4", run_out_on=dt.date(2026, 12, 3)),
    ]
    grid = next(lots.pages(edition(lots=contracts.LOTS.frame(rows)))).view["grid_view"]
    assert [
        Noted("expired 2026-06-30", "4 units ($40.00) unused", "missed"),
        "used up",
        "nothing drawn in 90 days",
        Noted("2026-12-03", "in 10 days"),
    ] == [row[2] for row in grid.rows]


def stocked(order_on: dt.date | None, **changes: object) -> Edition:
    """Three premium units left of a lot, of which two expire soon, with a day to order more by; the as-of day is 23 November 2026."""
    row = lot(remaining=3, reorder_on=order_on, run_out_on=dt.date(2027, 1, 20), pace_units=5, reserve_units=1, expiring_units=2, **changes)
    return edition(lots=contracts.LOTS.frame([row]))


@pytest.mark.parametrize(
    ("order_on", "state", "word", "at_home"),
    [
        (dt.date(2026, 11, 20), "missed", "order more now", "order due 3 days ago"),
        (dt.date(2026, 11, 23), "missed", "order more now", "order due today"),
        (dt.date(2026, 12, 23), "near", "order more by 2026-12-23", "order due in 30 days"),
        (dt.date(2026, 12, 24), "met", "order more by 2026-12-24", ""),
        (None, "plain", "", ""),
    ],
)
def test_a_tier_says_when_to_order_more_and_home_says_so_while_an_order_takes_as_long(
    order_on: dt.date | None, state: str, word: str, at_home: str
) -> None:
    made = stocked(order_on)
    view = next(lots.pages(made)).view
    card = next(figure for figure in view["figures"] if figure.name == "Premium units left")
    assert ("3", state, word, "2 of them expire within 60 days") == (card.value, card.state, card.word, card.change)
    by = Noted(f"{order_on}", at_home.removeprefix("order due ") or "in 31 days", state) if order_on else "not needed at this pace"
    (row,) = view["tiers"].rows
    assert ["premium", "3", "2", "5", "1", Noted("2027-01-20", "in 58 days"), by] == row
    front = next(home.pages(made)).view
    units = next(figure for figure in front["figures"] if figure.name == "Units left to draw")
    assert (state, word.replace("more", "more premium units")) == (units.state, units.word) if at_home else "" == units.word
    assert "5 asked for in the last 90 days; no run records what was left" == units.change
    actions = front["actions"].rows
    told = [Link("3 premium units left", "lots.html"), "all", Noted(f"{order_on}", at_home, state)]
    assert ([[*told, "Order more; at this pace the units last until 2027-01-20"]] if at_home else []) == actions


def test_the_vendors_count_stands_beside_ours_of_the_same_day() -> None:
    on = {"vendor_remaining_on": dt.date(2026, 11, 20)}
    rows = [
        lot(lot_id="L1", vendor_remaining=4, remaining_that_day=4, vendor_difference=0, **on),
        lot(lot_id="L2", vendor_remaining=4, remaining_that_day=5, vendor_difference=-1, **on),
        lot(lot_id="L3", vendor_remaining=7, remaining_that_day=5, vendor_difference=2, **on),
        lot(lot_id="L4", vendor_remaining=7),
        lot(lot_id="L5"),
    ]
    grid = next(lots.pages(edition(lots=contracts.LOTS.frame(rows)))).view["grid_view"]
    assert [
        Noted("4", "as here on 2026-11-20"),
        Noted("4", "1 fewer than here on 2026-11-20", "near"),
        Noted("7", "2 more than here on 2026-11-20", "near"),
        Noted("7", "not compared"),
        "not told",
    ] == [row[3] for row in grid.rows]


def request(name: str, verdict: str, due: dt.date | None, **changes: object) -> dict[str, object]:
    row = {
        "request_id": name, "kind": "new", "agency": "DOT", "status": "completed", "verdict": verdict, "due_on": due,
        "submitted_at": "2025-07-02T15:00:00Z", "completed_at": "2025-07-20T15:00:00Z", "received_on": dt.date(2025, 7, 2),
        "source": 1, "reopen_count": 0, "assumed_target": False,
    }  # fmt: skip
    return row | changes


def measured_since(month: str) -> pd.DataFrame:
    return contracts.MEASURES.frame([{"measure": performance.ON_TIME, "period": month, "dimension": "office", "n": 1, "unit": "share"}])


def test_a_year_to_date_is_compared_with_the_same_days_of_last_year() -> None:
    then = {"measure": performance.ON_TIME, "period": "FY2026-YTD", "dimension": "office", "unit": "share", "n": 2, "met": 1, "value": 0.5}
    made = edition(measures=pd.concat([measured_since("2025-07"), contracts.MEASURES.frame([then])], ignore_index=True))
    assert "50.0 % of 2 from 1 July to 23 November 2025" == measured.span_last_year(made, performance.ON_TIME)


def test_where_last_year_is_not_whole_it_says_since_when_there_are_figures() -> None:
    made = edition(measures=measured_since("2025-09"))
    assert "no comparison: figures begin in September 2025" == measured.span_last_year(made, performance.ON_TIME)
    late = SETTINGS.model_copy(update={"charges": SETTINGS.charges.model_copy(update={"begin": dt.date(2025, 9, 1)})})
    figure = card(next(home.pages(edition(late))).view["figures"], "Charged in FY2027 to date")
    assert "no comparison: charges begin on 1 September 2025" == figure.change


def test_charges_to_date_are_compared_with_what_was_posted_for_the_same_days() -> None:
    lines = [
        entry(1, period="FY2026-P05", service_on=dt.date(2025, 11, 23)),
        entry(2, period="FY2026-P05", service_on=dt.date(2025, 11, 24)),
        entry(3, period="FY2026-P06", service_on=dt.date(2025, 12, 1)),
        entry(4),
    ]
    figure = card(next(home.pages(edition(lines=lines))).view["figures"], "Charged in FY2027 to date")
    assert ("$221.19", "$221.19 from 1 July to 23 November 2025") == (figure.value, figure.change)


def test_waiting_for_the_customer_is_told_where_it_kept_the_promise_or_moved_the_due_day() -> None:
    """The desk promises five business days after Wednesday 2 July 2025: Wednesday 9 July."""
    rows = [
        request("waited", "met", dt.date(2025, 7, 16), business_days=9, paused_seconds=int(4.5 * 11 * 3600)),
        request("moved", "met", dt.date(2025, 7, 10), business_days=3, paused_seconds=3600),
        request("not moved", "met", dt.date(2025, 7, 9), business_days=3, paused_seconds=3600),
        request("late anyway", "missed", dt.date(2025, 7, 10), business_days=9, paused_seconds=3600, late_seconds=5400),
        request("waits", "paused", None, business_days=2, paused_seconds=3600),
        request("another", "met", dt.date(2025, 7, 9), kind="revoke", business_days=3, paused_seconds=3600),
    ]
    made = edition(SETTINGS.model_copy(update={"target": (PROMISE,)}), requests=contracts.REQUESTS.frame(rows))
    days = [row[-1] for row in request_rows.grid(made, made.books.requests, "", "").rows]
    assert [
        Noted("9", "waited 4.5 days of desk time for the customer"),
        Noted("3", "waited 1 h 00 min of desk time for the customer"),
        "3",
        Noted("9", "late by 1 h 30 min of desk time; waited 1 h 00 min of desk time for the customer"),
        "2",
        "3",
    ] == days


def test_a_request_that_was_called_off_says_so_beside_its_day() -> None:
    rows = [
        request("off", "excluded", None, status="cancelled", business_days=1),
        request("twice", "excluded", None, status="duplicate", business_days=1),
        request("kept", "met", dt.date(2025, 7, 21), business_days=1),
        request("open", "on-track", dt.date(2026, 12, 1), status="open", completed_at=None),
    ]
    made = edition(requests=contracts.REQUESTS.frame(rows))
    done = [row[6] for row in request_rows.grid(made, made.books.requests, "", "").rows]
    assert [Noted("2025-07-20", "cancelled, not done"), Noted("2025-07-20", "a duplicate, not done"), "2025-07-20", "not yet"] == done


def test_what_cannot_be_counted_says_why() -> None:
    rows = [request(str(source), "invalid", None, source=source) for source in (1, 2, 3)]
    found = [
        {"code": code, "severity": "error", "file": "log.csv", "row": row, "column": column, "action": "kept"}
        for code, row, column in (
            ("closed-before-opened", 2, "completed_at"),
            ("closed-before-opened", 3, "completed_at"),
            ("future-stamp", 4, "submitted_at"),
            ("unknown-agency", 4, "agency"),
        )
    ]
    made = edition(
        requests=contracts.REQUESTS.frame(rows),
        findings=contracts.FINDINGS.frame(found),
        places=contracts.PLACES.frame({"source": source, "file": "log.csv", "row": source + 1} for source in (1, 2, 3)),
    )
    assert [("closed before it was opened", 2), ("the time lies after the as-of day", 1)] == requests.not_countable(made)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, site_reader.BuiltPage]:
    """The pages of a merged agency, a credit, a remark on an agency, and money that waits."""
    charge = entry(1, agency="RMV", period="FY2027-P04")
    notes = [{"on": dt.date(2025, 7, 1), "agency": "RMV", "text": "Now part of transportation", "by": "Ann"}]
    made = books(
        [charge, entry(2, kind="credit", amount_cents=-22119, reverses=charge["entry_id"], order_id="88010001")],
        notes=contracts.NOTES.frame(notes),
        findings=UNANSWERED,
        waiting=WAITING,
    )
    return site_reader.pages(build(made, tmp_path_factory.mktemp("told")))


def test_a_merged_agency_says_where_its_bills_go_and_both_pages_link(told: dict[str, site_reader.BuiltPage]) -> None:
    gone, heir = told["agencies/RMV.html"], told["agencies/DOT.html"]
    assert "Became part of DOT (Department of Transportation) on 2025-06-30; bills since then go to DOT." in gone.text
    assert "../agencies/DOT.html" in gone.attributes("href")
    assert "RMV (Registry of Motor Vehicles) became part of it on 2025-06-30" in heir.text
    assert "../agencies/RMV.html" in heir.attributes("href")
    assert ["app1.dot.example.gov"] == heir.column("Certificates in force under the old code RMV, most urgent first", "Host name")


def test_what_stands_under_the_code_of_an_agency_that_became_part_of_it_is_counted_and_told() -> None:
    rows = [
        request("R-1", "overdue", None, agency="RMV"),
        request("R-2", "met", STAMP.as_of, agency="RMV"),
        request("R-3", "met", STAMP.as_of, agency="DOT"),
    ]
    made = edition(lines=[entry(1, agency="RMV")], requests=contracts.REQUESTS.frame(rows))
    view = next(page.view for page in agencies.pages(made) if page.view.get("code") == "DOT")
    figure = card(view["figures"], "Requests not finished")
    assert ("1", "of 3 ever made, 2 from RMV") == (figure.value, figure.basis)
    assert [("2 requests", False)] == [(one["requests"], one["none_open"]) for one in view["predecessors"]]
    assert "Notices for app1.dot.example.gov" == view["contacts"].rows[-1][0]


def test_a_remark_on_an_agency_stands_where_it_explains_something(told: dict[str, site_reader.BuiltPage]) -> None:
    remark = "Now part of transportation"
    with_it = {name for name, page in told.items() if remark in page.text}
    assert {"agencies/RMV.html", "agencies/DOT.html", "chargeback.html"} == with_it


def test_a_credit_names_the_charge_that_it_takes_back(told: dict[str, site_reader.BuiltPage]) -> None:
    what = told["trace/DOT.html"].column("Lines of DOT, newest month first", "What")
    assert "takes back $221.19 charged in October 2026 (FY2027-P04), order 88010001" in what[0]


def test_what_waits_is_listed_on_the_charges_page_and_leads_to_data_quality(told: dict[str, site_reader.BuiltPage]) -> None:
    page = told["chargeback.html"]
    assert "“Parks”: 2 orders, $442.38, are charged to nobody until this agency is known. Orders: 77, 78." in page.text
    assert "waiting-for-an-answer" in page.attributes("id")
    assert "quality.html" in page.attributes("href")
    assert "chargeback.html#waiting-for-an-answer" in told["index.html"].attributes("href")


def test_no_two_columns_of_charges_by_agency_have_one_name(told: dict[str, site_reader.BuiltPage]) -> None:
    heads = told["chargeback.html"].tables["Charges by agency, largest first, in US dollars"][0]
    assert len(set(heads)) == len(heads)
    assert ["FY2027 to date, $", "Same span of FY2026, $", "All of FY2026, $"] == heads[2:5]


def test_the_public_edition_counts_what_waits_and_names_no_order(tmp_path: Path) -> None:
    page = site_reader.BuiltPage(build(books([entry(1)], findings=UNANSWERED, waiting=WAITING), tmp_path, "public") / "chargeback.html")
    assert "$442.38" in page.text
    assert [] == [secret for secret in ("Parks", "77", "Wildcard") if secret in page.text]


def test_a_kind_of_finding_has_the_grade_that_its_findings_have() -> None:
    """The same code may be graver in one place than in another: the counts by grade must add up to the cards."""
    found = [{"code": "missing-value", "severity": severity, "action": "kept", "row": 2} for severity in ("warning", "warning", "error")]
    view = next(quality.pages(edition(findings=contracts.FINDINGS.frame(found)))).view
    assert [("error", "1"), ("warning", "2")] == [(row[1].text, row[2]) for row in view["codes"].rows]


def test_words_of_two_cells_are_two_words_to_the_search(told: dict[str, site_reader.BuiltPage]) -> None:
    page = told["trace/DOT.html"].path.read_text(encoding="utf-8")
    assert "</th><" not in page
    assert "</td><" not in page


def test_what_is_due_now_needs_action_before_it_is_overdue() -> None:
    due = request("R-9", "at-risk", STAMP.as_of)
    view = next(home.pages(edition(requests=contracts.REQUESTS.frame([due])))).view
    assert ["R-9"] == [row[0] for row in view["actions"].rows]


RECOVERED = {
    "fiscal_year": 2027, "tier": "standard", "opening_cents": -500, "charged_cents": 100_000, "credited_cents": -22_119,
    "cost_cents": 60_000, "unused_cents": 0,
    "closing_cents": 17_381, "office_cost_cents": 0, "basis": "certificate cost only", "orders": 4, "without_cost": 0,
}  # fmt: skip
JUDGED = RECOVERED | {
    "fiscal_year": 2026, "basis": "full cost", "office_cost_cents": 5_000, "reserve_limit_cents": 10_000, "reserve": "above",
    "carry_limit_cents": 20_000, "carry_forward": "within", "rate_since": dt.date(2024, 7, 1), "rate_age_days": 731,
    "proposed_rate_cents": 20_901,
}  # fmt: skip


def view(*rows: dict[str, object]) -> dict[str, object]:
    return next(recovery.pages(edition(recovery=contracts.RECOVERY.frame(rows)))).view


def test_the_recovery_says_of_what_cost_it_speaks_and_judges_nothing_without_it() -> None:
    shown = view(RECOVERED)
    assert (
        "As of 23 November 2026, with what the year opened with: standard $173.81 above the cost of its certificates alone. Tiers"
        in str(shown["sentence"])
    )
    assert None is shown["judged"]
    assert "not known" == shown["years"].rows[0][6]  # type: ignore[attr-defined]


def test_the_recovery_of_a_year_with_its_full_cost_shows_both_limits_the_age_of_the_rate_and_a_proposal() -> None:
    (row,) = view(RECOVERED, JUDGED)["judged"].rows  # type: ignore[attr-defined]
    assert (Chip("above", "missed"), Chip("within", "met")) == (row[3], row[5])
    assert (Noted("of 2024-07-01", "731 days old, over two years", "near"), "209.01") == (row[6], row[7])


def test_an_agency_sees_what_is_left_of_its_estimate() -> None:
    told = {"agency": "DOT", "fiscal_year": 2027, "estimate_cents": 20_000, "billed_cents": 22_119, "left_cents": -2_119}
    frame = contracts.ENCUMBRANCES.frame([told | {"projected_cents": 55_297, "document": "IE-7"}])
    page = next(page for page in agencies.pages(edition(lines=[entry(1)], encumbrances=frame)) if page.path == "agencies/DOT.md")
    left = Noted("−21.19", "more than was set aside", "near")
    assert [["FY2027", "200.00", "221.19", left, "552.97", "IE-7"]] == page.view["estimates"].rows
    page = next(page for page in agencies.pages(edition(lines=[entry(1)])) if page.path == "agencies/DOT.md")
    assert None is page.view["estimates"]


def test_a_decision_about_no_tier_is_in_the_chart_as_it_is_in_the_total() -> None:
    decided = entry(2, kind="adjustment", tier="", amount_cents=-5_000, adjustment="D-1", decision="waiver", rate_cents=None)
    page = next(chargeback.pages(edition(lines=[entry(1), decided])))
    grid = page.view["chart_view"].table
    assert ["Month", "Standard, $", "Premium, $", "No tier, $", "Total, $"] == [head.title for head in grid.columns]
    assert ["221.19", "0.00", "−50.00", "171.19"] == grid.rows[0][1:]
