"""A table that breaks its promise stops the run; an empty one keeps its types."""

from __future__ import annotations

import pandas as pd
import pandera.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contracts
from pipeline.contracts import Column, ContractError, Table

PAID = Table("paid", "one payment", ("number",), (
    Column("number", "text", "Number."),
    Column("amount_cents", "cents", "Amount."),
    Column("kind", "text", "Kind.", ("cash", "card")),
    Column("paid_on", "day", "Day.", required=True),
    Column("seen_at", "instant", "When it was seen."),
    Column("pieces", "count", "Pieces."),
))  # fmt: skip
DECLARED = sorted((table for table in vars(contracts).values() if isinstance(table, Table)), key=lambda table: table.name)


def paid(**changes: object) -> pd.DataFrame:
    row = {"number": "1", "amount_cents": 22119, "kind": "cash", "paid_on": "2026-11-02", "seen_at": "2026-11-02T14:00:00Z", "pieces": None}
    return PAID.frame([{**row, **changes}])


def test_a_frame_has_the_declared_types_whatever_is_missing() -> None:
    frame = paid()
    assert ["str", "int64", "str", "datetime64[us]", "datetime64[us, UTC]", "Int64"] == [str(dtype) for dtype in frame.dtypes]
    assert pd.isna(frame["pieces"][0])


def test_an_unknown_word_breaks_the_promise() -> None:
    with pytest.raises(ContractError, match="kind"):
        paid(kind="shells")


def test_a_required_cell_may_not_be_missing() -> None:
    with pytest.raises(ContractError, match="paid_on"):
        paid(paid_on=None)


def test_a_key_stands_once() -> None:
    with pytest.raises(ContractError, match="number"):
        PAID.check(pd.concat([paid(), paid()]))


@pytest.mark.parametrize(("column", "dtype"), [("amount_cents", "float64"), ("number", "object"), ("seen_at", "datetime64[ns, UTC]")])
def test_a_type_that_is_only_nearly_right_is_wrong(column: str, dtype: str) -> None:
    with pytest.raises(ContractError, match=column):
        PAID.check(paid().astype({column: dtype}))


def test_missing_text_is_not_empty_text() -> None:
    frame = paid()
    frame.loc[0, "kind"] = None
    with pytest.raises(ContractError, match="text is missing"):
        PAID.check(frame)


ROWS = st.fixed_dictionaries({
    "number": st.sampled_from("12345678"), "kind": st.sampled_from(("cash", "card", "card", "shells")),
    "paid_on": st.sampled_from(("2026-11-02", "2026-11-02", "2026-11-03", None)),
})  # fmt: skip


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_a_frame_is_taken_where_pandera_takes_it_and_nowhere_else(rows: list[dict[str, str | None]]) -> None:
    kinds = {"amount_cents": "int64", "paid_on": "datetime64[us]", "seen_at": "datetime64[us, UTC]", "pieces": "Int64"}
    frame = pd.DataFrame([{**row, "amount_cents": 1, "seen_at": None, "pieces": None} for row in rows]).astype(kinds)[PAID.names]
    try:
        PAID.schema.validate(frame)
    except pandera.errors.SchemaError:
        with pytest.raises(ContractError):
            PAID.check(frame)
    else:
        checked = PAID.check(frame)
        assert PAID.names == checked.columns.tolist()
        pd.testing.assert_frame_equal(frame.set_axis(checked.columns, axis=1), checked)  # the names are kept as the table keeps them


def test_a_lost_column_is_named() -> None:
    with pytest.raises(ContractError, match="kind"):
        PAID.check(paid().drop(columns="kind"))


def test_columns_come_out_in_the_declared_order() -> None:
    assert PAID.names == list(PAID.check(paid()[PAID.names[::-1]]).columns)


