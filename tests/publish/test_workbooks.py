"""The workbooks as finance opens them: re-opened with openpyxl, which shows what a reader that does not calculate shows."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import range_boundaries

from pipeline import __version__, contracts
from pipeline.contracts import Books, ContractError
from pipeline.engine.local import Local
from pipeline.publish import line_notes, workbooks
from pipeline.publish.workbooks import cells, grid, journal_sheet
from pipeline.publish.workbooks.invoice import read_invoices
from pipeline.publish.workbooks.invoice_book import write_invoices
from pipeline.publish.workbooks.invoice_face import MOST_LINES
from pipeline.settings import Organization, Settings
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry

DOT = "invoices/FY2027-P05/DOT.xlsx"
YEAR = "finance/FY2027.xlsx"
# Of a tier of which nothing was asked lately.
NO_DEMAND = {"expiring_units": 0, "pace_units": 0, "reserve_units": 0}
LETTER, SMALLEST_PRINT = 1, 7
INVOICE_SHEETS = ["Invoice", "Lines", "Rates used", "Sources", "Completeness", "Checks", "About"]
YEAR_SHEETS = [
    "Summary",
    "By tier",
    "Detail",
    "Journal",
    "Lots",
    "Recovery",
    "Estimates",
    "Forecast",
    "Forecast by agency",
    "Scenarios",
    "Paid before",
    "Prices",
    "Lots to buy",
    "Requests",
    "Findings",
    "Checks",
    "About",
]
LONG = ("Request", "Requester", "Serial", "Other names")
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "{=1+1}",
    "http://evil.example/",
    "<r><t>=1+1</t></r>",
    "_x0041_",
    "&\"'<>",
    "  spaces  ",
)


# As chargeback writes it: the reason is the calculation, and `amends` the charge that it starts from.
UPGRADE = {
    "kind": "adjustment",
    "amount_cents": 32081,
    "reason": "542.00 − 221.19: upgrade of the order charged in October 2026 (FY2027-P04)",
}


def busy_month() -> list[dict[str, Any]]:
    """Two agencies and two months: charges in both tiers, a free reissue, a credit, an adjustment and a line from a merged agency."""
    premium = {"tier": "premium", "rate_cents": 54200, "amount_cents": 54200}
    return [
        entry(1),
        entry(2, **premium, service_on=dt.date(2026, 11, 3), request_id="REQ00017"),
        entry(3, amount_cents=0, order_id="88010001", service_on=dt.date(2026, 11, 9), reason="reissue within the paid term"),
        entry(4, kind="credit", amount_cents=-22119, reverses=f"{1:032x}", service_on=dt.date(2026, 11, 12), reason="all revoked"),
        entry(5, **(premium | UPGRADE), service_on=dt.date(2026, 11, 13), agency="RMV", amends=f"{7:032x}"),
        entry(6, billed_to="DEP", agency="DEP", account_id="DEP-1200"),
        entry(7, period="FY2027-P04", service_on=dt.date(2026, 10, 5)),
        entry(8, period="FY2026-P12", service_on=dt.date(2026, 6, 5), billed_to="DEP", agency="DEP", account_id="DEP-1200"),
    ]


def published(folder: Path, books: Books, chosen: Settings = SETTINGS) -> Path:
    workbooks.invoices(books, chosen, RUN_ID, AS_OF, folder)
    workbooks.years(books, chosen, RUN_ID, AS_OF, folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("run"), bookkeeping.books(busy_month()))


def shown(path: Path, sheet: str) -> list[list[Any]]:
    """The values of a sheet, as shown without calculating."""
    return [list(row) for row in opened(path)[sheet].iter_rows(values_only=True)]


@functools.cache
def opened(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=True)


def table(path: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows of a sheet's table below the row that begins with `head`, as column: value."""
    grid = shown(path, sheet)
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    rows = itertools.takewhile(any, grid[start + 1 :])
    return [dict(zip(grid[start], row, strict=True)) for row in rows]


def wrong_formulas(path: Path) -> list[str]:
    """The formulas that show something else than they work out to."""
    return [what for what, value, right in recalculation.formulas(path) if value != right]


def day(year: int, month: int, number: int) -> dt.datetime:
    """A day as openpyxl reads it."""
    return dt.datetime.combine(dt.date(year, month, number), dt.time())


def texts(path: Path, sheet: str) -> str:
    return "\n".join(str(value) for row in shown(path, sheet) for value in row if value is not None)


def test_each_invoice_and_each_year_has_its_workbook(run: Path) -> None:
    expected = {
        *(f"invoices/{place}.xlsx" for place in ("FY2027-P05/DOT", "FY2027-P05/DEP", "FY2027-P04/DOT", "FY2026-P12/DEP")),
        *("finance/FY2026.xlsx", "finance/FY2027.xlsx"),
    }
    assert expected == {path.relative_to(run).as_posix() for path in run.rglob("*.xlsx")}
    assert [*INVOICE_SHEETS[:2], "Adjustments", *INVOICE_SHEETS[2:]] == openpyxl.load_workbook(run / DOT).sheetnames
    assert INVOICE_SHEETS == openpyxl.load_workbook(run / "invoices/FY2027-P04/DOT.xlsx").sheetnames
    assert YEAR_SHEETS == openpyxl.load_workbook(run / YEAR).sheetnames


