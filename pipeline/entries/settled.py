"""What is settled and what is not: the answers in force with the rows that they decide, and the questions that are still open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from pipeline.contracts import Inbox
from pipeline.entries.ask import ask
from pipeline.entries.in_force import in_force
from pipeline.findings import Finding
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Settled:
    """`tables` by name: `questions`, `answers` and `answered` as their contracts say; and the findings about answers."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def settled(
    as_read: Inbox,
    inbox: Inbox,
    certificates: pd.DataFrame,
    requests: pd.DataFrame,
    unexplained: pd.DataFrame,
    waiting: pd.DataFrame,
    settings: Settings,
    as_of: dt.date,
) -> Settled:
    """The questions and answers of a run, from its inbox before (`as_read`) and after corrections, and from what became of it.

    Takes CERTIFICATES, REQUESTS, UNEXPLAINED and WAITING.
    """
    standing = in_force(as_read, inbox, certificates, requests, settings)
    questions = ask(inbox, certificates, waiting, unexplained, settings, as_of)
    return Settled({"questions": questions, "answers": standing.answers, "answered": standing.answered}, standing.findings)
