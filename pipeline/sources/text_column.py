"""A column of texts: its distinct texts, and for each row which of them stands there.

An export of a million rows has a few words in most of its columns; what is done once for each distinct text is not done a million
times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]
TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class TextColumn:
    """`distinct` holds each text once, in order of first appearance (an Arrow array of large strings), `codes` for each row the
    place of its text in there (int32).
    """

    distinct: Any
    codes: npt.NDArray[np.int32]

    @staticmethod
    def of(texts: Any) -> TextColumn:
        """The column whose rows are `texts`: an Arrow array of large strings without nulls."""
        encoded = texts.dictionary_encode()
        return TextColumn(encoded.dictionary, encoded.indices.to_numpy())

    @staticmethod
    def of_list(texts: Sequence[str]) -> TextColumn:
        """The column whose rows are `texts`."""
        return TextColumn.of(pa.array(texts, type=TEXT))

    @staticmethod
    def of_nothing(rows: int) -> TextColumn:
        """The column that is empty in each of so many rows."""
        return TextColumn(pa.array([""] if rows else [], type=TEXT), np.zeros(rows, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    def words(self) -> list[str]:
        """The distinct texts."""
        return list(self.distinct.to_pylist())

    def each(self) -> list[str]:
        """The text of each row."""
        return list(self.texts().to_pylist())

    def at(self, rows: npt.NDArray[np.intp]) -> list[str]:
        """The texts of some rows, counted from 0."""
        return list(self.distinct.take(pa.array(self.codes[rows])).to_pylist())

    def texts(self) -> Any:
        """The text of each row, as an Arrow array of large strings."""
        return self.distinct.take(pa.array(self.codes))

    def series(self) -> pd.Series[Any]:
        """The text of each row, dtype str."""
        return pd.Series(pd.array(self.texts(), dtype="str"))

    def filled(self) -> Flags:
        """Which rows hold a text that is not empty."""
        return self.where(lengths(self.distinct) > 0)

    def where(self, flags: Flags) -> Flags:
        """Which rows hold a text that is flagged; `flags` has one for each distinct text."""
        return flags[self.codes] if len(flags) else np.zeros(len(self.codes), dtype=bool)

    def first_rows(self) -> npt.NDArray[np.intp]:
        """For each distinct text the first row, counted from 0, in which it stands."""
        rows = np.arange(len(self.codes))
        first = np.zeros(len(self.distinct), dtype=np.intp)
        first[self.codes[::-1]] = rows[::-1]
        return first

    def counts(self) -> list[int]:
        """For each distinct text the number of its rows."""
        return [int(count) for count in np.bincount(self.codes, minlength=len(self.distinct))]

    def renamed(self, read: Callable[[str], str]) -> TextColumn:
        """The column with `read` of each text."""
        return self.replaced(pa.array([read(text) for text in self.words()], type=TEXT))

    def replaced(self, distinct: Any) -> TextColumn:
        """The same rows, with `distinct` in the places of the distinct texts; some of them may be alike now."""
        again = TextColumn.of(distinct)
        if len(again.distinct) == len(distinct):
            return TextColumn(distinct, self.codes)
        return TextColumn(again.distinct, again.codes[self.codes])

    def trimmed(self, marks: str) -> TextColumn:
        """The column without any of `marks` at the edges of its texts."""
        trimmed = pc.utf8_trim(self.distinct, characters=marks)
        return self if trimmed.equals(self.distinct) else self.replaced(trimmed)

    def emptied(self, rows: Flags) -> TextColumn:
        """The column with nothing in `rows`."""
        empty = len(self.distinct)
        distinct = pa.concat_arrays([self.distinct, pa.array([""], type=TEXT)])
        return TextColumn.of(distinct.take(pa.array(np.where(rows, np.int32(empty), self.codes))))

    def or_else(self, other: TextColumn) -> TextColumn:
        """The column with the texts of `other` in the rows in which it is empty."""
        distinct = pa.concat_arrays([self.distinct, other.distinct])
        codes = np.where(self.filled(), self.codes, other.codes + np.int32(len(self.distinct)))
        return TextColumn.of(distinct.take(pa.array(codes)))


def lengths(texts: Any) -> npt.NDArray[np.int64]:
    """The length of each text of an Arrow array of large strings, in bytes of UTF-8."""
    return np.diff(_offsets(texts))


def first_bytes(texts: Any) -> npt.NDArray[np.uint8]:
    """The first byte of UTF-8 of each text of an Arrow array of large strings; 0 of an empty one."""
    return _bytes_at(texts, _offsets(texts)[:-1])


def last_bytes(texts: Any) -> npt.NDArray[np.uint8]:
    """The last byte of UTF-8 of each text of an Arrow array of large strings; 0 of an empty one."""
    return _bytes_at(texts, _offsets(texts)[1:] - 1)


def _bytes_at(texts: Any, places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    found = np.zeros(len(texts), dtype=np.uint8)
    filled = lengths(texts) > 0
    found[filled] = bytes_of(texts)[places[filled]]
    return found


def bytes_of(texts: Any) -> npt.NDArray[np.uint8]:
    """All bytes of UTF-8 that an Arrow array of large strings lies in, one text after another."""
    data = texts.buffers()[2]
    return np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)


def _offsets(texts: Any) -> npt.NDArray[np.int64]:
    """Where each text of an array begins among its bytes, and where the last one ends."""
    buffer = texts.buffers()[1]
    if buffer is None or not len(texts):
        return np.zeros(len(texts) + 1, dtype=np.int64)
    return np.frombuffer(buffer, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