def test_the_total_that_a_reader_sees_is_the_ledgers(run: Path) -> None:
    assert 22119 + 54200 + 0 - 22119 + 32081 == workbooks.total_cents(run / DOT)
    assert 86281 + 22119 + 22119 == workbooks.total_cents(run / YEAR)
    checks = workbooks.ties(bookkeeping.books(busy_month()), run)
    assert 6 == len(checks)
    assert all(check.holds for check in checks)


def test_a_workbook_that_differs_from_the_ledger_by_a_cent_is_found(run: Path) -> None:
    changed = [line | ({"amount_cents": 22120} if line["order_id"] == "88010006" else {}) for line in busy_month()]
    broken = [check.name for check in workbooks.ties(bookkeeping.books(changed), run) if not check.holds]
    places = ("invoices/FY2027-P05/DEP.xlsx", "finance/FY2027.xlsx")
    assert [f"cents shown in {place} = cents of the ledger" for place in places] == broken


@pytest.mark.parametrize("place", [DOT, "invoices/FY2026-P12/DEP.xlsx", YEAR, "finance/FY2026.xlsx"])
def test_every_formula_shows_what_it_works_out_to(run: Path, place: str) -> None:
    found = list(recalculation.formulas(run / place))
    assert len(found) > 15
    assert [] == [(what, value, right) for what, value, right in found if value != right]


@pytest.mark.parametrize("place", [DOT, YEAR])
def test_all_checks_hold_and_say_so(run: Path, place: str) -> None:
    checks = table(run / place, "Checks", "What must agree")
    assert len(checks) >= 6
    assert [True] * len(checks) == [check["Agrees"] for check in checks]
    assert "All checks hold" == checks[-1]["What must agree"]


def test_a_line_says_what_it_is(run: Path) -> None:
    lines = table(run / DOT, "Lines", "Line")
    assert ["88010001", "88010002", "88010001", "88010004", "88010005", None] == [line["Order"] for line in lines]
    assert [221.19, 542.0, 0.0, -221.19, 320.81, 862.81] == [line["Amount"] for line in lines]
    first, second, reissue, credit, moved, _ = lines
    assert (day(2026, 11, 2), "standard", "charge", "new order", 221.19) == tuple(
        first[name] for name in ("Service day", "Tier", "Kind", "Note", "Rate")
    )
    assert f"0a{1:030x}" == first["Serial"]
    assert "app1.dot.example.gov www.app1.dot.example.gov" == first["Other names"]
    assert ("not linked", "REQ00017") == (first["Request"], second["Request"])
    assert "$0.00, same order: reissue within the paid term" == reissue["Note"]
    assert "takes back $221.19 charged in November 2026 (FY2027-P05), order 88010001; all revoked" == credit["Note"]
    upgrade = "542.00 − 221.19 = 320.81: upgrade of the order charged in October 2026 (FY2027-P04)"
    assert f"{upgrade}; issued to RMV" == moved["Note"]


def notes(folder: Path, lines: list[dict[str, Any]]) -> list[str]:
    """The notes of the year 2027's detail without its total row, by order number."""
    *_, path = workbooks.years(bookkeeping.books(lines), SETTINGS, RUN_ID, AS_OF, folder)
    rows = table(path, "Detail", "Period")[:-1]
    return [row["Note"] for row in sorted(rows, key=lambda row: row["Order"])]


def test_a_credit_names_the_entry_that_it_takes_back(tmp_path: Path) -> None:
    charge = entry(1, period="FY2026-P12", service_on=dt.date(2026, 6, 10), amount_cents=54200, tier="premium", rate_cents=54200)
    credit = {"kind": "credit", "reason": ""}
    lines = [
        charge,
        entry(2, **credit, amount_cents=-54200, reverses=charge["entry_id"]),
        entry(3, **UPGRADE, amends=charge["entry_id"]),
        entry(4, **credit, amount_cents=-32081, reverses=f"{3:032x}"),
        entry(5, **credit, amount_cents=-22119, reverses=f"{9:032x}"),
    ]
    of_year, _, of_upgrade, unknown = notes(tmp_path, lines)
    assert "takes back $542.00 charged in June 2026 (FY2026-P12), order 88010001" == of_year
    assert "takes back $320.81 adjusted in November 2026 (FY2027-P05), order 88010003" == of_upgrade
    assert "takes back entry 000000000000, which is not in this ledger" == unknown


def test_a_second_upgrade_starts_from_all_that_was_charged(tmp_path: Path) -> None:
    first = entry(2, **UPGRADE, rate_cents=54200, amends=f"{1:032x}", service_on=dt.date(2026, 11, 5))
    second = entry(3, **(UPGRADE | {"amount_cents": 60000}), rate_cents=114200, amends=f"{1:032x}", service_on=dt.date(2026, 11, 9))
    charged = "upgrade of the order charged in November 2026 (FY2027-P05)"
    assert [f"542.00 − 221.19 = 320.81: {charged}", f"1,142.00 − 542.00 = 600.00: {charged}"] == notes(tmp_path, [entry(1), first, second])[
        1:
    ]


@pytest.mark.parametrize(
    ("charge", "upgrade"),
    [
        ({"amount_cents": 0}, {"reason": "542.00 − 221.19: upgrade of the order paid in the old books in May 2025 (FY2025-P11)"}),
        ({"amount_cents": 60000}, {"amount_cents": 0, "reason": "no difference: 542.00 is not more than the 600.00 of the order"}),
    ],
)
def test_an_upgrade_whose_sum_the_ledger_does_not_hold_keeps_its_reason(
    tmp_path: Path, charge: dict[str, Any], upgrade: dict[str, Any]
) -> None:
    lines = [entry(1, **charge), entry(2, **(UPGRADE | upgrade), rate_cents=54200, amends=f"{1:032x}")]
    assert upgrade["reason"] == notes(tmp_path, lines)[1]


