"""What the data-quality page and its workbook both tell: findings by code, rows set aside, and each kind of input against its budget."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from pipeline.contracts import Books
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
    "closed": "closed months",
    "notices": "journal of notices",
    "skipped": "files not read",
}

# The program's own files, whose lines are counted among no rows: nothing of them can be set aside.
_WITHOUT_ROWS = {"notices"}

FRESHNESS: dict[str, tuple[State, str]] = {
    "gone": ("missed", "no file any more"),
    "stale": ("missed", "stale"),
    "late": ("near", "later than usual"),
    "unknown": ("near", "no day known"),
    "fresh": ("met", "fresh"),
    "followed": ("plain", "goes on in another layout"),
    "unlimited": ("plain", "no limit set"),
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
    """How the rows of one kind of input stand to the limits of the settings.

    `share` is the share of the rows read that counts against the budget: rows set aside with no more than a note do not. `before` are the
    rows of the run before, None without one and of what comes from no source, such as closed months. `state` and `word` say how it stands.
    """

    kind: str
    read: int
    quarantined: int
    share: Decimal
    before: int | None
    state: State
    word: str

    @property
    def change(self) -> int:
        """Rows more than in the run before; 0 without one."""
        return self.read - (self.read if self.before is None else self.before)


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


def value_or_why_not(value: str, column: str, file: str) -> str:
    """The value of a finding as it was read; of a named cell without one that it held nothing, and of a whole row or file where to look."""
    return value or ("nothing" if column else "see the file" if file else "")


def _together(texts: pd.Series[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))


def standings(books: Books, limits: Quality) -> list[Standing]:
    """Each kind of input against `limits`, the worst first; kinds that only the run before had too."""
    shares = quarantine_shares(books.inputs, books.findings)
    sums = books.inputs.groupby("kind")[["rows_read", "rows_quarantined"]].sum()
    counts = {str(kind): (int(read), int(quarantined)) for kind, read, quarantined in sums.itertuples(name=None)}
    before, compared = rows_before(books.sources), set(books.sources["kind"])
    found = []
    for kind in sorted({*counts, *before} - _WITHOUT_ROWS):
        read, quarantined = counts.get(kind, (0, 0))
        share, then = shares.get(kind, Decimal(0)), before.get(kind, 0) if before and kind in compared else None
        state, word = _state(share, read, then, limits)
        if quarantined and not share and state == "met":
            word = "none counts against the budget"
        found.append(Standing(kind, read, quarantined, share, then, state, word))
    gravity: dict[State, int] = {"missed": 0, "near": 1, "met": 2, "plain": 3}
    return sorted(found, key=lambda one: (gravity[one.state], -one.share, one.kind))


def rows_before(sources: pd.DataFrame) -> dict[str, int]:
    """Rows that the run before read of each kind, from SOURCES; empty without one."""
    known = sources[sources["rows_before"].notna()]
    return {str(kind): int(rows) for kind, rows in known.groupby("kind")["rows_before"].sum().items()}


def _state(share: Decimal, read: int, before: int | None, limits: Quality) -> tuple[State, str]:
    if share > limits.stop_quarantined:
        return "missed", "too many set aside to publish"
    if before and 1 - Decimal(read) / before > limits.max_row_drop:
        return "missed", "rows are missing"
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


def sources_sentence(sources: pd.DataFrame) -> str:
    """How many of SOURCES nothing new came from, and how many the run before had and this one has not; "" where there are none."""
    stale, gone = int((sources["freshness"] == "stale").sum()), int((sources["drift"] == "gone").sum())
    said = []
    if stale:
        said.append(f"nothing new has come from {words.count(stale, 'source')}")
    if gone:
        said.append(f"{words.count(gone, 'source')} of the run before {'has' if gone == 1 else 'have'} no rows any more")
    sentence = "; ".join(said)
    return sentence[:1].upper() + sentence[1:] + (": see the sheet Sources." if said else "")


def kind_name(kind: str) -> str:
    """A kind of INPUTS in words."""
    return KINDS[kind]


def limit(share: Decimal) -> str:
    """A limit of the settings as people read it: `2 %`, `12.5 %`."""
    return words.percent(float(share), 0 if share * 100 == int(share * 100) else 1)


def limits_of_a_kind(limits: Quality) -> str:
    """The budget that every kind of input has."""
    return f"warns above {limit(limits.warn_quarantined)}, publishes nothing above {limit(limits.stop_quarantined)}"
