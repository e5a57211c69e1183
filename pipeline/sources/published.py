"""Looking back at a published run, for people; nothing that affects an output is ever read from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import ArrowException


class NothingPublishedError(Exception):
    """There is no published run to look at."""


@dataclass(frozen=True, slots=True)
class Example:
    """An invoice worth opening first: its workbook and the page that traces it, as paths below the run's folder."""

    workbook: str
    trace: str


def tables(run: Path, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The named tables of the run folder, as they were published. Raises `NothingPublishedError` when one is not there."""
    try:
        return {name: pq.read_table(run / "tables" / f"{name}.parquet").to_pandas() for name in names}
    except (OSError, ArrowException) as error:
        if not run.exists():
            raise NothingPublishedError("Nothing is published yet: run `certledger run` first.") from None
        raise NothingPublishedError(f"The published run is damaged ({error}). `certledger verify` names what, `run` mends it.") from None


def example(run: Path) -> Example | None:
    """The largest invoice of the newest month; None when nothing was billed."""
    invoices = tables(run, ("invoices",))["invoices"].sort_values(["period", "amount_cents", "agency"])
    if invoices.empty:
        return None
    newest = invoices.iloc[-1]
    return Example(str(newest["workbook"]), f"site/trace/{newest['agency']}.html#{newest['period']}")