def test_a_line_leads_to_its_row_in_the_input(run: Path) -> None:
    sources = table(run / DOT, "Sources", "Line")
    assert (2, "inbox/exports/2026-11.csv", "not a workbook", 3) == tuple(
        sources[1][name] for name in ("Line", "File", "Worksheet", "Row or line")
    )
    assert ("no certificate file", "none") == (sources[1]["Certificate file"], sources[1]["Block"])
    assert f"{2:032x}" == sources[1]["Entry"]


def test_a_certificate_file_is_named_with_its_block(tmp_path: Path) -> None:
    line = entry(1)
    places = [
        {"source": 1, "file": "inbox/exports/q4.xlsx", "sheet": "Issued", "row": 9},
        {"source": 2, "file": "inbox/pem/dot.pem", "row": 4},
    ]
    books = bookkeeping.books(
        [line],
        places=contracts.PLACES.frame(places),
        certificates=contracts.CERTIFICATES.frame([bookkeeping.certificate(line, pem_source=2)]),
    )
    source = table(published(tmp_path, books) / DOT, "Sources", "Line")[0]
    expected = ("inbox/exports/q4.xlsx", "Issued", 9, "inbox/pem/dot.pem", 4)
    assert expected == tuple(source[name] for name in ("File", "Worksheet", "Row or line", "Certificate file", "Block"))


def test_rates_used_say_since_when_and_until_when(run: Path) -> None:
    premium, standard, total = table(run / DOT, "Rates used", "Tier")
    assert ("premium", 542.0, day(2024, 7, 1), "no later rate yet", 2, "none", 862.81) == tuple(premium.values())
    assert ("standard", 221.19, day(2024, 7, 1), day(2027, 6, 30), 3, "1 upgrade", 0.0) == tuple(standard.values())
    assert ("Total", 5, 862.81) == (total["Tier"], total["Lines"], total["Amount"])


def test_rates_used_hold_the_rate_that_an_upgrade_starts_from(tmp_path: Path) -> None:
    upgrade = entry(2, **UPGRADE, tier="premium", rate_cents=54200, amends=f"{1:032x}")
    books = bookkeeping.books([entry(1, period="FY2027-P04", service_on=dt.date(2026, 10, 5)), upgrade])
    premium, standard, total = table(published(tmp_path, books) / DOT, "Rates used", "Tier")
    assert ("premium", 542.0, 1, "none", 320.81) == tuple(premium[name] for name in ("Tier", "Rate", "Lines", "Taken off", "Amount"))
    assert ("standard", 221.19, 0, "1 upgrade", 0) == tuple(standard[name] for name in ("Tier", "Rate", "Lines", "Taken off", "Amount"))
    assert (1, 320.81) == (total["Lines"], total["Amount"])


def test_a_draft_is_marked_and_carries_no_number(run: Path) -> None:
    face = texts(run / DOT, "Invoice")
    for said in (
        "Draft invoice",
        "Draft: the month is not closed, no number yet",
        "Commonwealth IT",
        "certificates@example.gov",
        "Department of Transportation",
        "Agency code DOT",
        "DOT-4710",
        "Attention: billing@dot.example.gov",
        "November 2026 (FY2027-P05)",
        "Total so far (draft), US dollars",
        "2 orders charged, 1 reissue at $0.00, 1 adjustment, 1 credit",
        "How to dispute a line",
        "Whom to ask",
    ):
        assert said in face, said


def test_a_negative_invoice_is_a_credit_memo(tmp_path: Path) -> None:
    path = published(tmp_path, bookkeeping.books(busy_month()[3:4])) / DOT
    face = texts(path, "Invoice")
    assert "Draft credit memo" in face
    assert "nothing to pay" in face
    assert -22119 == workbooks.total_cents(path)


def test_an_agency_without_particulars_still_gets_a_whole_invoice(tmp_path: Path) -> None:
    line = entry(1, billed_to="XYZ", agency="XYZ", account_id="", order_id="", tier="", rate_cents=None, common_name="", certificate="")
    books = bookkeeping.books([line], certificates=contracts.CERTIFICATES.empty(), places=contracts.PLACES.empty())
    path = published(tmp_path, books) / "invoices/FY2027-P05/XYZ.xlsx"
    face = texts(path, "Invoice")
    for said in ("Agency code XYZ", "no account on file", "no order number", "no common name", "no tier", "no billing contact on file"):
        assert said in face, said
    assert "no rate" == table(path, "Lines", "Line")[0]["Rate"]
    assert [] == wrong_formulas(path)
    checks = {check["What must agree"]: check["Agrees"] for check in table(path, "Checks", "What must agree")}
    assert {"Each line has its row in an input file", "All checks hold"} == {sentence for sentence, holds in checks.items() if not holds}


