"""What is remembered of certificates is bounded, in number and in size, and forgetting changes nothing that is told."""

from __future__ import annotations

import pytest

from pipeline.x509_facts import quick, remembered
from pipeline.x509_facts.remembered import Remembered
from tests.bench import certificates_made


def test_a_value_is_worked_out_once_while_it_is_kept() -> None:
    made: list[bytes] = []
    lengths = Remembered(lambda raw: made.append(raw) or len(raw))
    assert [3, 3, 2] == [lengths[raw] for raw in (b"abc", b"abc", b"de")]
    assert [b"abc", b"de"] == made


def test_too_many_and_too_long_are_let_go_of() -> None:
    lengths = Remembered(len)
    for number in range(remembered.MOST + 1):
        assert 4 == lengths[number.to_bytes(4, "big")]
    assert 1 == len(lengths)
    assert remembered.LONGEST + 1 == lengths[b"x" * (remembered.LONGEST + 1)]
    assert 1 == len(lengths)


def test_what_fails_fails_each_time() -> None:
    numbers = Remembered(int)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            numbers[b"x"]


def test_forgetting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list(certificates_made.certificates(60, certificates_made.few_keys()))
    told = [quick.facts(data) for data in made]
    monkeypatch.setattr(remembered, "MOST", 2)
    assert told == [quick.facts(data) for data in made]
