"""A finding can be shown anywhere: it is short, clean, and never carries a key."""

from __future__ import annotations

import pytest

from pipeline.findings import LONGEST_REASON, LONGEST_VALUE, Finding, quoted, sentence


def test_a_finding_takes_severity_and_action_from_its_code() -> None:
    finding = Finding("unknown-tier", "no tier is called 'gold'", value="gold")
    assert ("error", "kept") == (finding.severity, finding.action)


def test_a_stage_may_say_otherwise() -> None:
    assert "quarantined" == Finding("unknown-tier", "no tier", action="quarantined").action


def test_an_undeclared_code_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Finding("no-such-code", "never")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("evil\u202egov", "evil\N{REPLACEMENT CHARACTER}gov"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("x" * 81, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "(private key, not shown)"),
        ("-----begin private key", "(private key, not shown)"),
        ("BEGIN  EC PRIVATE  KEY", "(private key, not shown)"),
    ],
)
def test_a_value_is_shown_short_and_clean(text: str, shown: str) -> None:
    assert shown == quoted(text)
    assert len(quoted(text)) <= LONGEST_VALUE


@pytest.mark.parametrize(
    ("place", "reason", "said"),
    [
        (("a.xlsx", "S", 4, "tier"), "It is bad.", "data/a.xlsx, sheet S, row 4, column tier [empty-file]: It is bad. "),
        (("a.csv", "", 4, ""), "It is bad.", "data/a.csv, line 4 [empty-file]: It is bad. "),
        (("x/a.json", "list", 4, ""), "It is bad.", "data/x/a.json, sheet list, record 4 [empty-file]: It is bad. "),
        (("inbox/pem/a.pem", "", 4, ""), "It is bad.", "data/inbox/pem/a.pem, block 4 [empty-file]: It is bad. "),
        (("a.csv", "", 0, ""), "It is bad", "data/a.csv [empty-file]: It is bad. "),
        (("certledger.toml", "", 0, "files"), "Is it bad?", "certledger.toml, column files [empty-file]: Is it bad? "),
    ],
)
def test_a_finding_is_one_line_that_says_where_what_and_what_to_do(place: tuple[str, str, int, str], reason: str, said: str) -> None:
    assert said + "Export again, or remove the file." == sentence("empty-file", *place, reason)


def test_a_reason_is_cut_and_clean_and_holds_no_key() -> None:
    assert LONGEST_REASON == len(Finding("no-rate", "x" * 5_000).reason)
    assert "(private key, not shown)" == Finding("no-rate", "It is '-----BEGIN RSA PRIVATE KEY-----MIIE'.").reason
    assert "a\N{REPLACEMENT CHARACTER}b" == Finding("no-rate", "a\u202eb").reason
    assert "No rate." == Finding("no-rate", "No rate.").reason
