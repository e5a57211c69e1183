"""The house style of the workbooks: colours, number formats and the named pieces that a cell's look is made of."""

from __future__ import annotations

from typing import Any

INK = "#14233a"
MUTED = "#566273"
BLUE = "#1d5fa8"
ORANGE = "#a85300"
TEAL = "#0c7566"
VIOLET = "#6a4c9c"
GREY = "#66707d"
CARD = "#f5f7fa"
LINE = "#d8dee6"
FILL = "#fff7d6"
MET = "#1b6e3c"
NEAR = "#8a5a00"
MISSED = "#b0281c"

MONEY = "#,##0.00;[Red](#,##0.00)"
# The same, off the edge of the box that it stands in.
BOXED_MONEY = "#,##0.00_);[Red](#,##0.00)_)"

_BASE: dict[str, Any] = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}

# A look is a chain of these, later ones winning: `("row", "money")`, `("total", "whole")`.
_PIECES: dict[str, dict[str, Any]] = {
    # where a cell stands
    "row": {"indent": 1, "bottom": 1, "bottom_color": LINE},
    "head": {"indent": 1, "bold": True, "font_color": "#ffffff", "bg_color": BLUE, "valign": "vcenter"},
    "total": {"indent": 1, "bold": True, "top": 1, "top_color": INK},
    "rule": {"bottom": 2, "bottom_color": BLUE},
    "card": {"bg_color": CARD, "valign": "vcenter"},
    # what it holds
    "text": {"align": "left"},
    "wrapped": {"align": "left", "text_wrap": True},
    "mono": {"align": "left", "font_name": "Consolas", "font_size": 10},
    "money": {"num_format": MONEY, "align": "right", "indent": 0},
    "whole": {"num_format": "#,##0", "align": "right", "indent": 0},
    "number": {"num_format": "#,##0.0", "align": "right", "indent": 0},
    "share": {"num_format": "0.0 %", "align": "right", "indent": 0},
    "time-share": {"num_format": "0.000 %", "align": "right", "indent": 0},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "month": {"num_format": "mmm yyyy", "align": "left"},
    "flag": {"align": "center", "indent": 0, "bold": True},
    # a cell that the reader fills; the only kind that a protected sheet leaves open
    "answer": {"align": "left", "text_wrap": True, "bg_color": FILL, "border": 1, "border_color": LINE, "locked": False},
    # how it is said
    "right": {"align": "right", "indent": 0},
    "centred": {"align": "center", "indent": 0},
    "bold": {"bold": True},
    "muted": {"font_color": MUTED},
    "label": {"font_color": MUTED, "font_size": 10, "bold": True},
    "near": {"font_color": NEAR, "bold": True},
    "met": {"font_color": MET},
    "missed": {"font_color": MISSED, "bold": True},
    "sender": {"font_size": 18, "bold": True, "font_color": BLUE},
    "title": {"font_size": 22, "bold": True},
    "heading": {"font_size": 13, "bold": True},
    "figure": {"font_size": 22, "bold": True, "num_format": BOXED_MONEY, "align": "right", "indent": 0},
    "box-top": {"top": 1, "top_color": BLUE},
    "box-bottom": {"bottom": 1, "bottom_color": BLUE},
    "box-left": {"left": 5, "left_color": BLUE},
    "box-right": {"right": 1, "right_color": BLUE},
    # text that a later edit in Excel must not turn into a formula
    "quoted": {"quote_prefix": True},
}


def properties(names: tuple[str, ...]) -> dict[str, Any]:
    """The XlsxWriter format properties of a chain of pieces. Raises `KeyError` for a piece that is not in the style.

    `whole of requests` is a number with its unit beside it.
    """
    look = dict(_BASE)
    for name in names:
        kind, _, unit = name.partition(" of ")
        look.update(_PIECES[kind])
        if unit:
            number = look["num_format"]
            look["num_format"] = f'[=1]#,##0 "{unit.removesuffix("s")}";{number} "{unit}"'
    return look
