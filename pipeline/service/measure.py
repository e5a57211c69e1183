"""What a measure declares, and the phrases that declarations share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "requests", "business days", "hours", "hosts", "certificates", "notices", "outages", "days"]
Direction = Literal["higher is better", "lower is better", "neither"]
Judged = Literal["by its interval", "by its value", "never"]

SET_BY_HAND = "[measure_targets] of the settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure in the words of its reader.

    `sentence` is filled per row of MEASURES with {period}, {value}, {n}, {met}, {low}, {high}, {target} and {member}. `cohort` says
    which rows count in which period, `exclusions` which never do, `columns` what of the tables it is computed from, `page` on which page
    it is explained. `target` says where its target comes from, "" where it has none; `proposed` is what the office might set there, in
    the unit of the value: nothing is judged by it. `judged` says how its verdict is found, `keeps` whether a period that is over keeps
    its figure, or changes it as what was open is completed, without anything being amiss. `untold` says of a period without any row that
    counts what no log told.
    """

    id: str
    title: str
    sentence: str
    formula: str
    unit: Unit
    direction: Direction
    cohort: str
    exclusions: str
    columns: tuple[str, ...]
    page: str
    target: str = ""
    proposed: float | None = None
    judged: Judged = "never"
    keeps: bool = True
    untold: str = ""


NEVER_COUNTED = "Cancelled and duplicate requests; requests that cannot be judged, each of which has a finding."
BY_DUE_DAY = "Requests whose due day lies in the period and has come. Open and past due counts as missed."
BY_RECEIPT = "Requests whose clock started in the period: one that comes in after hours counts on the next business day."
BY_COMPLETION = "Requests first completed, or rejected, on a local day of the period."
NOW = "Requests that stand so at the end of the as-of day; given for the month of that day only."