@pytest.mark.parametrize(("place", "sheets"), [(DOT, INVOICE_SHEETS), (YEAR, YEAR_SHEETS)])
def test_sample_workbooks_say_so_on_every_sheet_and_real_ones_nowhere(tmp_path: Path, run: Path, place: str, sheets: list[str]) -> None:
    real = published(tmp_path, bookkeeping.books(busy_month()), SETTINGS.model_copy(update={"organization": Organization()}))
    for sheet in sheets:
        assert cells.SAMPLE == shown(run / place, sheet)[0][0], sheet
        assert "SAMPLE" not in texts(real / place, sheet)
        assert "SAMPLE DATA" in str(openpyxl.load_workbook(run / place)[sheet].oddHeader.center.text)


@pytest.mark.parametrize("place", [DOT, YEAR])
def test_every_sheet_prints_one_page_wide_with_title_page_and_run(run: Path, place: str) -> None:
    book = openpyxl.load_workbook(run / place)
    for sheet in book:
        assert (True, 1, 0) == (
            sheet.sheet_properties.pageSetUpPr.fitToPage,
            int(sheet.page_setup.fitToWidth or 1),
            sheet.page_setup.fitToHeight,
        )
        assert LETTER == sheet.page_setup.paperSize
        assert ("portrait" if sheet.title == "Invoice" else "landscape") == sheet.page_setup.orientation
        assert book.properties.title == sheet.oddHeader.right.text
        assert f"Run {RUN_ID}, as of 2026-11-23" == sheet.oddFooter.left.text
        assert "Page &P of &N" == sheet.oddFooter.right.text
    assert not book.worksheets[0].sheet_view.showGridLines


def printed_points(sheet: Any) -> float:
    """The size at which text of 11 points is printed, when the printed columns are fitted to the width of the paper."""
    last = range_boundaries(sheet.print_area.split("!")[1].replace("$", ""))[2] if sheet.print_area else sheet.max_column
    widths = {column: held.width for held in sheet.column_dimensions.values() for column in range(held.min, held.max + 1)}
    inches: float = sum(round(7 * widths.get(column, 8.43)) for column in range(1, (last or 1) + 1)) / 96
    paper = 8.5 if sheet.page_setup.orientation == "portrait" else 11
    return min(11.0, 11 * (paper - float(sheet.page_margins.left + sheet.page_margins.right)) / inches)


def test_every_sheet_stays_large_enough_to_read_on_letter_paper(tmp_path: Path) -> None:
    long = "a-very-long-name-of-a-server.of.some.agency.example.gov"
    tiers = itertools.cycle(("standard", "premium", ""))
    month = {"common_name": long, "order_id": "ORDER-2026-0000-0001-7", "amount_cents": 9_999_999}
    lines = [entry(number, **month, tier=next(tiers), period=f"FY2026-P{number:02d}") for number in range(1, 14)]
    lot = {"lot_id": "LOT-2026-00017", "tier": "premium", "purchased_on": "2026-06-15", "units_expire_on": "2026-06-30"}
    lot |= {"quantity": 9000, "drawn": 8000, "returned": 0, "remaining": 0, "expired_unused": 1000}
    lot |= {"total_cost_cents": 999_999_999, "drawn_cost_cents": 999_999_990, "drawn_before": 0, "cost_before_cents": 0, **NO_DEMAND}
    finding = {"code": "completed-without-time", "severity": "warning", "file": f"inbox/{long}", "row": 9999, "action": "quarantined"}
    finding |= {"column": long, "value": long, "reason": long * 3, "sheet": long}
    tables = {"lots": contracts.LOTS.frame([lot]), "findings": contracts.FINDINGS.frame([finding])}
    folder = published(tmp_path, bookkeeping.books(lines, **tables))
    for place in ("finance/FY2026.xlsx", "invoices/FY2026-P01/DOT.xlsx"):
        assert [] == [sheet.title for sheet in openpyxl.load_workbook(folder / place) if printed_points(sheet) < SMALLEST_PRINT]


@pytest.mark.parametrize(
    ("place", "sheet", "head", "beyond"),
    [
        (DOT, "Lines", "Line", ["Issued", "Class", *LONG]),
        (DOT, "Sources", "Line", ["Entry"]),
        (YEAR, "Detail", "Period", ["Lot", "Unit cost", "Invoice", "Issued", "Class", *LONG, "Source", "Entry"]),
    ],
)
def test_long_technical_columns_are_not_printed(run: Path, place: str, sheet: str, head: str, beyond: list[str]) -> None:
    printed = range_boundaries(openpyxl.load_workbook(run / place)[sheet].print_area.split("!")[1].replace("$", ""))
    assert beyond == list(table(run / place, sheet, head)[0])[printed[2] :]
    assert (1, 1, len(shown(run / place, sheet))) == (printed[0], printed[1], printed[3])


def test_about_names_the_run_the_day_the_program_and_the_words(run: Path) -> None:
    for place in (DOT, YEAR):
        about = texts(run / place, "About")
        for said in (RUN_ID, "2026-11-23", f"certledger {__version__}", "Reissue", "Rounding", "certificates@example.gov"):
            assert said in about, said


