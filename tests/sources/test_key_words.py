"""Keys as exports write them: every way that was seen, the columns of each layout that tells a key, and words that are none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.sources.key_words import key
from tests.sources.exports import CASES, TEMPLATE, acm, acm_list, of
from tests.sources.offices import CERTIFICATES, Office, certificate, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RSA-2048", ("RSA", 2048)),
        ("RSA_4096", ("RSA", 4096)),
        ("RSA 2048 bits", ("RSA", 2048)),
        ("rsaEncryption (3072 bit)", ("RSA", 3072)),
        ("2048", ("", 2048)),
        ("2048 Bits", ("", 2048)),
        ("RSA", ("RSA", None)),
        ("EC_prime256v1", ("EC", 256)),
        ("EC-secp384r1", ("EC", 384)),
        ("ECDSA", ("EC", None)),
        ("ECC 521", ("EC", 521)),
        ("P-256", ("EC", 256)),
        ("id-ecPublicKey", ("EC", None)),
        ("Ed25519", ("Ed25519", None)),
        ("DSA 1024", ("DSA", 1024)),
    ],
)
def test_a_key_is_read_however_it_is_written(text: str, expected: tuple[str, int | None]) -> None:
    assert expected == key(text)


@pytest.mark.parametrize("text", ["strong", "sha256WithRSAEncryption", "RSA-2048-SHA256", "0", "12", "204800", "bits", "-"])
def test_other_words_are_no_key(text: str) -> None:
    assert key(text) is None


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def keys_of(office: Office) -> list[tuple[str, int | None]]:
    rows = office.read().export_rows
    return [(kind, None if pd.isna(bits) else int(bits)) for kind, bits in zip(rows["key_type"], rows["key_bits"], strict=True)]


def test_our_own_layout_may_tell_type_and_size(office: Office) -> None:
    header = (*CERTIFICATES, "key_type", "key_bits")
    rows = [
        [*certificate(), "RSA", "2048"],
        [*certificate(serial_number="0B"), "EC", ""],
        [*certificate(serial_number="0C"), "", "384"],
        [*certificate(serial_number="0D"), "", ""],
    ]
    office.put("inbox/exports/a.csv", table(header, rows))
    assert [("RSA", 2048), ("EC", None), ("", 384), ("", None)] == keys_of(office)


def test_acm_certbot_and_servicenow_tell_what_they_know(office: Office) -> None:
    office.put("inbox/exports/acm.json", acm_list(acm(KeyAlgorithm="EC_prime256v1")))
    assert [("EC", 256)] == keys_of(office)
    office.put("inbox/exports/acm.json", CASES["certbot"].whole)
    assert [("EC", None), ("", None)] == keys_of(office)
    row = of(TEMPLATE, subject_common_name="www.example.gov", serial_number="03", valid_to="2027-05-01", state="issued", key_size="2048")
    office.put("inbox/exports/acm.json", "[]")
    office.put("inbox/exports/a.csv", table(TEMPLATE, [row]))
    assert ("", 2048) in keys_of(office)


def test_a_word_that_is_no_key_is_one_note_and_the_rows_stay(office: Office) -> None:
    header = (*CERTIFICATES, "key_type")
    rows = [[*certificate(), "strong"], [*certificate(serial_number="0B"), "strong"], [*certificate(serial_number="0C"), "RSA"]]
    office.put("inbox/exports/a.csv", table(header, rows))
    found = office.read()
    (note,) = [finding for finding in found.findings if finding.code == "unknown-key"]
    assert ("key_type", "strong", "note", "Rows with this word, whose key was not compared: 2.") == (
        note.column, note.value, note.severity, note.reason,
    )  # fmt: skip
    assert [("", None), ("", None), ("RSA", None)] == keys_of(office)


def test_a_word_that_stands_for_type_and_size_is_told_once(office: Office) -> None:
    office.put("inbox/exports/acm.json", acm_list(acm(KeyAlgorithm="QUANTUM_1")))
    assert [("unknown-key", "KeyAlgorithm")] == [(one.code, one.column) for one in office.read().findings]
