"""The workbook of questions as both sides know it: what its sheets, columns and choices are called. One writes it, the other reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from pipeline.contracts import REQUEST_KINDS
from pipeline.entries.question_names import KIND_WORDS
from pipeline.settings import Settings

PATH = "to-answer.xlsx"
SHEET = "To answer"
CHOICES = "Choices"
ANSWERED_BY = "Answered by"
QUESTION, ASKED, AS_WRITTEN, ANSWER = "Question", "What is asked", "As written", "Your answer"

# Kind of question -> what may be answered, as it is shown, and what it stands for.
Choices = Mapping[str, Mapping[str, str]]


def choices(agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> Choices:
    """The agencies that have a code on the day, the tiers and the kinds of request: `DLH - Department of Lighthouses` -> `DLH`."""
    day = pd.Timestamp(as_of)
    holds = ~(agencies["valid_from"] > day) & ~(agencies["valid_to"] < day)
    current = agencies[holds].sort_values("agency")
    return {
        "agency": {f"{code} - {name}": code for code, name in zip(current["agency"], current["name"], strict=True)},
        "tier": {tier: tier for tier in settings.tiers},
        "kind": {f"{kind} - {KIND_WORDS[kind]}": kind for kind in REQUEST_KINDS},
    }


def meaning(answer: str, allowed: Mapping[str, str]) -> str:
    """What `answer` stands for among the choices of its kind: the whole line of the list, or the code alone; "" where it is neither.

    Case and outer blanks do not count.
    """
    plain = " ".join(answer.casefold().split())
    for shown, means in allowed.items():
        if plain in (" ".join(shown.casefold().split()), means.casefold()):
            return means
    return ""