def test_the_same_books_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    again = published(tmp_path, bookkeeping.books(busy_month()))
    for path in sorted(run.rglob("*.xlsx")):
        assert path.read_bytes() == (again / path.relative_to(run)).read_bytes(), path.name


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    line = entry(1, order_id=text, common_name=text, request_id=text, reason=text, lot_id=text)
    finding = {"code": "unknown-agency", "severity": "error", "file": text, "row": 2, "value": text, "reason": text, "action": "kept"}
    agency = dict(bookkeeping.AGENCIES[0], name=text, billing_contact=text)
    books = bookkeeping.books([line], findings=contracts.FINDINGS.frame([finding]), agencies=contracts.AGENCIES.frame([agency]))
    folder = published(tmp_path, books, Settings(organization=Organization(name=text), rate=SETTINGS.rate))
    for place in (DOT, YEAR):
        # Every formula is one of our own shapes, none came from the data.
        assert [] == wrong_formulas(folder / place)
        with zipfile.ZipFile(folder / place) as package:
            assert not [name for name in package.namelist() if "externalLink" in name]
            assert "<hyperlink" not in "".join(package.read(name).decode() for name in package.namelist() if "sheet" in name)
    kept = cells.printable(text)
    assert kept == as_read(table(folder / DOT, "Lines", "Line")[0]["Order"])
    assert kept == as_read(table(folder / YEAR, "Detail", "Period")[0]["Lot"])
    assert kept == as_read(table(folder / YEAR, "Findings", "Severity")[0]["Value"])


def as_read(text: str) -> str:
    """What openpyxl makes of a text: it leaves the escapes of the file format as they are."""
    return text.replace("_x005F_", "_")


def test_hostile_text_is_marked_so_that_editing_the_cell_keeps_it_text(tmp_path: Path) -> None:
    folder = published(tmp_path, bookkeeping.books([entry(1, order_id="=1+1")]))
    cell = next(cell for row in openpyxl.load_workbook(folder / DOT)["Lines"].iter_rows() for cell in row if cell.value == "=1+1")
    assert ("s", True) == (cell.data_type, cell.quotePrefix)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_any_text_can_be_shown(text: str) -> None:
    kept = cells.printable(text)
    assert not any(character < " " and character not in "\n\t" for character in kept)
    kept.encode("utf-8")
    assert kept == cells.printable(kept)


def test_unseen_characters_become_visible_and_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    long = "é\N{GRINNING FACE}" * 30_000
    lines = [entry(1, order_id="a\0b\x1bc\u202ed", request_id=long)]
    line = table(published(tmp_path, bookkeeping.books(lines)) / DOT, "Lines", "Line")[0]
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}d" == line["Order"]
    assert line["Request"].startswith(long[:20_000])
    assert line["Request"].endswith("… (cut from 60,000 characters; whole in tables/)")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_an_amount_shows_exactly_its_cents(cents: int) -> None:
    # The format in which XlsxWriter writes numbers.
    assert f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}" == f"{cells.dollars(cents):.16G}"


def test_a_cell_that_excel_cannot_hold_stops_the_workbook(tmp_path: Path) -> None:
    imprint = cells.Imprint("Office", "Title", RUN_ID, AS_OF, sample=False)
    path = tmp_path / "refused.xlsx"
    with pytest.raises(cells.CellRefusedError, match=r"cell \$A\$1048577 on sheet Lines"), cells.Workbook(path, imprint) as book:
        book.sheet("Lines").number(1_048_576, 0, 1, book.style("whole"))
    assert not path.exists()


def test_lines_that_do_not_add_up_are_never_published(tmp_path: Path) -> None:
    lines = busy_month()
    wrong = bookkeeping.invoices(lines, amount_cents=1)
    with pytest.raises(ContractError, match="do not add up"):
        workbooks.invoices(bookkeeping.books(lines, invoices=wrong), SETTINGS, RUN_ID, AS_OF, tmp_path)


def test_a_workbook_never_leaves_the_run_folder(tmp_path: Path) -> None:
    lines = busy_month()[:1]
    outside = bookkeeping.invoices(lines, workbook="invoices/../../DOT.xlsx")
    with pytest.raises(ContractError, match="outside the run folder"):
        workbooks.invoices(bookkeeping.books(lines, invoices=outside), SETTINGS, RUN_ID, AS_OF, tmp_path / "run")


def test_the_summary_has_agencies_by_month_with_live_totals(run: Path) -> None:
    dep, dot, total = table(run / YEAR, "Summary", "Code")
    assert [
        "Code",
        "Agency",
        *(f"{month} 2026\nP0{number}" for number, month in enumerate(("Jul", "Aug", "Sep", "Oct", "Nov"), 1)),
        "Total",
    ] == list(dep)
    assert ["DEP", "Environmental Protection", 0, 0, 0, 0, 221.19, 221.19] == list(dep.values())
    assert ["DOT", "Department of Transportation", 0, 0, 0, 221.19, 862.81, 1084.0] == list(dot.values())
    assert ["Total", None, 0, 0, 0, 221.19, 1084.0, 1305.19] == list(total.values())


def test_the_summary_says_that_money_waits(run: Path, tmp_path: Path) -> None:
    assert "Nothing waits for an answer." in texts(run / YEAR, "Summary")
    waiting = {"code": "charge-waiting", "severity": "error", "file": "a.csv", "row": 9, "column": "agency", "action": "kept"}
    reason = "1 order, $221.19, is charged to nobody until this agency is known. Order: 1105739."
    found = [waiting | {"value": "Ofice of Maps", "reason": reason}, waiting | {"value": "", "reason": reason}]
    found.append({"code": "duplicate-row", "severity": "note", "file": "a.csv", "row": 3, "reason": "twice", "action": "kept"})
    on = dt.date(2026, 11, 2)
    no_rate = {"kind": "rate", "value": "premium", "certificates": 2, "orders": 0, "first_on": on, "last_on": on, "source": 4}
    tables = {"findings": contracts.FINDINGS.frame(found), "waiting": contracts.WAITING.frame([no_rate])}
    books = bookkeeping.books(busy_month(), **tables)
    said = texts(published(tmp_path, books) / YEAR, "Summary")
    assert "Waiting for an answer: 3 questions, in none of these amounts." in said
    assert f"“Ofice of Maps”: {reason}" in said
    assert "2 certificates of the tier premium have no rate for their day" in said
    assert f"No agency named: {reason}" in said
    assert "twice" not in said
    assert "Nothing waits" not in said


