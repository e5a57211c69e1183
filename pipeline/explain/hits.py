"""The rows of the books as hits: invoices with their lines, ledger entries, certificates, requests with their episodes, lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from pipeline import line_order
from pipeline.arrow_columns import positions, wholes
from pipeline.explain.parts import BOOKED, SHOWN, TITLES, Hit, Tables, equal_to, facts, positions_of, text
from pipeline.explain.sources import Sources

_OF_EPISODES = ("request_id", "episode", "began_at", "ended_at", "status", "business_seconds", "paused_seconds")
_ON_INVOICES = ("invoice_no", "period", "agency", "account_id", "status", "due_on", "lines", "amount_cents", "workbook")


def hits(tables: Tables, invoices: list[dict[str, Any]], found: dict[str, list[int]]) -> list[Hit]:
    """Invoices with their lines, then the other ledger entries, certificates with their entries, requests and lots."""
    certificates = sorted(tables.rows("certificates", found["certificates"]), key=_in_time)
    of_them = positions_of(tables, "ledger", "certificate", [row["certificate"] for row in certificates])
    on_invoices = [_lines(tables, invoice) for invoice in invoices]
    billed = {position for lines in on_invoices for position in lines}
    others = sorted({*found["ledger"], *of_them} - billed)
    entries = dict(zip([*sorted(billed), *others], tables.rows("ledger", [*sorted(billed), *others]), strict=True))
    booked = _workbooks(tables, entries.values())
    requests = tables.rows("requests", found["requests"])
    sources = Sources(tables, [row["source"] for row in (*entries.values(), *certificates)])
    answers = _answers(tables, [row["source"] for row in (*entries.values(), *certificates, *requests)])
    shown: list[Hit] = []
    for invoice, lines in zip(invoices, on_invoices, strict=True):
        shown.append(Hit("invoices", "Invoice", facts(invoice, _ON_INVOICES)))
        ordered = sorted((entries[position] for position in lines), key=line_order.place)
        shown.extend(_entry({**line, **answers.get(line["source"], {})}, booked, sources) for line in ordered)
    shown.extend(_entry({**entries[position], **answers.get(entries[position]["source"], {})}, booked, sources) for position in others)
    for table, rows in (("certificates", certificates), ("requests", requests), ("lots", tables.rows("lots", found["lots"]))):
        for row in rows:
            shown.append(_booked(table, {**row, **answers.get(row.get("source"), {})}, sources))
            shown.extend(_later_episodes(row, tables, sources) if row.get("reopen_count") else ())
    return shown


def _answers(tables: Tables, rows: Sequence[int]) -> dict[int | None, dict[str, str]]:
    """Place of a row -> {"answered": which answers decide it}, of those among `rows` that an answer decides."""
    if not rows:
        return {}
    decided = tables.rows("answered", positions(pc.is_in(tables.column("answered", "source"), value_set=wholes(rows))))
    wanted = wholes([row["answer"] for row in decided])
    said = {row["source"]: row for row in tables.rows("answers", positions(pc.is_in(tables.column("answers", "source"), value_set=wanted)))}
    found: dict[int | None, list[str]] = {}
    for row in decided:
        found.setdefault(row["source"], []).append(_answered(said[row["answer"]]))
    return {source: {"answered": "; ".join(sentences)} for source, sentences in found.items()}


def _answered(answer: Mapping[str, Any]) -> str:
    by = f" by {answer['by']}" if answer["by"] else f" in data/entries/{answer['list']}.csv"
    on = f" on {text('on', answer['on'])}" if answer["on"] else ""
    value = answer["value"].removeprefix("kind:")
    return f"{answer['kind']} {answer['means']}: answered{by}{on} for '{value}'"


def _entry(row: dict[str, Any], booked: Mapping[tuple[str, ...], str], sources: Sources) -> Hit:
    workbook = booked.get((row["period"], row["billed_to"], row["account_id"]), "")
    return Hit("ledger", TITLES["ledger"], facts({**row, "workbook": workbook}, SHOWN["ledger"][1]), sources.of([row["source"]]))


def _booked(table: str, row: dict[str, Any], sources: Sources) -> Hit:
    """A certificate, request or lot, with every row that tells of it, in whatever file."""
    key = SHOWN[table][0][0]
    own = [row[name] for name in ("source", "pem_source") if row.get(name) is not None]
    kinds = [became for became, (named, _) in BOOKED.items() if named == table]
    return Hit(table, TITLES[table], facts(row, SHOWN[table][1]), sources.of([*own, *sources.telling(row[key], kinds)]))


def _later_episodes(request: Mapping[str, Any], tables: Tables, sources: Sources) -> list[Hit]:
    """What a reopened request did after its first completion, an episode each; a request list tells none."""
    rows = tables.rows("episodes", equal_to(tables, "episodes", {"request_id": request["request_id"]}))
    later = sorted((row for row in rows if row["episode"] > 1), key=lambda row: row["episode"])
    return [
        Hit("episodes", f"Episode {row['episode']} of the request", facts(row, _OF_EPISODES), sources.of([row["source"]])) for row in later
    ]


def _in_time(certificate: Mapping[str, Any]) -> tuple[bool, Any, str]:
    """Orders certificates by the begin of their validity; those without one come last."""
    begin = certificate["valid_from"]
    return begin is None, begin or 0, certificate["certificate"]


def _lines(tables: Tables, invoice: Mapping[str, Any]) -> list[int]:
    """The positions of the invoice's lines in the ledger."""
    return equal_to(tables, "ledger", {"period": invoice["period"], "billed_to": invoice["agency"], "account_id": invoice["account_id"]})


def _workbooks(tables: Tables, entries: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    """The workbook of each invoice, by period, agency billed and account; nothing is read where there are no entries."""
    if not list(entries):
        return {}
    period, agency, account, workbook = (
        tables.column("invoices", name).to_pylist() for name in ("period", "agency", "account_id", "workbook")
    )
    return dict(zip(zip(period, agency, account, strict=True), workbook, strict=True))
