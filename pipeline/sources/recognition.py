"""Which layout a header is of: by its labels, within what may lie in a folder, with the overrides of `[[source]]` laid over it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from pipeline.findings import quoted
from pipeline.settings import Source
from pipeline.sources import layouts_certificates, layouts_inventory, layouts_requests, layouts_service
from pipeline.sources.cells import word
from pipeline.sources.dates import format_problem, style_of_setting
from pipeline.sources.delimited import likely_delimiter
from pipeline.sources.layouts import Layout
from pipeline.sources.raw_files import Refused

LAYOUTS: tuple[Layout, ...] = (
    *layouts_certificates.LAYOUTS,
    *layouts_inventory.LAYOUTS,
    *layouts_requests.LAYOUTS,
    *layouts_service.LAYOUTS,
)
FOLDER_KINDS: dict[str, tuple[str, ...]] = {
    "exports": ("certificates",),
    "requests": ("requests", "pauses"),
    "lots": ("lots",),
    "outages": ("outages",),
}
NO_OVERRIDE = Source(files="*")
# The office's own lists, of which no [[source]] speaks.
_LIST_KINDS = ("reference", "entries")
_SHOWN_LABELS = 12


def source_of(below_inbox: str, sources: Sequence[Source]) -> Source:
    """The first `[[source]]` whose pattern fits the path below data/inbox, else one that overrides nothing."""
    return next((source for source in sources if source.fits(below_inbox)), NO_OVERRIDE)


def candidates(folder: str, source: Source) -> tuple[Layout, ...]:
    """The layouts that a file of `folder` may have. Refused where `source` names a layout, a column or a date format that cannot be."""
    if source.layout is not None:
        found = [layout for layout in LAYOUTS if layout.name == source.layout]
        if not found:
            known = ", ".join(layout.name for layout in LAYOUTS)
            raise Refused("unknown-layout", f"certledger.toml names the layout '{source.layout}'; there are {known}.")
    else:
        kinds = (source.kind,) if source.kind else FOLDER_KINDS[folder]
        found = [layout for layout in LAYOUTS if layout.kind in kinds]
    if source.columns:
        found = [_mapped(found[0], source)]
    return tuple(_overridden(layout, source) for layout in found)


def _overridden(layout: Layout, source: Source) -> Layout:
    """`layout` with the date format and the words for empty that the settings give."""
    if source.date_format is not None:
        problem = format_problem(source.date_format)
        if problem:
            raise Refused("bad-source", f"certledger.toml gives the date_format '{source.date_format}', which cannot be used: {problem}.")
        layout = replace(layout, dates=(style_of_setting(source.date_format),))
    missing = layout.missing | {text.strip().casefold() for text in source.missing}
    return replace(layout, missing=missing)


def _value_map(layout: Layout, name: str, source: Source) -> dict[str, str]:
    """The words that the settings map for a column. Refused where the layout has no such column, or it does not know the word meant."""
    mapped = source.values[name]
    if name not in layout.columns:
        raise Refused("bad-source", f"certledger.toml maps values of '{name}', a column that {layout.name} does not have.")
    known = {word(text) for text in layout.words.get(name, ())}
    unknown = next((meant for meant in mapped.values() if known and meant and word(meant) not in known), None)
    if unknown is not None:
        words = ", ".join(dict.fromkeys(layout.words[name]))
        raise Refused("bad-source", f"certledger.toml maps a value of '{name}' to '{unknown}'; known there are {words}.")
    return mapped


def of_empty_list(name: str, layouts: Sequence[Layout]) -> Layout | None:
    """The layout of a JSON list without a record, which has no labels: the one whose records lie in a list of that name."""
    fitting = [layout for layout in layouts if layout.records == name]
    return fitting[0] if len(fitting) == 1 else layouts[0] if len(layouts) == 1 else None


def recognised(header: Sequence[str], layouts: Sequence[Layout], source: Source = NO_OVERRIDE) -> Layout:
    """The layout of `header`: of those whose signature it holds, the one with the longest. Raises `Refused`."""
    labels = [label(cell) for cell in header]
    fitting = [layout for layout in layouts if not lacking(labels, layout)]
    if not fitting and _is_no_header(header, layouts):
        raise Refused("no-header", f"The first row holds no column names but: {_listed(header)}.", row=1)
    if not fitting:
        raise Refused("unknown-layout", _why_unknown(header, labels, layouts))
    best = max(fitting, key=lambda layout: len(layout.needs))
    repeated = sorted({cell for cell in labels if cell and labels.count(cell) > 1})
    if repeated and not best.repeats:
        raise Refused("duplicate-label", f"The column name '{quoted(repeated[0])}' stands more than once.", column=repeated[0])
    values = {name: _value_map(best, name, source) for name in source.values}
    return replace(best, role=source.role or _role(best, labels, source), values=values)


def label(cell: str) -> str:
    """A column label as it is compared: without case, outer spaces and doubled spaces."""
    return " ".join(cell.casefold().split())


def lacking(labels: Sequence[str], layout: Layout) -> list[str]:
    """The labels of the layout's signature that the header does not have."""
    return [need for need in layout.needs if label(need) not in labels]


