"""What a workbook of ours asks of XlsxWriter, noted call by call and asked again by a bare loop: the same cells, formulas and formats.

The loop does nothing but call XlsxWriter with values that lie ready, so that it is as fast as any program that writes these cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

_OF_BOOK = ("add_format", "add_worksheet", "set_properties", "set_custom_property", "define_name")
_OF_SHEET = [name for name in vars(Worksheet) if not name.startswith("_")]
_ADDS_FORMAT, _ADDS_SHEET = Workbook.add_format, Workbook.add_worksheet


class _Cell(NamedTuple):
    """A call for a cell: the format stands between `before` and `behind`."""

    sheet: int
    write: Callable[..., int]
    before: tuple[Any, ...]
    format: int
    behind: tuple[Any, ...]


class _Other(NamedTuple):
    """Any other call, of the book where `sheet` is -1; formats in its arguments are `_FormatNumber`."""

    sheet: int
    ask: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]


class _FormatNumber(int):
    """Stands for a format: the number of its making."""


class BareProgram:
    """The calls of one workbook. `run` writes it to a path."""

    def __init__(self) -> None:
        self._calls: list[_Cell | _Other] = []
        self._formats: dict[int, int] = {}
        self._kept: list[Format] = []
        self._sheets = 0

    def note(self, sheet: int, ask: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], made: object) -> int | None:
        """Write down one call; returns the number of the sheet that it made, if it made one."""
        place = next((at for at, arg in enumerate(args) if isinstance(arg, Format)), None)
        if ask.__name__.startswith("write_") and place is not None and not options:
            behind = self._numbered(args[place + 1 :])
            self._calls.append(_Cell(sheet, ask, args[:place], self._formats[id(args[place])], behind))
        else:
            self._calls.append(_Other(sheet, ask, self._numbered(args), self._numbered(options)))
        if isinstance(made, Format):
            self._formats[id(made)] = len(self._kept)
            self._kept.append(made)
        if not isinstance(made, Worksheet):
            return None
        self._sheets += 1
        return self._sheets - 1

    def _numbered(self, value: Any) -> Any:
        """The value, each format in it as its number."""
        return _changed(value, Format, lambda found: _FormatNumber(self._formats[id(found)]))

    def run(self, path: Path) -> None:
        """Write the workbook."""
        sheets: list[Worksheet] = []
        formats: list[Format] = []
        with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
            for call in self._calls:
                if type(call) is _Cell:
                    sheet, write, before, number, behind = call
                    write(sheets[sheet], *before, formats[number], *behind)
                    continue
                sheet, ask, args, options = call
                if ask is _ADDS_FORMAT:
                    formats.append(ask(book, *args))
                elif ask is _ADDS_SHEET:
                    sheets.append(ask(book, *args))
                else:
                    args, options = (_changed(value, _FormatNumber, formats.__getitem__) for value in (args, options))
                    ask(book if sheet < 0 else sheets[sheet], *args, **options)


def _changed(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """`value` with everything of a kind in it changed, however deep it lies."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: _changed(item, kind, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(item, kind, change) for item in value)
    return value


@contextmanager
def noted() -> Iterator[BareProgram]:
    """Write down what is asked of the next workbook of XlsxWriter, while it is written as ever."""
    program, original = BareProgram(), xlsxwriter.Workbook

    def opened(*args: Any) -> Workbook:
        book = original(*args)
        _listen(book, -1, _OF_BOOK, program, [False])
        return book

    xlsxwriter.Workbook = opened
    try:
        yield program
    finally:
        xlsxwriter.Workbook = original


def _listen(made: Any, sheet: int, methods: Sequence[str], program: BareProgram, inside: list[bool]) -> None:
    """Let calls from outside be written down; those that XlsxWriter makes of itself meanwhile are no part of a bare program."""

    def listening(method: str) -> Callable[..., Any]:
        ask, call = getattr(type(made), method), getattr(made, method)

        def called(*args: Any, **options: Any) -> Any:
            if inside[0]:
                return call(*args, **options)
            inside[0] = True
            try:
                result = call(*args, **options)
            finally:
                inside[0] = False
            number = program.note(sheet, ask, args, options, result)
            if number is not None:
                _listen(result, number, _OF_SHEET, program, inside)
            return result

        return called

    for method in methods:
        setattr(made, method, listening(method))
