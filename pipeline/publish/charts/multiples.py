"""Small charts side by side, one a member, all on the same axis, so that the eye compares and not the scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.publish.charts.columns import share_axis, shares
from pipeline.publish.charts.drawings import NOTED, Drawing, Frame, Key, Multiples, Note, Panel, Point, Tick
from pipeline.publish.charts.scales import Plot, Say, share_scale
from pipeline.publish.charts.trends import Curve, one_trend, several
from pipeline.publish.parts import Grid

_SMALL = (Frame("wide", 220, 120, 44, 20, 10, 26), Frame("narrow", 168, 110, 44, 20, 10, 26))
_HALF = (Frame("wide", 460, 230, 44, 16), Frame("narrow", 350, 210, 40, 16))


@dataclass(frozen=True, slots=True)
class Small:
    """One member: its title, what its figures rest on, its points, and whether there are too few of them to judge."""

    title: str
    basis: str
    points: Sequence[Point]
    href: str = ""
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The bars of one panel: its title, the class that gives them colour, and a share for each label; NaN has no bar."""

    title: str
    style: str
    values: Sequence[float]


def side_by_side(
    name: str,
    title: str,
    description: str,
    panels: Sequence[Columns],
    labels: Sequence[str],
    target: float,
    say: Say,
    lowest: float,
    *,
    notes: Sequence[Note] = (),
) -> Multiples:
    """Bars of shares in two panels beside each other, below each other on a phone, on one axis from `lowest` or below."""
    axis = share_axis([target, *(value for panel in panels for value in panel.values)], lowest)
    if axis[0] > 0:
        description += f" The axes are cut: they begin at {say(axis[0])}, not at zero."
    drawn = [
        Panel(
            f"{name}-{place}", panel.title, "", f"{panel.title}. {description}",
            tuple(shares(frame, labels, panel.values, target, say, axis=axis, style=panel.style, notes=notes) for frame in _HALF),
        )
        for place, panel in enumerate(panels)
    ]  # fmt: skip
    return Multiples(name, title, description, drawn, "half", None, (NOTED,) if notes else ())


def curves_side_by_side(
    name: str,
    title: str,
    description: str,
    panels: Sequence[tuple[str, Sequence[Curve]]],
    labels: Sequence[str],
    say: Say,
    few: str = "",
    *,
    notes: Sequence[Note] = (),
) -> Multiples:
    """Lines from zero in panels beside each other, below each other on a phone, on one axis; `few` names the open dots, `notes` stand as
    numbers above each plot."""
    curves = [curve for _, found in panels for curve in found]
    highest = max((value for curve in curves for value in curve.values if not math.isnan(value)), default=0.0)
    drawn = []
    for place, (panel, found) in enumerate(panels):
        drawings = tuple(several(frame, labels, found, say, highest=highest, notes=notes) for frame in _HALF)
        drawn.append(Panel(f"{name}-{place}", panel, "", f"{panel}. {description}", drawings))
    open_dots = any(not math.isnan(value) and not firm for one in curves for value, firm in zip(one.values, one.firm, strict=True))
    legend = (Key(few, "small", "dot"),) if few and open_dots else ()
    return Multiples(name, title, description, drawn, "half", None, (*legend, NOTED) if notes else legend)


def multiples(
    name: str, title: str, description: str, members: Sequence[Small], target: float, say: Say, table: Grid | None = None, few: str = ""
) -> Multiples:
    """A small trend for each member in the given order; the target is a dashed line in each, which the legend names, for the panels have no
    room. `few` names the open, grey dots."""
    axis = share_scale([target, *(point.value for member in members for point in member.points)])
    panels = []
    for place, member in enumerate(members):
        said = f"{member.title}: {'; '.join(point.tip for point in member.points if point.tip)}"
        drawings = tuple(_small(frame, member.points, target, say, axis) for frame in _SMALL)
        panels.append(Panel(f"{name}-{place}", member.title, member.basis, said, drawings, member.href, member.faint))
    legend = [Key(few, "small", "dot")] if few else []
    legend += [] if math.isnan(target) else [Key(f"target: {say(target)}", "", "target")]
    return Multiples(name, title, description, panels, "small", table, tuple(legend))


def _small(frame: Frame, points: Sequence[Point], target: float, say: Say, axis: tuple[float, float]) -> Drawing:
    """A trend without what has no room in it: the band, the value at the end, the name of the target, and all but the outer labels."""
    drawn = one_trend(frame, points, math.nan, say, axis=axis)
    plot = Plot(drawn.frame, axis[0], 1.0, len(points))
    labels = tuple(Tick(plot.x(place), points[place].label) for place in sorted({0, len(points) - 1}) if points)
    line = None if math.isnan(target) else Tick(plot.y(target), "")
    return replace(drawn, bands=(), letters=(), scale=(drawn.scale[0], drawn.scale[-1]), labels=labels, target=line)
