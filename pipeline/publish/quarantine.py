"""What the data-quality page and its workbook both tell: findings by code, rows set aside, and each kind of input against its budget."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from pipeline.findings import CODES
from pipeline.publish import words
from pipeline.publish.parts import State
from pipeline.reconcile import quarantine_shares
from pipeline.settings import Quality

GRAVEST_FIRST = {"error": 0, "warning": 1, "note": 2}
KINDS = {
    "certificates": "certificate exports",
    "requests": "request logs",
    "pauses": "pauses",
    "lots": "lots",
    "outages": "outages",
    "pem": "certificate files",
    "reference": "reference lists",
    "entries": "entries",
    "skipped": "files not read",
}


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many findings of one code and severity there are, in how many files."""

    severity: str
    code: str
    findings: int
    files: int

    @property
    def title(self) -> str:
        """What the finding is called."""
        return CODES[self.code].title

    @property
    def remedy(self) -> str:
        """What its reader should do."""
        return CODES[self.code].remedy


@dataclass(frozen=True, slots=True)
class Standing:
    """How the rows of one kind of input stand to the limits of the settings: shares from 0 to 1, the state and what it says."""

    kind: str
    read: int
    quarantined: int
    share: Decimal
    state: State
    word: str


def by_code(findings: pd.DataFrame) -> list[CodeCount]:
    """The codes of FINDINGS, gravest first, then by how many there are."""
    counts = [
        CodeCount(str(severity), str(code), len(rows), rows["file"].nunique())
        for (severity, code), rows in findings.groupby(["severity", "code"], sort=False)
    ]
    return sorted(counts, key=lambda one: (GRAVEST_FIRST[one.severity], -one.findings, one.code))


def worst_first(findings: pd.DataFrame) -> pd.DataFrame:
    """FINDINGS by gravity, then code, file and row."""
    ranked = findings.assign(rank=findings["severity"].map(GRAVEST_FIRST))
    return ranked.sort_values(["rank", "code", "file", "sheet", "row", "column", "value"], kind="stable").drop(columns="rank")


def rows_set_aside(findings: pd.DataFrame) -> pd.DataFrame:
    """One row for each quarantined row of an input: `file sheet row` and, as the texts of all its findings, `codes columns values reasons
    remedies`; in order of file and row."""
    told = findings[(findings["action"] == "quarantined") & (findings["row"] > 0)]
    texts = pd.DataFrame(
        {
            "codes": told["code"],
            "columns": told["column"],
            "values": told["value"],
            "reasons": told["reason"],
            "remedies": told["code"].map(lambda code: CODES[code].remedy).astype("str"),
        }
    )
    keys = [told["file"], told["sheet"], told["row"]]
    return texts.groupby(keys, sort=True).agg(_together).reset_index()


def _together(texts: pd.Series[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))


def standings(inputs: pd.DataFrame, findings: pd.DataFrame, limits: Quality) -> list[Standing]:
    """Each kind of INPUTS against `limits`, the worst first; a row set aside with a note only (a total, say) is none of the share."""
    shares = quarantine_shares(inputs, findings)
    sums = inputs.groupby("kind")[["rows_read", "rows_quarantined"]].sum()
    counts = {str(kind): (int(read), int(quarantined)) for kind, read, quarantined in sums.itertuples(name=None)}
    found = [Standing(kind, *counts[kind], share, *_state(share, limits)) for kind, share in shares.items()]
    return sorted(found, key=lambda one: (-one.share, one.kind))


def _state(share: Decimal, limits: Quality) -> tuple[State, str]:
    if share > limits.stop_quarantined:
        return "missed", "too many to publish"
    if share > limits.warn_quarantined:
        return "near", "above the warning limit"
    return "met", "within the budget" if share else "none set aside"


def opening(inputs: pd.DataFrame) -> str:
    """The sentence on top: how many rows of INPUTS came in and how many of them were set aside."""
    if inputs.empty:
        return "No file has come in yet."
    read, quarantined = int(inputs["rows_read"].sum()), int(inputs["rows_quarantined"].sum())
    came_in = f"{words.count(read, 'row')} and certificate blocks of {words.count(len(inputs), 'file')}"
    if not quarantined:
        return f"All {came_in} are used; none was set aside."
    were = "was" if quarantined == 1 else "were"
    return f"Of {came_in}, {quarantined:,} ({words.percent(quarantined / read)}) {were} set aside and not used."


def kind_name(kind: str) -> str:
    """A kind of INPUTS in words."""
    return KINDS[kind]


def limits_of_a_kind(limits: Quality) -> str:
    """The budget that every kind of input has."""
    return f"warns above {_percent(limits.warn_quarantined)}, publishes nothing above {_percent(limits.stop_quarantined)}"


def _percent(share: Decimal) -> str:
    return words.percent(float(share), 0 if share * 100 == int(share * 100) else 1)
