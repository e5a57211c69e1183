"""What people decide, as data/entries holds it, against what came in: `corrections` are laid over the rows (`correctable` says of what,
`moved` what money that moves),
`acceptance` takes findings out of the count until a day; `ask` says what the run could not know, `answers` judges what people fill in,
and `settled` which answers decide which rows (`in_force`) and what is still open."""

from __future__ import annotations

from pipeline.entries.acceptance import NEVER_ACCEPTED, accept, not_accepted, refusal
from pipeline.entries.correctable import column_refusal, value_refusal
from pipeline.entries.corrections import correct, of_exports
from pipeline.entries.moved import MoneyMoved, Reading, money_moved
from pipeline.entries.question_names import question_id
from pipeline.entries.settled import settled

__all__ = [
    "NEVER_ACCEPTED",
    "MoneyMoved",
    "Reading",
    "accept",
    "column_refusal",
    "correct",
    "money_moved",
    "not_accepted",
    "of_exports",
    "question_id",
    "refusal",
    "settled",
    "value_refusal",
]
