"""JSON: what is read, where a record is found again, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from pipeline.sources import json_records, literal
from pipeline.sources.raw_files import Refused
from tests.sources.exports import ARN, acm, acm_list, crtsh
from tests.sources.offices import Office, certificates, codes, counts

FILE = "inbox/exports/a.json"
MAPPED: dict[str, Any] = {
    "files": "exports/a.json",
    "columns": {"serial_number": "sn", "valid_to": "dates.end", "common_name": "name"},
}


def cells(text: str, path: str | None = None) -> list[dict[str, str]]:
    found = json_records.read(text, path)
    return [dict(zip(found.header, row, strict=True)) for _, row in found.rows]


def test_numbers_keep_the_digits_they_were_written_with() -> None:
    text = '[{"a": 123456789012345678901234567890, "b": 1e400, "c": 1.50, "d": -0, "e": true, "f": null, "g": "007"}]'
    expected = {"a": "123456789012345678901234567890", "b": "1e400", "c": "1.50", "d": "-0", "e": "true", "f": "", "g": "007"}
    assert [expected] == cells(text)


def test_a_serial_of_forty_digits_stays_one(office: Office) -> None:
    office.put(FILE, '[{"sn": 1234567890123456789012345678901234567890, "name": "w.gov", "dates": {"end": "2027-04-18"}}]')
    assert ["1234567890123456789012345678901234567890"] == office.read(source=[MAPPED]).export_rows["serial"].tolist()


def test_fields_inside_fields_lists_and_pairs() -> None:
    record = {
        "product": {"name": "x", "more": {"id": 5}},
        "names": ["a.gov", "b.gov", None],
        "hosts": [{"fqdn": "c.gov"}, {"fqdn": "d.gov", "port": 443}],
        "fields": [{"name": "Agency", "value": "DLH"}, {"name": "Tier", "value": 1}],
        "nothing": [],
    }
    expected = {
        "product.name": "x", "product.more.id": "5", "names": "a.gov, b.gov", "hosts.fqdn": "c.gov, d.gov", "hosts.port": "443",
        "fields.Agency": "DLH", "fields.Tier": "1", "nothing": "",
    }  # fmt: skip
    assert [expected] == cells(json.dumps([record]))


def test_empty_records_inside_lists_of_lists_lose_no_word_beside_them() -> None:
    assert [{"a": "1"}] == cells('[{"a": 1, "b": [{}, [{}]]}]')
    assert [{"a": "1", "b": "x"}] == cells('[{"a": 1, "b": [{}, [{}], "x"]}]')


def test_a_field_that_a_record_lacks_is_empty() -> None:
    assert [{"a": "1", "b": ""}, {"a": "", "b": "2"}] == cells('[{"a": 1}, {"b": 2}]')


@pytest.mark.parametrize(
    ("text", "path", "where"),
    [
        ('[{"a": 1}]', None, ""),
        ('{"list": [{"a": 1}], "page": {"total": 1}, "tags": ["x"]}', None, "list"),
        ('{"data": {"items": [{"a": 1}]}}', "data.items", "data.items"),
        ('{"one": [{"b": 1}], "two": [{"a": 1}]}', "two", "two"),
    ],
)
def test_where_the_records_lie(text: str, path: str | None, where: str) -> None:
    found = json_records.read(text, path)
    assert (where, ["a"], [(1, ["1"])]) == (found.path, found.header, found.rows)


def test_a_file_may_be_one_record() -> None:
    assert [{"a": "1", "b.c": "2"}] == cells('{"a": 1, "b": {"c": 2}}')
    assert [{"a": "1", "hosts.n": "2"}] == cells('{"a": 1, "hosts": [{"n": 2}]}', ".")


def test_the_row_is_the_number_of_the_record_and_of_json_lines_the_line(office: Office) -> None:
    office.put(FILE, json.dumps([crtsh(serial_number="0A"), 5, crtsh(serial_number="0B")], indent=2))
    office.put("inbox/exports/b.jsonl", "\n".join(["", json.dumps(crtsh(serial_number="0C")), "", json.dumps(crtsh(serial_number="0D"))]))
    read = office.read()
    assert [(FILE, 1), (FILE, 3), ("inbox/exports/b.jsonl", 2), ("inbox/exports/b.jsonl", 4)] == list(
        zip(read.places["file"], read.places["row"].tolist(), strict=True)
    )
    assert [("not-a-record", 2)] == codes(read)


def test_a_record_is_found_again_by_its_list_and_number(office: Office) -> None:
    office.put(FILE, acm_list(acm(), acm(CertificateArn=f"{ARN}2", DomainName="second.example.gov")))
    run = office.look_back()
    assert ["CertificateSummaryList"] * 2 == run.column("places", "sheet").to_pylist()
    (second,) = office.shown(run, (FILE, "CertificateSummaryList", 2))
    assert ("second.example.gov", "1767139200.0") == (second["DomainName"], second["NotBefore"])
    assert [2] == [row.row for row in literal.naming(office.root, run, f"{ARN}2")]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('[{"a": 1}', "not-json", "in line 1"),
        ('{"a": [{"b": "c}', "not-json", "Unterminated string"),
        ('[{"a": NaN}]', "not-json", "holds NaN"),
        ('[{"a": -Infinity}]', "not-json", "holds -Infinity"),
        ('[{"a": 1}] [{"a": 2}]', "not-json", "follows the end of the JSON, which is in line 1"),
        ('{"a":\n1}\n{"a":\n2}', "not-json", "follows the end of the JSON, which is in line 2"),
        ("[" * 100_000, "not-json", "more than 12 deep"),
        ('[{"a":' + '{"a":' * 20 + "1" + "}" * 21 + "]", "not-json", "more than 12 deep"),
        ('[{"a": 1, "a": 1}]', "duplicate-label", "'a' stands twice"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "duplicate-label", "'a.b'"),
        ('[{"Sn": 1, "sn": 2, "dates": {"end": 1}, "name": 3}]', "duplicate-label", "'sn' stands more than once"),
        ('[{"a": "' + "x" * 131_073 + '"}]', "cell-too-long", "record 1"),
        ("[[1], [2]]", "unknown-layout", "nothing in it is an object"),
        ('{"x": [{"a": 1}], "y": [{"a": 1}]}', "unknown-layout", "several lists ('x', 'y')"),
        ("[]", "empty-file", "holds no record"),
        (json.dumps([{f"k{number}": 1 for number in range(1_001)}]), "file-too-large", "more than 1,000 fields"),
    ],
)
def test_json_that_cannot_be_used_is_refused_with_a_reason(office: Office, text: str, code: str, said: str) -> None:
    office.put("inbox/requests/a.json" if text == "[]" else FILE, text)
    refused = office.refusal(source=[] if text == "[]" else [MAPPED])
    assert (code, True) == (refused.code, said in refused.reason), refused.reason


def test_too_many_records_are_refused() -> None:
    with pytest.raises(Refused, match=r"more than 200,000 records"):
        json_records.read("[" + ",".join(['{"a":1}'] * 200_001) + "]", None)


@pytest.mark.parametrize(("path", "said"), [("items", "there is 'list'"), ("list.deeper", "there is 'list'")])
def test_a_list_that_is_not_there_is_refused(office: Office, path: str, said: str) -> None:
    office.put(FILE, '{"list": [{"a": 1}]}')
    refused = office.refusal(source=[{**MAPPED, "records": path}])
    assert ("bad-source", True) == (refused.code, said in refused.reason)


def test_an_empty_list_is_an_export_without_rows(office: Office) -> None:
    office.put(FILE, '{"CertificateSummaryList": []}')
    office.put("inbox/exports/b.json", "[]")
    read = office.read()
    assert ["acm", "crtsh"] == read.inputs[read.inputs["kind"] == "certificates"]["layout"].tolist()
    assert (0, 0, 0) == counts(read, FILE)


def test_a_key_that_escapes_hide_is_found(office: Office) -> None:
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n")
    office.put(FILE, '[{"sn": "' + hidden + '"}]')
    assert "private-key" == office.refusal(source=[MAPPED]).code


def test_control_characters_and_lone_surrogates_cost_their_record(office: Office) -> None:
    office.put(
        FILE, json.dumps([crtsh(), crtsh(serial_number="02", common_name="a\x00b"), crtsh(serial_number="03", common_name="\ud800")])
    )
    assert [("control-character", 2), ("control-character", 3)] == codes(office.read())


def test_what_is_json_tells_the_content_not_the_name(office: Office) -> None:
    office.put("inbox/exports/a.csv", json.dumps([crtsh()]))
    office.put("inbox/exports/b.json", certificates())
    office.put("inbox/exports/c.json", json.dumps([crtsh(serial_number="0D")]).encode("utf-16"))
    read = office.read()
    assert ["crtsh", "certificates", "crtsh"] == read.inputs[read.inputs["kind"] == "certificates"]["layout"].tolist()


@pytest.mark.parametrize("written", [1767139200.0, 1767139200, "1767139200.5", "2025-12-31T00:00:00+00:00", "2025-12-30T19:00:00-05:00"])
def test_acm_tells_moments_in_two_ways(office: Office, written: object) -> None:
    office.put(FILE, acm_list(acm(NotBefore=written)))
    assert pd.Timestamp("2025-12-31") == office.read().export_rows["valid_from"][0].tz_localize(None).floor("s")


def test_acm_says_where_it_gives_only_some_names(office: Office) -> None:
    office.put(FILE, acm_list(acm(HasAdditionalSubjectAlternativeNames=True)))
    read = office.read()
    (finding,) = read.findings
    assert ("names-cut-short", 1, "kept") == (finding.code, finding.row, finding.action)
    assert 1 == len(read.export_rows)


def test_acm_of_two_months_is_one_row_a_certificate(office: Office) -> None:
    office.put("inbox/exports/acm-2026-09.json", acm_list(acm(InUse=False)))
    office.put("inbox/exports/acm-2026-10.json", acm_list(acm()))
    assert 1 == len(office.read().export_rows)


def test_a_precertificate_and_its_certificate_are_one_row(office: Office) -> None:
    entries = [crtsh(id=1), crtsh(id=2, entry_timestamp="2026-03-07T00:14:49"), crtsh(id=3, name_value="mail.example.gov")]
    office.put(FILE, json.dumps(entries))
    read = office.read()
    assert (3, 3, 0) == counts(read, FILE)
    assert ["example.gov mail.example.gov www.example.gov"] == read.export_rows["subject_alternative_names"].tolist()
    (note,) = read.findings
    assert ("duplicate-row", 0) == (note.code, note.row)
    assert note.reason.endswith(": 2.")


def test_entries_of_one_serial_that_differ_in_dates_are_both_set_aside(office: Office) -> None:
    office.put(FILE, json.dumps([crtsh(), crtsh(not_after="2026-07-04T23:14:48"), crtsh(serial_number="04")]))
    read = office.read()
    assert [("conflicting-rows", 1), ("conflicting-rows", 2)] == codes(read)
    assert (3, 1, 2) == counts(read, FILE)


def test_crtsh_times_are_utc(office: Office) -> None:
    office.put(FILE, json.dumps([crtsh()]))
    assert pd.Timestamp("2026-03-06T23:14:48Z") == office.read().export_rows["valid_from"][0]