def _mapped(base: Layout, source: Source) -> Layout:
    """`base` with the column labels that the settings give; what they map must be in the header."""
    unknown = sorted(set(source.columns) - set(base.columns))
    if unknown:
        close = difflib.get_close_matches(unknown[0], list(base.columns), n=1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(base.columns)}."
        raise Refused("unknown-layout", f"certledger.toml maps the column '{unknown[0]}', which {base.name} does not have; {meant}")
    empty = sorted(name for name, written in source.columns.items() if not label(written))
    if empty:
        raise Refused("bad-source", f"certledger.toml maps the column '{empty[0]}' to nothing; write the label that stands in the header.")
    columns = {**base.columns, **{name: (written,) for name, written in source.columns.items()}}
    required = tuple(name for name in base.required if name in source.columns or name not in _may_be_unmapped(source))
    needs = dict.fromkeys([*source.columns.values(), *(columns[name][0] for name in required)])
    return replace(base, name=source.layout or f"{base.name} (mapped)", columns=columns, needs=tuple(needs), required=required, role="")


def _may_be_unmapped(source: Source) -> tuple[str, ...]:
    """Required columns that a mapping may leave out: the begin, and the serial where a fingerprint or an order tells rows apart."""
    named_otherwise = {"sha256_fingerprint", "order_id"} & set(source.columns)
    return ("valid_from", "serial_number") if named_otherwise else ("valid_from",)


def _role(layout: Layout, labels: Sequence[str], source: Source) -> str:
    """Billing is what carries both tier and agency; a layout of ours says so itself."""
    if layout.kind != "certificates" or layout.role:
        return layout.role
    carries = [any(label(written) in labels for written in layout.columns[name]) for name in ("tier", "agency")]
    return "billing" if all(carries) else "inventory"


def _is_no_header(header: Sequence[str], layouts: Sequence[Layout]) -> bool:
    """Whether a first row is data or a title: no label of it is known, and it holds a number, a date, an address or nothing else."""
    known = {label(written) for layout in layouts for alternatives in layout.columns.values() for written in alternatives}
    filled = [cell for cell in header if cell]
    data = any(cell[0].isdigit() or "@" in cell for cell in filled)
    return known.isdisjoint(map(label, filled)) and (data or (len(filled) == 1 and not likely_delimiter(filled)))


def _why_unknown(header: Sequence[str], labels: Sequence[str], layouts: Sequence[Layout]) -> str:
    mark = likely_delimiter(list(header))
    if mark:
        shown = {"\t": "a tab"}.get(mark, f"'{mark}'")
        of_a_list = layouts[0].kind in _LIST_KINDS
        mend = "save the list as CSV UTF-8, separated by commas" if of_a_list else "name delimiter in a [[source]] of certledger.toml"
        return f"The columns look separated by {shown}; {mend}."
    nearest = max(layouts, key=lambda layout: 1 - len(lacking(labels, layout)) / len(layout.needs))
    missing = lacking(labels, nearest)
    if len(missing) == len(nearest.needs):
        return f"No column of {' or '.join(layout.name for layout in layouts)} is in the header: {_listed(header)}."
    hints = [f"{need}{_similar(need, header)}" for need in missing]
    return f"The nearest layout is {nearest.name}; it lacks {', '.join(hints)}. The header is: {_listed(header)}."


def _similar(need: str, header: Sequence[str]) -> str:
    close = difflib.get_close_matches(label(need), [label(cell) for cell in header], n=1, cutoff=0.7)
    return f" (is it '{close[0]}'?)" if close else ""


def _listed(header: Sequence[str]) -> str:
    filled = [cell[:40] for cell in header if cell]
    more = len(filled) - _SHOWN_LABELS
    return ", ".join(filled[:_SHOWN_LABELS]) + (f" and {more} more" if more > 0 else "")