def test_a_long_list_of_what_waits_leads_to_the_findings(tmp_path: Path) -> None:
    waiting = {"code": "charge-waiting", "severity": "error", "file": "a.csv", "column": "agency", "reason": "waits", "action": "kept"}
    found = [waiting | {"row": number, "value": f"office {number:02d}"} for number in range(25)]
    path = published(tmp_path, bookkeeping.books(busy_month(), findings=contracts.FINDINGS.frame(found))) / YEAR
    said = texts(path, "Summary").splitlines()
    assert "Waiting for an answer: 25 questions, in none of these amounts. See below the table." in said
    assert ["“office 19”: waits", "5 more are on the sheet Findings, codes charge-waiting and no-rate."] == said[-2:]


def test_late_items_of_a_year_have_their_own_month(tmp_path: Path) -> None:
    lines = [entry(1, period="FY2026-P13", service_on=dt.date(2026, 6, 5), **{"class": "late"})]
    path = published(tmp_path, bookkeeping.books(lines)) / "finance/FY2026.xlsx"
    total = table(path, "Summary", "Code")[-1]
    assert (0, 221.19, 221.19) == (total["Jun 2026\nP12"], total["Late items\nP13"], total["Total"])
    assert "new order; late: of June 2026, which was closed before" == table(path, "Detail", "Period")[0]["Note"]


def test_the_tier_chart_is_told_in_words_and_told_apart_without_colour(run: Path) -> None:
    by_tier = table(run / YEAR, "By tier", "Month")
    net = "net after\ncredits and\nadjustments"
    november: dict[str, Any] = {"Month": "Nov 2026"}
    november |= {"standard\ncharged": 442.38, "standard\nadjusted": 0, "standard\ncredited": -221.19, f"standard\n{net}": 221.19}
    november |= {"premium\ncharged": 542.0, "premium\nadjusted": 320.81, "premium\ncredited": 0, f"premium\n{net}": 862.81}
    november |= {f"Total\n{net}": 1084.0, "standard\norders\ncharged": 2, "premium\norders\ncharged": 1}
    assert november == by_tier[4]
    assert (1084.0 + 221.19, "Total") == (by_tier[-1][f"Total\n{net}"], by_tier[-1]["Month"])
    assert "Net is after credits and adjustments: charged + adjusted + credited." in texts(run / YEAR, "By tier")
    with zipfile.ZipFile(run / YEAR) as package:
        chart, drawing = (package.read(f"xl/{name}2.xml").decode() for name in ("charts/chart", "drawings/drawing"))
    assert "FY2027: 66 % of the charges, after credits and adjustments, are premium" in chart
    assert 'descr="Stacked columns, one a month of FY2027: net dollars by tier, after credits and adjustments.' in drawing
    assert 'prst="dkUpDiag"' in chart


def test_lots_requests_and_findings_are_told(tmp_path: Path) -> None:
    lot = {"lot_id": "LOT-1", "tier": "standard", "purchased_on": "2026-06-15", "quantity": 200, "drawn": 44, "returned": 1}
    lot |= {
        "remaining": 157,
        "expired_unused": 0,
        "total_cost_cents": 3_600_000,
        "drawn_cost_cents": 774_000,
        "drawn_before": 0,
        "cost_before_cents": 0,
        **NO_DEMAND,
    }
    month = {"measure": "on-time-completion", "dimension": "office", "unit": "share", "target": 0.95}
    months = [
        month | {"period": "2026-10", "n": 50, "met": 47, "value": 0.94, "low": 0.838, "high": 0.979, "verdict": "uncertain"},
        month | {"period": "2026-11", "n": 0, "met": None, "measure": "on-time-completion-assumed"},
        month | {"period": "2026-06", "n": 3, "met": 3, "value": 1.0, "verdict": "met"},
    ]
    findings = [
        {"code": "duplicate-row", "severity": "note", "file": "a.csv", "row": 0, "reason": "twice", "action": "kept"},
        {"code": "unknown-agency", "severity": "error", "file": "b.csv", "row": 17, "reason": "unknown", "action": "kept"},
    ]
    tables = {
        "lots": contracts.LOTS.frame([lot]),
        "measures": contracts.MEASURES.frame(months),
        "findings": contracts.FINDINGS.frame(findings),
    }
    path = published(tmp_path, bookkeeping.books(busy_month(), **tables)) / YEAR
    told = table(path, "Lots", "Lot")[0]
    assert (157, 36000.0, 7740.0, "never", "nothing drawn lately", "none") == tuple(
        told[name] for name in ("Left", "Price", "Cost of units in use", "Units expire", "Runs out", "Note")
    )
    october, november, _ = table(path, "Requests", "Month due")
    assert ("2026-10", "given", 50, 47, 0.94, "◐ not enough evidence either way") == tuple(
        october[name] for name in ("Month due", "Promise", "Requests due", "On time", "Share on time", "Verdict")
    )
    assert ("2026-11", "assumed", 0, "none due", "not judged") == tuple(
        november[name] for name in ("Month due", "Promise", "Requests due", "Share on time", "Verdict")
    )
    assert [("error", 17), ("note", "whole file")] == [
        (row["Severity"], row["Row or\nline"]) for row in table(path, "Findings", "Severity")
    ]
    assert [] == wrong_formulas(path)


