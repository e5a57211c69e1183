"""The process that reads one workbook, apart from the run: whatever the workbook does to its reader, only this process ends.

It is handed the workbook on standard input and answers on standard output, a line of JSON each, for every sheet in this order:
{"sheet", "header"}, then lists of [row, texts], then {"faults", "days", "hidden", "formulas"}; and "end" at last. Where the workbook
cannot be used, {"refused": [code, reason]} stands in place of the rest. Started by `workbooks`; it opens no file and writes none.
"""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import json
import os
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from pipeline.sources.workbook_markup import Unusable

if TYPE_CHECKING:
    from pipeline.sources.workbook_cells import Opened

END = "end"
OUT_OF_MEMORY = 12
_ROWS_AT_ONCE = 500
_XML_OUT_OF_MEMORY = 1
# What openpyxl raises on a workbook whose XML is well packed but not a workbook's; measured by flipping bits.
_NOT_A_WORKBOOK = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ExpatError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def main() -> None:
    """Answer the request of the command line: {"sheet": its name or null, "header_row": from 1, "memory": bytes, "cpu_seconds": number}."""
    request = json.loads(sys.argv[1])
    _bind_to_limits(request["memory"], request["cpu_seconds"])
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl asks for it, and it would take longer than all the rest
    answers = sys.stdout.buffer
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # openpyxl prints remarks about damaged styles
            for answer in _answers(sys.stdin.buffer, request["sheet"], request["header_row"]):
                answers.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        answers.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # there may be too little left to clean up in


def _bind_to_limits(memory: int, cpu_seconds: int) -> None:
    """Bound memory and computing time, write no file, and leave no core behind, in which cells would lie about."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)  # a lower one of whoever started the run holds; beyond the soft limit comes SIGXCPU
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    gc.disable()  # nothing that is made here refers to itself


def _answers(stream: IO[bytes], sheet: str | None, header_row: int) -> Iterator[Any]:
    from pipeline.sources.workbook_cells import Opened  # noqa: PLC0415 - openpyxl is loaded within the limits, without numpy

    try:
        book = Opened(stream)
        for name in book.chosen(sheet):
            yield from _sheet(book, name, header_row)
        yield END
    except Unusable as unusable:
        yield {"refused": [unusable.code, unusable.reason]}
    except _NOT_A_WORKBOOK as error:
        if isinstance(error, ParseError | ExpatError) and error.code == _XML_OUT_OF_MEMORY:
            raise MemoryError from error
        yield {"refused": ["not-a-spreadsheet", f"The workbook cannot be read: {type(error).__name__}."]}


def _sheet(book: Opened, name: str, header_row: int) -> Iterator[Any]:
    """The answers about one sheet; none where it is empty. Its header is the first row that holds something, from `header_row` on."""
    rows, told = book.rows(name, header_row)
    for _, header in rows:
        yield {"sheet": name, "header": [text.strip() for text in header]}
        while batch := list(itertools.islice(rows, _ROWS_AT_ONCE)):
            yield batch
        yield {
            "faults": list(told.faults.items()),
            "days": sorted(told.days),
            "hidden": told.hidden,
            "formulas": list(told.formulas.items()),
        }


if __name__ == "__main__":
    main()