@pytest.mark.parametrize("table", DECLARED, ids=lambda table: table.name)
def test_every_table_can_be_empty_and_says_what_it_holds(table: Table) -> None:
    assert 0 == len(table.empty())
    assert set(table.key) <= set(table.names)
    assert [] == [column.name for column in table.columns if not column.note.endswith(".")]


def test_the_published_tables_keep_the_columns_of_the_design() -> None:
    """DESIGN §5: columns may be added at the end, never renamed."""
    beginnings = {
        "certificates": "certificate fingerprint_sha256 serial common_name subject_alternative_names issuer issued_on valid_from valid_to "
        "key_type key_bits signature_algorithm tier agency order_id contact_email server_software status days_left replaces superseded_by "
        "parse_status matched source pem_source",
        "lints": "certificate lint severity applies detail rule_source",
        "continuity": "host agency period in_service_seconds covered_seconds gaps longest_gap_seconds lead_time_days band",
        "renewals": "host agency certificate ended_at replaced_by issued_at outcome lead_time_days band",
        "gaps": "host agency began_at ended_at seconds",
        "notices": "certificate days_before due_on state contact_email message_id sent_at",
        "requests": "request_id kind agency tier order_id submitted_at clock_starts_at completed_at status business_seconds paused_seconds "
        "business_days due_on verdict source reopened_at reopen_count",
        "episodes": "request_id episode began_at ended_at status business_seconds paused_seconds source",
        "reconciliation": "class certificate order_id request_id common_name agency valid_to days_left status in_export in_file "
        "asked detail source",
        "ledger": "entry_id period service_on agency account_id order_id certificate request_id kind tier rate_fiscal_year rate_cents "
        "amount_cents class reverses lot_id unit_cost_cents invoice_no source",
        "invoices": "invoice_no agency account_id period status lines amount_cents due_on workbook",
        "lots": "lot_id tier purchased_on quantity drawn returned expired_unused remaining total_cost_cents drawn_cost_cents "
        "units_expire_on run_out_on reorder_on",
        "recovery": "fiscal_year tier opening_cents charged_cents credited_cents cost_cents unused_cents closing_cents",
        "encumbrances": "agency fiscal_year estimate_cents billed_cents left_cents projected_cents document",
        "measures": "measure period dimension member value unit n met low high target verdict",
        "limits": "measure dimension member months mean lower upper baseline_from baseline_to",
        "restated": "measure period dimension member unit first_published first_value first_n first_met value n met why",
        "findings": "code severity file sheet row column value reason action",
        "forecast": "month tier agency expiring renewals issuances amount_cents",
        "workload": "month business_days certificate_requests other_requests asked_a_day closed_a_day waiting waiting_days promised_days",
        "units_needed": "fiscal_year tier basis needed from_stock to_buy first_short",
        "prices": "fiscal_year tier basis charged_cents sold units office_cost_cents cost_basis may_cost_cents unit_cost_cents",
        "scenarios": "scenario fiscal_year issuances by_hand units charged_cents paid_cents paid_units basis breaks_in",
        "paid_before": "basis since fiscal_year paid_cents paid_units",
        "readiness": "agency place sites public_sites next_year last_year last_year_by_hand",
        "habits": "lead_days renewals names_before names_kept names_new asked_share asked issued without_order busiest_month "
        "busiest_closed_a_day busiest_breaks_in",
        "inputs": "file kind sha256 bytes rows_read rows_accepted rows_quarantined",
        "sources": "kind layout series files newest_file rows_read rows_accepted rows_quarantined",
        "questions": "question kind match value asked certificates requests orders least_cents most_cents guess guess_reason source",
        "answers": "list kind match value means valid_from valid_to by on reason rows source",
        "answered": "answer source",
        "places": "source file sheet row",
    }
    published = {table.name: table.names for table in contracts.PUBLISHED}
    assert set(beginnings) == set(published)
    assert {name: text.split() for name, text in beginnings.items()} == {
        name: published[name][: len(text.split())] for name, text in beginnings.items()
    }