def test_a_lot_says_why_no_day_is_given_on_which_it_runs_out(tmp_path: Path) -> None:
    lot = {"tier": "premium", "purchased_on": "2025-06-18", "quantity": 58, "returned": 0, "remaining": 0, "total_cost_cents": 2_426_140}
    lot |= {"units_expire_on": "2026-06-30", "drawn_before": 0, "cost_before_cents": 0, **NO_DEMAND}
    lots = [
        lot | {"lot_id": "LOT-1", "drawn": 54, "expired_unused": 4, "drawn_cost_cents": 2_258_820},
        lot | {"lot_id": "LOT-2", "drawn": 58, "expired_unused": 0, "drawn_cost_cents": 2_426_140},
    ]
    path = published(tmp_path, bookkeeping.books(busy_month(), lots=contracts.LOTS.frame(lots))) / YEAR
    expired, empty, _ = table(path, "Lots", "Lot")
    assert ("expired", "expired 2026-06-30, 4 units ($1,673.20) unused") == (expired["Runs out"], expired["Note"])
    assert ("used up", "none") == (empty["Runs out"], empty["Note"])


def test_a_lot_says_when_to_order_more_and_what_the_vendor_counts(tmp_path: Path) -> None:
    lot = {
        "tier": "standard",
        "purchased_on": "2026-06-15",
        "quantity": 20,
        "drawn": 9,
        "returned": 0,
        "expired_unused": 0,
        "remaining": 11,
    }
    lot |= {"total_cost_cents": 360_000, "drawn_cost_cents": 162_000, "drawn_before": 0, "cost_before_cents": 0}
    lot |= {"run_out_on": "2027-03-01", "reorder_on": "2027-01-20", "expiring_units": 2, "pace_units": 9, "reserve_units": 3}
    vendor = {"vendor_remaining": 10, "vendor_remaining_on": "2026-11-20", "remaining_that_day": 12, "vendor_difference": -2}
    lots = [
        lot | vendor | {"lot_id": "LOT-1"},
        lot | {"lot_id": "LOT-2", "remaining": 0, "drawn": 20, "run_out_on": None, "reorder_on": None},
    ]
    path = published(tmp_path, bookkeeping.books(busy_month(), lots=contracts.LOTS.frame(lots))) / YEAR
    first, second, total = table(path, "Lots", "Lot")
    names = ("Order by", "Note", "Expire soon", "Reserve\nof tier", "Vendor\ncounts", "Counted", "Here\nthat day", "Difference")
    told = [f"{first[name]:%Y-%m-%d}" if name in ("Order by", "Counted") else first[name] for name in names]
    assert ["2027-01-20", "vendor counts 2 fewer than here", 2, 3, 10, "2026-11-20", 12, -2] == told
    assert ("see open lots", "none", 2, 3, "not told", "not told", "not compared", "not compared") == tuple(second[name] for name in names)
    assert 4 == total["Expire soon"]
    assert [] == wrong_formulas(path)


def test_a_unit_that_a_credit_did_not_give_back_is_told(tmp_path: Path) -> None:
    credit = {"kind": "credit", "amount_cents": -22119}
    lines = [
        entry(1, lot_id="LOT-1", unit_cost_cents=17450),
        entry(2, **credit, reverses=f"{1:032x}"),
        entry(3),
        entry(4, **credit, reverses=f"{3:032x}"),
    ]
    rows = table(published(tmp_path, bookkeeping.books(lines)) / YEAR, "Detail", "Period")[:-1]
    said = {row["Order"]: (row["Lot"], row["Unit cost"]) for row in rows}
    not_returned, none = ("unit not given back",) * 2, ("no unit drawn",) * 2
    assert {"88010001": ("LOT-1", 174.5), "88010002": not_returned, "88010003": none, "88010004": none} == said


def test_empty_sheets_say_why(run: Path) -> None:
    assert "No lots are entered." in texts(run / YEAR, "Lots")
    assert "No request was due in this fiscal year." in texts(run / YEAR, "Requests")
    assert "Nothing was wrong with the inputs." in texts(run / YEAR, "Findings")


def test_invoices_that_processes_write_are_the_same_bytes(tmp_path: Path) -> None:
    invoices = list(read_invoices(bookkeeping.books(busy_month()), SETTINGS, RUN_ID, AS_OF))
    written = []
    for engine in (Local(1), Local(2, above=0)):
        folder = tmp_path / f"by-{engine.processes}"
        write_invoices([(invoice, folder / invoice.workbook) for invoice in invoices], engine, together=1)
        written.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.xlsx")})
    assert (len(invoices), written[0]) == (len(written[1]), written[1])


def test_books_without_charges_have_no_workbooks(tmp_path: Path) -> None:
    books = bookkeeping.books([])
    assert [] == workbooks.years(books, SETTINGS, RUN_ID, AS_OF, tmp_path)
    workbooks.invoices(books, SETTINGS, RUN_ID, AS_OF, tmp_path)
    assert [] == list(tmp_path.rglob("*.xlsx"))
    assert () == workbooks.ties(books, tmp_path)


