"""An agency that another became part of: each figure of its page, of the index and of the estimates says whether the other is in it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline import contracts, encumbrances
from pipeline.contracts import Books
from pipeline.publish.pages import agencies, estimates
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Figure, Noted
from tests.publish import site_reader
from tests.publish.bookkeeping import AGENCIES, AS_OF, SETTINGS, books, certificate, entry
from tests.publish.built import STAMP, build
from tests.publish.test_performance_page import share

LINES = [entry(1), entry(2, agency="RMV"), entry(3, agency="RMV"), entry(4, agency="", billed_to="DOT")]
# The registry became part of DOT in June 2025. Of its two certificates one has lapsed; a fourth is nobody's.
CERTIFICATES = contracts.CERTIFICATES.frame([
    certificate(LINES[0], days_left=344),
    certificate(LINES[1], days_left=10, valid_to="2026-12-03T23:59:59Z"),
    certificate(LINES[2], status="expired", days_left=-13, names="app3.dot.example.gov", valid_to="2026-11-10T23:59:59Z"),
    certificate(LINES[3], days_left=344),
])  # fmt: skip


def made(**set_aside: int) -> Books:
    """These books, with what each agency set aside for the fiscal year 2027, in cents."""
    estimated = [{"agency": code, "fiscal_year": 2027, "amount_cents": cents, "source": 1} for code, cents in set_aside.items()]
    told = encumbrances.against_actual(
        contracts.LEDGER.frame(LINES), contracts.ESTIMATES.frame(estimated), contracts.AGENCIES.frame(AGENCIES), SETTINGS, AS_OF
    )
    measured = [
        share("FY2027-YTD", 3, 4, "agency", "DOT"),
        share("FY2027-YTD", 2, 2, "agency", "DOT", "certificate-continuity") | {"target": None, "verdict": ""},
        share("FY2027-YTD", 1, 1, "agency", "DEP", "certificate-continuity") | {"target": None, "verdict": ""},
    ]
    tables: dict[str, Any] = {"encumbrances": told.table, "measures": contracts.MEASURES.frame(measured)}
    return books(LINES, certificates=CERTIFICATES, **tables)


def view(code: str = "", **set_aside: int) -> dict[str, Any]:
    """What the page of an agency shows, or the index of them all."""
    edition = Edition(made(**set_aside), SETTINGS, STAMP, "internal")
    return next(page.view for page in agencies.pages(edition) if page.view.get("code", "") == code)


def card(figures: list[Figure], name: str) -> Figure:
    return next(figure for figure in figures if figure.name.startswith(name))


def test_how_many_of_those_in_force_and_of_those_known_are_of_the_old_code_is_not_mixed_up() -> None:
    assert ("2", "1 from RMV among them; of 3 known (2 from RMV)") == _value(card(view("DOT")["figures"], "Certificates in force"))
    assert ("1", "of 2 known") == _value(card(view("RMV")["figures"], "Certificates in force"))


def _value(figure: Figure) -> tuple[str, str]:
    return figure.value, figure.basis


def test_the_card_of_continuity_says_that_it_is_of_the_agency_alone_where_another_became_part_of_it() -> None:
    assert "of DOT alone, without RMV" == card(view("DOT")["figures"], "Continuity").change
    assert "" == card(view("DEP")["figures"], "Continuity").change


def test_the_index_counts_by_code_and_says_so_where_the_agency_s_own_page_counts_more() -> None:
    shown = view()
    rows = {row[0].text: row[2:6] for row in shown["index"].rows}
    assert [Noted("1", "2 with RMV"), Noted("0", "1 with RMV"), Noted("0", "1 with RMV"), "0"] == rows["DOT"]
    assert ["1", "1", "1", "0"] == rows["RMV"]
    assert [
        "Each row counts what stands under its own code; a charge stands with the agency that is billed. The page of an agency that others "
        "became part of counts theirs too.",
        "In force adds up to 2 of 3 certificates: 1 is of no known agency.",
    ] == shown["counted"]


def test_the_index_says_what_no_row_counts_because_nobody_knows_its_agency() -> None:
    nobodys = [
        certificate(entry(5, agency="", billed_to="DOT"), days_left=9, valid_to="2026-12-02T23:59:59Z"),
        certificate(
            entry(6, agency="", billed_to="DOT"), status="expired", days_left=-3, names="old.example.gov", valid_to="2026-11-20T23:59:59Z"
        ),
    ]
    grave = [{"certificate": nobodys[0]["certificate"], "lint": "dsa-key", "severity": "error", "applies": "any", "detail": "About it."}]
    told = books(
        LINES,
        certificates=contracts.CERTIFICATES.frame([certificate(LINES[0], days_left=344), *nobodys]),
        lints=contracts.LINTS.frame(grave),
    )
    shown = next(agencies.pages(Edition(told, SETTINGS, STAMP, "internal"))).view
    assert [
        "In force adds up to 1 of 2 certificates: 1 is of no known agency.",
        "In no row for the same reason: 1 that expires within 30 days, 1 that expired and nothing took over, 1 that must be replaced now.",
    ] == shown["counted"][1:]


def test_an_agency_that_is_no_more_says_where_its_invoices_go() -> None:
    assert ["Invoices", Noted("none entered", "until 2025-06-30; bills go to DOT since then")] == view("RMV")["contacts"].rows[0]
    assert ["Invoices", "billing@dot.example.gov"] == view("DOT")["contacts"].rows[0]


def test_what_the_merged_agency_set_aside_is_told_wherever_its_successor_is_said_to_exceed_its_own() -> None:
    """Four charges of $221.19 in 146 days make $2,211.90 a year: over the $600.00 of DOT, within both estimates together."""
    more = "RMV, merged into it, set aside $4,200.00 more"
    edition = Edition(made(DOT=60_000, RMV=420_000), SETTINGS, STAMP, "internal")
    shown = next(estimates.pages(edition)).view
    assert shown["sentence"].endswith(f" together. DOT is one of them, but {more}, which is not counted with its own.")
    assert shown["chart_view"].title.endswith(f" at this pace; {more}")
    assert shown["chart_view"].description.endswith(f" Beside what DOT set aside, {more}, which is not counted with its own.")
    assert f"{more}, which is not counted with its own." == view("DOT", DOT=60_000, RMV=420_000)["budget"][-1]
    assert "RMV is part of DOT now, which is billed instead." == view("RMV", DOT=60_000, RMV=420_000)["budget"][-1]


def test_of_a_year_before_the_merger_nothing_is_said_of_it() -> None:
    estimated = [
        {"agency": code, "fiscal_year": year, "amount_cents": 60_000, "source": 1} for code in ("DOT", "RMV") for year in (2024, 2027)
    ]
    tables = contracts.LEDGER.frame(LINES), contracts.ESTIMATES.frame(estimated), contracts.AGENCIES.frame(AGENCIES)
    told = encumbrances.against_actual(*tables, SETTINGS, AS_OF)
    shown = next(estimates.pages(Edition(books(LINES, encumbrances=told.table), SETTINGS, STAMP, "internal"))).view
    of_2027, of_2024 = ({row[0].text: row[1] for row in year["grid"].rows} for year in shown["years"])
    assert {"DOT", "RMV"} == {code for code in ("DOT", "RMV") if isinstance(of_2027[code], Noted)}
    assert {} == {code: name for code, name in of_2024.items() if isinstance(name, Noted)}


def test_where_the_merged_agency_set_nothing_aside_nothing_is_said_of_it() -> None:
    shown = next(estimates.pages(Edition(made(DOT=60_000), SETTINGS, STAMP, "internal"))).view
    assert "RMV" not in f"{shown['sentence']} {shown['chart_view'].title} {shown['chart_view'].description}"
    assert "RMV" not in " ".join(view("DOT", DOT=60_000)["budget"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, site_reader.BuiltPage]:
    return site_reader.pages(build(made(), tmp_path_factory.mktemp("merged")))


def test_the_page_says_what_is_counted_here_and_what_on_the_page_of_the_old_code(told: dict[str, site_reader.BuiltPage]) -> None:
    page = told["agencies/DOT.html"]
    assert "Counted here too: its certificates, what expires of them, the rules that they break and its requests" in page.text
    assert "its continuity, its service levels with its late requests, and its invoices until then." in page.text
    assert "These figures, also of late requests, are of DOT alone; those of RMV stand on its page." in page.text
    assert "alone; those of" not in told["agencies/RMV.html"].text


def test_where_a_host_may_be_gone_a_link_leads_to_how_that_is_said(told: dict[str, site_reader.BuiltPage]) -> None:
    how = "reference/entries/hosts.html"
    listed = {name for name in ("DOT", "RMV", "DEP") if f"../{how}" in told[f"agencies/{name}.html"].attributes("href")}
    assert {"DOT", "RMV"} == listed  # the lapsed certificate stands on both, none on that of DEP
    assert how in told["expiry.html"].attributes("href")
