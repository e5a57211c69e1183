"""Where the marks of a chart stand: two drawings of each, for a wide page and for a phone; templates/macros/charts.html.j2 draws them.

A chart of one size would have letters of 5 px on a phone. Both drawings are plain numbers, rounded to a tenth, so that the same
books give the same bytes. Colours, hatches and letters are the stylesheet's, so the drawing follows light, dark and print.
"""

from __future__ import annotations

from pipeline.publish.charts.columns import Series, bars
from pipeline.publish.charts.drawings import Chart, Drawing, Frame, Key, Multiples, Note, Panel, Point
from pipeline.publish.charts.heat import Field, heat
from pipeline.publish.charts.lying import Mark, Ranked, parts, ranking
from pipeline.publish.charts.multiples import Columns, Small, curves_side_by_side, multiples, side_by_side
from pipeline.publish.charts.scales import Say
from pipeline.publish.charts.trends import SO_FAR, Curve, Limits, trend

__all__ = [
    "SO_FAR",
    "Chart",
    "Columns",
    "Curve",
    "Drawing",
    "Field",
    "Frame",
    "Key",
    "Limits",
    "Mark",
    "Multiples",
    "Note",
    "Panel",
    "Point",
    "Ranked",
    "Say",
    "Series",
    "Small",
    "bars",
    "curves_side_by_side",
    "heat",
    "multiples",
    "parts",
    "ranking",
    "side_by_side",
    "trend",
]