def test_a_long_invoice_lists_its_lines_on_their_own_sheet(tmp_path: Path) -> None:
    lines = [entry(number) for number in range(1, MOST_LINES + 2)]
    workbooks.invoices(bookkeeping.books(lines), SETTINGS, RUN_ID, AS_OF, tmp_path)
    assert f"The {len(lines):,} lines are listed on the sheet Lines." in texts(tmp_path / DOT, "Invoice")
    assert 22119 * len(lines) == workbooks.total_cents(tmp_path / DOT)
    assert [] == wrong_formulas(tmp_path / DOT)


def test_a_long_year_has_a_plain_filter_and_still_ties_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "LONGEST_TABLE", 30)
    monkeypatch.setattr(journal_sheet, "MOST_LINES", 60)
    lines = [entry(number) for number in range(1, 32)]
    (path,) = workbooks.years(bookkeeping.books(lines), SETTINGS, RUN_ID, AS_OF, tmp_path)
    assert 22119 * len(lines) == workbooks.total_cents(path)
    assert [] == wrong_formulas(path)
    with zipfile.ZipFile(path) as package:
        assert f'<autoFilter ref="A2:V{len(lines) + 2}"/>' in package.read("xl/worksheets/sheet3.xml").decode()
        short = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/tables/")]
    assert ["Journal", "Recovery", "Estimates"] == [text.split('displayName="')[1].split('"')[0] for text in short]


def test_a_file_that_is_no_workbook_of_ours_has_no_total(tmp_path: Path) -> None:
    other = openpyxl.Workbook()
    other.save(tmp_path / "other.xlsx")
    with pytest.raises(ContractError, match="no cell named LedgerTotal"):
        workbooks.total_cents(tmp_path / "other.xlsx")


def test_a_total_without_a_shown_value_is_refused(run: Path, tmp_path: Path) -> None:
    emptied = openpyxl.load_workbook(run / DOT)
    emptied.save(tmp_path / "saved.xlsx")
    with pytest.raises(ContractError, match="no amount of whole cents"):
        workbooks.total_cents(tmp_path / "saved.xlsx")


def test_a_decision_about_an_order_names_what_the_order_was_charged_and_not_what_was_taken_back() -> None:
    decided = {"rate_cents": None, "rate_fiscal_year": None, "approved_by": "R. Roe", "approved_on": dt.date(2026, 11, 20)}
    waiver = {"kind": "adjustment", "decision": "waiver", "amount_cents": -5_000, "reason": "late"}
    first, again = entry(1, order_id="77"), entry(2, order_id="77", period="FY2027-P04", **{"class": "late"})
    wrong = entry(3, order_id="78", amount_cents=54_200)
    taken = entry(4, order_id="78", amount_cents=-54_200, takes_back=wrong["entry_id"], **{"class": "correction"})
    told = [first, again, wrong, taken, *(entry(n, order_id=order, **decided, **waiver) for n, order in ((5, "77"), (6, "78"), (7, "")))]
    by = "approved by R. Roe on 2026-11-20; late"
    assert [
        f"waiver on $221.19 charged in November 2026 (FY2027-P05) and $221.19 charged in October 2026 (FY2027-P04), {by}",
        f"waiver, {by}",
        f"waiver, {by}",
    ] == line_notes.notes(bookkeeping.books(told).ledger, 7)[-3:]


def test_what_people_decided_stands_on_a_sheet_of_its_own_with_reason_and_name(tmp_path: Path) -> None:
    decided = {"rate_cents": None, "rate_fiscal_year": None, "approved_by": "R. Roe", "approved_on": dt.date(2026, 11, 20)}
    waiver = {"kind": "adjustment", "decision": "waiver", "adjustment": "D-1", "amount_cents": -5_000, "reason": "=late at our end"}
    memo = {"kind": "memo", "decision": "memo", "adjustment": "D-2", "amount_cents": 0, "memo_cents": 54_200, "reason": "pilot"}
    lines = [entry(1), entry(2, **decided, **waiver, adjusts=f"{1:032x}", document="L-7"), entry(3, **decided, **memo, tier="")]
    run = published(tmp_path, bookkeeping.books(lines))
    path = run / "invoices/FY2027-P05/DOT.xlsx"
    assert ["Invoice", "Lines", "Adjustments", *INVOICE_SHEETS[2:]] == opened(path).sheetnames
    assert [
        (2, "waiver", "=late at our end", "R. Roe", "L-7", "no memo", -50),
        (3, "memo", "pilot", "R. Roe", "none", 542, 0),
    ] == [
        tuple(row[name] for name in ("Line", "What", "Reason", "Approved by", "Document", "Shown, not billed", "Amount"))
        for row in table(path, "Adjustments", "Line")
        if row["What"]
    ]
    assert [] == wrong_formulas(path)
    assert "   1 order charged, 1 memo, 1 waiver" in {cell for row in shown(path, "Invoice") for cell in row}
    notes = [row["Note"] for row in table(path, "Lines", "Line") if row["Kind"]]
    assert [
        "new order",
        "waiver on $221.19 charged in November 2026 (FY2027-P05), approved by R. Roe on 2026-11-20, document L-7; =late at our end",
        "memo of $542.00, not billed, approved by R. Roe on 2026-11-20; pilot",
    ] == notes
    assert [True] * 10 == [row["Agrees"] for row in table(path, "Checks", "What must agree") if row["What must agree"] != "All checks hold"]
