"""What a change of data/ would do, as Markdown for the pull request that makes it.

Lines come from data, so all of them stand in code blocks: nothing in them is a link, a picture or a heading to whoever reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from pipeline.publish.staging import PublishError

_MOST_LETTERS = 15_000  # of a part: hosting sites refuse a comment of more than some 65,000 letters


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report: its heading and its lines."""

    title: str
    lines: tuple[str, ...]


def write(path: Path, verdict: Sequence[str], parts: Sequence[Part] = ()) -> None:
    """Write the report to `path`: the verdict, then each part that has lines. Raises `PublishError`."""
    text = "\n".join(["# What publishing this would change", "", *_block(verdict), *(line for part in parts for line in _part(part))])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PublishError(f"{path} cannot be written: {error.strerror or error}.") from error


def _part(part: Part) -> list[str]:
    return ["", f"## {part.title}", "", *_block(part.lines)] if part.lines else []


def _block(lines: Sequence[str]) -> list[str]:
    """The lines as a code block, as many of them as a comment may hold."""
    every = [f"    {line}" for text in lines for line in text.splitlines()]
    fits = [length <= _MOST_LETTERS for length in accumulate(len(line) + 1 for line in every)]
    left_out = fits.count(False)
    more = [f"    ... and {left_out:,} more lines, which certledger check prints"] if left_out else []
    return [*every[: len(every) - left_out], *more, ""]
