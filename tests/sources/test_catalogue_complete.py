"""The catalogue of bad input is proven line by line: every line has a test that is named after it, but for those that are listed here."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
# Lines of each table of the catalogue.
LINES = {"c21": 38, "c22": 28, "c24": 23, "c25": 11, "c26": 13}
NOT_YET = {"c26_12": "how a mail server may fail: notices are not sent yet"}
_NAMED = re.compile(r"(?:def test_|id=\")(c2[1-6]_\d\d)[_ ]")


def test_every_line_of_the_catalogue_has_its_test() -> None:
    lines = {f"{table}_{line:02d}" for table, count in LINES.items() for line in range(1, count + 1)}
    texts = [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("test_catalogue_*.py"))]
    assert lines - set(NOT_YET) == {code for text in texts for code in _NAMED.findall(text)}
