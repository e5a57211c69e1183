"""Rules for certificates: each breaks where it should and a step before it does not; nothing is judged that is not known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline import lints
from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, ALIASES, CERTIFICATE_BLOCKS, CERTIFICATES, EXPORT_ROWS, LINTS, PUBLIC_KEYS
from pipeline.settings import Settings
from pipeline.x509_facts import read
from tests.issued import at

SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
SOUND_RSA = f"{2**2203 - 1:x}"  # a prime
SOUND = {
    "certificate": "a",
    "source": 0,
    "serial": "7f3a9c01b2d4e5f60718293a4b5c6d7e",
    "common_name": "www.example.gov",
    "subject_alternative_names": "www.example.gov",
    "names": "www.example.gov",
    "issuer": "Geo CA 2",
    "issuer_line": "CN=Geo CA 2,O=Geo",
    "valid_from": at(2026, 11, 2),
    "valid_to": at(2027, 5, 1, 23, 59, 59),
    "key_type": "EC",
    "key_bits": 256,
    "key_curve": "P-256",
    "signature_algorithm": "sha256WithRSAEncryption",
    "parse_status": "ok",
    "matched": "none",
    "role": "file",
    "extended_key_usage": "clientAuth serverAuth",
    "has_alternative_names": True,
    "trust": "public",
}


def named(*names, **facts):
    """Facts of a certificate for these names, the first of which is its common name."""
    together = " ".join(sorted(names))
    return {"common_name": names[0], "subject_alternative_names": together, "names": together} | facts


def valid(begins, **length):
    return {"valid_from": begins, "valid_to": begins + dt.timedelta(**length) - SECOND}


def rsa(bits=2048, **facts):
    return {"key_type": "RSA", "key_bits": bits, "key_curve": "", "spki_sha256": "5a"} | facts


def judged(*told, keys=()):
    rows = [SOUND | facts for facts in told]
    return lints.judge(CERTIFICATES.frame(rows), PUBLIC_KEYS.frame(keys)).table


def broken(*told, exponent="65537", modulus=SOUND_RSA):
    """The rules that certificates with these facts break; those with RSA keys have this exponent and modulus."""
    keys = [{"spki_sha256": "5a", "rsa_exponent": exponent, "rsa_modulus": modulus}]
    return judged(*told, keys=keys)["lint"].tolist()


def told_of(rule, facts, **numbers):
    """What the table says of a certificate with these facts and this rule."""
    keys = [{"spki_sha256": "5a", "rsa_exponent": "65537", "rsa_modulus": SOUND_RSA} | numbers]
    table = judged(facts, keys=keys)
    return table.loc[table["lint"] == rule, "detail"].tolist()


def test_a_sound_certificate_breaks_no_rule():
    assert [] == broken({}, {"certificate": "b", **rsa()})


# -- how long -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (398, at(2020, 9, 1), at(2026, 3, 14, 23, 59, 59)),
        (200, at(2026, 3, 15), at(2027, 3, 14, 23, 59, 59)),
        (100, at(2027, 3, 15), at(2029, 3, 14, 23, 59, 59)),
        (47, at(2029, 3, 15), at(2060, 1, 1)),
    ],
)
def test_the_limit_of_the_day_of_issue_holds_to_the_second(days, first, last):
    server = {"extended_key_usage": "serverAuth", "key_type": "", "key_curve": ""}
    for begins in (first, last):
        assert [] == broken(valid(begins, days=days) | server)
        assert [f"validity-over-{days}-days"] == broken(valid(begins, days=days, seconds=1) | server)


def test_825_days_may_end_at_the_second_at_which_they_began():
    for begins in (at(2018, 3, 2), at(2020, 8, 31, 23, 59, 59)):
        assert [] == broken(valid(begins, days=825, seconds=1))
        assert ["validity-over-825-days"] == broken(valid(begins, days=825, seconds=2))


@pytest.mark.parametrize(
    ("begins", "last_second"),
    [
        (at(2016, 7, 1), at(2019, 10, 1)),
        (at(2018, 3, 1, 23, 59, 59), at(2021, 6, 1, 23, 59, 59)),
        (at(2016, 11, 30), at(2020, 3, 1)),  # 2020-02 has no 30th: one day more than its 29
        (at(2017, 11, 30), at(2021, 3, 2)),
    ],
)
def test_39_months_are_calendar_months(begins, last_second):
    assert [] == broken({"valid_from": begins, "valid_to": last_second})
    assert ["validity-over-39-months"] == broken({"valid_from": begins, "valid_to": last_second + SECOND})


def test_what_was_issued_while_exceptions_were_allowed_is_not_judged_by_its_length():
    assert [] == broken({"valid_from": at(2016, 6, 30, 23, 59, 59), "valid_to": at(2026, 1, 1)})


def test_the_length_is_told_to_the_second():
    over = valid(at(2026, 11, 2, 14), days=200, seconds=3661)
    assert ["It is valid for 200 days and 01:01:01; 200 days are the most."] == told_of("validity-over-200-days", over)
    assert ["It is valid for 365 days; 200 days are the most."] == told_of("validity-over-200-days", valid(at(2026, 11, 2), days=365))


def test_days_of_an_export_are_too_long_only_if_they_are_at_any_time_of_day():
    """A certificate of 200 days from one afternoon to another touches 201 days, and an export tells only these."""
    export = {"parse_status": "none", "has_alternative_names": False, "extended_key_usage": ""}
    assert [] == broken(valid(at(2026, 11, 2), days=201) | export)
    assert ["validity-over-200-days"] == broken(valid(at(2026, 11, 2), days=202) | export)
    assert ["validity-over-200-days"] == broken(valid(at(2026, 11, 2, 14), days=201) | export)


def test_a_certificate_ends_after_it_begins():
    assert [] == broken({"valid_to": SOUND["valid_from"]})
    assert ["validity-not-positive"] == broken({"valid_to": SOUND["valid_from"] - SECOND, "trust": "private"})


def test_the_first_and_the_last_year_of_calendars_are_no_obstacle():
    forever = {"valid_from": at(1, 1, 1), "valid_to": at(9999, 12, 31, 23, 59, 59), "key_type": ""}
    assert [] == broken(forever)
    assert ["validity-over-47-days"] == broken(forever | {"valid_from": at(9990, 1, 1), "extended_key_usage": "serverAuth"})


# -- keys ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        (["rsa-under-2048"], rsa(2040)),
        (["rsa-size-not-in-bytes"], rsa(2049)),
        (["rsa-size-not-in-bytes", "rsa-under-2048"], rsa(2047)),
        (["rsa-under-2048"], rsa(2047, trust="private")),
        ([], rsa(2049, trust="private")),
        ([], rsa(3072)),
        (["dsa-key"], {"key_type": "DSA", "key_bits": 2048, "key_curve": ""}),
        ([], {"key_curve": "P-384", "key_bits": 384}),
        ([], {"key_curve": "P-521", "key_bits": 521}),
        (["curve-weak"], {"key_curve": "P-192", "key_bits": 192}),
        (["curve-weak"], {"key_curve": "P-192", "key_bits": 192, "trust": "private"}),
        (["curve-weak"], {"key_curve": "explicit", "key_bits": 256}),
        (["curve-not-accepted"], {"key_curve": "P-224", "key_bits": 224}),
        (["curve-not-accepted"], {"key_curve": "secp256k1", "key_bits": 256}),
        (["curve-not-accepted"], {"key_curve": "brainpoolP256r1", "key_bits": 256}),
        (["curve-not-accepted"], {"key_curve": "1.2.3", "key_bits": None}),
        ([], {"key_curve": "brainpoolP256r1", "key_bits": 256, "trust": "private"}),
        ([], {"key_curve": "", "key_bits": None}),
        (["key-type-not-accepted"], {"key_type": "Ed25519", "key_bits": None, "key_curve": ""}),
        (["key-type-not-accepted"], {"key_type": "ML-DSA-44", "key_bits": None, "key_curve": ""}),
        ([], {"key_type": "Ed448", "key_bits": None, "key_curve": "", "trust": "private"}),
    ],
)
def test_kind_and_size_of_the_key(expected, facts):
    assert expected == broken(facts)


@pytest.mark.parametrize(
    ("expected", "exponent"),
    [
        (["rsa-exponent-breaks-key"], "-3"),
        (["rsa-exponent-breaks-key"], "0"),
        (["rsa-exponent-breaks-key"], "1"),
        (["rsa-exponent-breaks-key"], "2"),
        (["rsa-exponent-breaks-key"], "65536"),
        (["rsa-exponent-out-of-range"], "3"),
        (["rsa-exponent-out-of-range"], "65535"),
        ([], "65537"),
        ([], str(2**256 - 1)),
        (["rsa-exponent-out-of-range"], str(2**256 + 1)),
        ([], ""),
    ],
)
def test_exponents(expected, exponent):
    assert expected == broken(rsa(), exponent=exponent)


def test_a_modulus_with_a_small_factor_is_told_with_it():
    at_751 = ["The modulus of its key can be divided by 751: whoever tries can compute the private key."]
    assert at_751 == told_of("rsa-small-factor", rsa(), rsa_modulus=f"{751 * 757**213:x}")
    assert [] == told_of("rsa-small-factor", rsa(), rsa_modulus=f"{757**214:x}")


# -- signatures and serials ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "algorithm"),
    [
        (["signature-broken"], "md2WithRSAEncryption"),
        (["signature-broken"], "1.2.840.113549.1.1.3"),
        (["signature-broken"], "md5WithRSAEncryption"),
        (["signature-sha1"], "sha1WithRSAEncryption"),
        (["signature-sha1"], "ecdsa-with-SHA1"),
        (["signature-sha1"], "dsa-with-sha1"),
        (["signature-not-accepted"], "sha224WithRSAEncryption"),
        (["signature-not-accepted"], "Ed25519"),
        (["signature-not-accepted"], "1.2.3.4"),
        ([], "ecdsa-with-SHA384"),
        ([], "RSASSA-PSS"),
        ([], ""),
    ],
)
def test_signatures(expected, algorithm):
    assert expected == broken({"signature_algorithm": algorithm})


def test_only_old_certificates_and_roots_may_be_signed_over_sha1():
    sha1 = {"signature_algorithm": "sha1WithRSAEncryption"}
    old = {"valid_from": at(2015, 12, 31, 23, 59, 59), "valid_to": at(2016, 12, 31)}
    root = named("Geo Root", names="", is_ca=True, is_self_issued=True, trust="private", has_alternative_names=False)
    assert [] == broken(sha1 | old)
    assert [] == broken(sha1 | root | {"serial": "00"})
    assert ["signature-sha1"] == broken(sha1 | root | {"is_self_issued": False})
    assert ["signature-sha1"] == broken(sha1 | {"trust": "private"})


@pytest.mark.parametrize(
    ("expected", "serial"),
    [
        (["serial-not-positive"], "00"),
        (["serial-not-positive"], "-0a"),
        (["serial-short"], "01"),
        (["serial-short"], "ffffffffffff"),
        ([], "01000000000000"),
        ([], ""),
    ],
)
def test_serials(expected, serial):
    assert expected == broken({"serial": serial})


def test_a_short_serial_counts_for_public_certificates_since_they_must_be_random():
    assert [] == broken({"serial": "01", "trust": "private"})
    assert [] == broken({"serial": "01", "valid_from": at(2016, 9, 29, 23, 59, 59), "valid_to": at(2017, 9, 29)})


# -- names --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (["internal-name"], "intranet"),
        (["internal-name"], "print.local"),
        (["internal-name"], "print.dot.internal"),
        (["internal-name"], "10.1.2.300"),
        ([], "print.example.gov"),
        ([], "local.example.gov"),
        (["reserved-address"], "10.1.2.3"),
        (["reserved-address"], "192.0.2.1"),
        (["reserved-address"], "fd00::1"),
        ([], "8.8.8.8"),
        (["reverse-zone-name"], "8.8.8.8.in-addr.arpa"),
        (["underscore-in-name"], "a_b.example.gov"),
        (["name-malformed"], "www.example.gov."),
        (["name-malformed"], ".example.gov"),
        (["name-malformed"], "www..example.gov"),
        (["name-malformed"], "-www.example.gov"),
        (["name-malformed"], "www-.example.gov"),
        (["name-malformed"], "ww,w.example.gov"),
        (["name-malformed"], "www\N{REPLACEMENT CHARACTER}.example.gov"),
        (["name-malformed"], f"{'a' * 64}.example.gov"),
        ([], f"{'a' * 63}.example.gov"),
        (["name-malformed"], "a." * 122 + "example.gov"),
        (["wildcard"], "*.example.gov"),
        (["wildcard-bare"], "*.gov"),
        (["wildcard-misplaced"], "www.*.example.gov"),
        (["wildcard-misplaced"], "*.*.example.gov"),
        (["wildcard-misplaced"], "w*.example.gov"),
        ([], "xn--bcher-kva.example.gov"),
    ],
)
def test_forms_of_names(expected, name):
    assert expected == broken(named(name))


def test_a_bare_wildcard_stands_for_everything():
    assert ["wildcard-bare"] == broken(named("*"))


def test_rules_of_names_have_their_days():
    before = {"extended_key_usage": "serverAuth"}
    assert [] == broken(named("intranet") | valid(at(2015, 10, 31, 23, 59, 59), days=365) | before)
    assert [] == broken(named("a_b.example.gov") | valid(at(2019, 3, 31, 23, 59, 59), days=365) | before)
    assert [] == broken(named("8.8.8.8.in-addr.arpa") | valid(at(2026, 3, 14, 23, 59, 59), days=365) | before)


def test_all_names_of_a_certificate_are_looked_at_and_the_first_is_told():
    names = named("www.example.gov", "a.local", "b.local", "c.local")
    assert ["a.local and 2 more are names inside a network."] == told_of("internal-name", names)
    assert ["a.local is a name inside a network."] == told_of("internal-name", named("www.example.gov", "a.local"))


def test_the_common_name_is_one_of_the_alternative_names():
    assert ["common-name-not-listed"] == broken(named("www.example.gov") | {"common_name": "example.gov"})
    assert [] == broken(named("www.example.gov") | {"common_name": "WWW.Example.gov"})
    assert [] == broken(named("www.example.gov") | {"common_name": ""})
    assert [] == broken(named("www.example.gov") | {"common_name": "example.gov", "trust": "private"})


def test_a_server_needs_alternative_names():
    none = {"subject_alternative_names": "", "has_alternative_names": False}
    assert ["no-alternative-names"] == broken(none)
    assert ["no-alternative-names"] == broken(none | {"trust": "private"})


def test_a_common_name_that_looks_like_a_host_is_judged_as_one():
    assert ["common-name-not-listed", "internal-name"] == broken(named("www.example.gov") | {"common_name": "a.local"})
    assert ["common-name-not-listed"] == broken(named("www.example.gov") | {"common_name": "Geo, Inc."})


# -- purposes -----------------------------------------------------------------------------------------------------------------------


def test_client_authentication_ends_with_certificates_issued_since_2027_03_15():
    before, since = valid(at(2027, 3, 14, 23, 59, 59), days=100), valid(at(2027, 3, 15), days=100)
    assert [] == broken(before)
    assert ["client-purpose"] == broken(since)
    assert [] == broken(since | {"extended_key_usage": "serverAuth"})
    assert [] == broken(since | {"trust": "private"})


def test_a_public_certificate_for_hosts_is_for_servers():
    assert ["server-purpose-missing"] == broken({"extended_key_usage": "clientAuth"})
    assert ["It does not say what it is for."] == told_of("server-purpose-missing", {"extended_key_usage": ""})
    assert [] == broken({"extended_key_usage": "clientAuth", "trust": "private"})
    assert [] == broken({"extended_key_usage": "codeSigning"})


def test_other_purposes_do_not_stand_beside_servers():
    beside = {"extended_key_usage": "anyExtendedKeyUsage serverAuth timeStamping"}
    assert ["Beside servers it is for anyExtendedKeyUsage and timeStamping."] == told_of("purpose-not-accepted", beside)
    assert [] == broken(beside | valid(at(2023, 9, 14, 23, 59, 59), days=398))


def test_a_self_signed_server():
    itself = {"is_self_issued": True, "trust": "private"}
    assert ["self-signed"] == broken(itself)
    assert ["authority-as-server", "self-signed"] == broken(itself | {"is_ca": True})


def test_an_authority_is_no_server_unless_it_names_hosts():
    authority = {"is_ca": True, "trust": "private", "has_alternative_names": False}
    assert [] == broken(named("Geo CA 2", names="") | authority)
    assert [] == broken(named("GlobalSign", names="globalsign") | authority)
    assert ["authority-as-server", "no-alternative-names"] == broken(named("vpn.example.gov") | authority)
    of_a_company = named("Trust.example", names="info@trust.example") | authority
    assert [] == broken(of_a_company | {"has_alternative_names": True})


# -- what is not known --------------------------------------------------------------------------------------------------------------


def test_the_roots_of_the_web_are_no_servers():
    roots = Path(pytest.importorskip("certifi").where()).read_bytes()
    blocks = [{name: block[name] for name in CERTIFICATE_BLOCKS.names if name != "source"} for block in read(roots)]
    rows = CERTIFICATE_BLOCKS.frame(block | {"source": place} for place, block in enumerate(blocks))
    made = inventory(EXPORT_ROWS.empty(), rows, AGENCIES.empty(), ALIASES.empty(), Settings(), dt.date(2026, 11, 23)).table
    found = lints.judge(made, PUBLIC_KEYS.empty()).table
    assert len(rows) == len(made) > 100
    assert {"key-outlives-its-kind"} == set(found["lint"])


def test_of_an_export_alone_only_what_it_tells_is_judged():
    unknown = dict.fromkeys(("key_type", "key_curve", "signature_algorithm", "extended_key_usage", "issuer_line"), "")
    export = unknown | {"parse_status": "none", "key_bits": None, "has_alternative_names": False, "role": "billing"}
    assert [] == broken(export)
    assert ["internal-name", "serial-short"] == broken(export | named("a.local") | {"serial": "0d01"})
    assert [] == broken(export | {"valid_from": None, "valid_to": None})
    assert [] == broken(export | valid(at(2026, 11, 2), days=400) | {"valid_from": None})


def test_what_is_absent_counts_only_where_the_file_was_read_in_full():
    lost = {"has_alternative_names": False, "subject_alternative_names": "", "extended_key_usage": ""}
    assert [] == broken(lost | {"parse_status": "partial"})
    assert ["no-alternative-names", "server-purpose-missing"] == broken(lost | {"parse_status": "ok"})


def test_a_failed_block_breaks_no_rule():
    bare = {"certificate": "a", "source": 0, "parse_status": "failed", "matched": "none", "role": "file"}
    table = lints.judge(CERTIFICATES.frame([bare]), PUBLIC_KEYS.empty()).table
    assert [] == table["lint"].tolist()


def test_nobody_is_judged_by_public_rules_unless_the_public_trusts_the_issuer():
    odd = named("a.local", serial="01", key_curve="P-224", key_bits=224) | valid(at(2026, 11, 2), days=1000)
    assert ["curve-not-accepted", "internal-name", "serial-short", "validity-over-200-days"] == broken(odd)
    assert [] == broken(odd | {"trust": "private"}, odd | {"certificate": "b", "trust": ""})


# -- the table and the rules themselves ---------------------------------------------------------------------------------------------


def test_the_table_is_sorted_whatever_the_order_of_the_certificates():
    both = [named("a.local", certificate="b", serial="01"), named("b.local", certificate="a", serial="01")]
    table = judged(*both)
    assert [("a", "internal-name"), ("a", "serial-short"), ("b", "internal-name"), ("b", "serial-short")] == list(
        zip(table["certificate"], table["lint"], strict=True)
    )
    assert table.equals(judged(*reversed(both)))
    assert LINTS.names == list(table.columns)


def test_a_row_says_what_its_rule_says():
    (row,) = judged({"serial": "01"}).to_dict("records")
    rule = lints.RULES["serial-short"]
    expected = {
        "certificate": "a",
        "lint": "serial-short",
        "severity": rule.severity,
        "applies": rule.applies,
        "detail": "Its serial number, 01, has 1 bits.",
        "rule_source": rule.source,
    }
    assert expected == row


@pytest.mark.parametrize("rule", lints.RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_says_what_it_asks_what_to_do_and_where_it_is_written(rule):
    assert rule.title.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.source
    assert rule.since is None or rule.until is None or rule.since < rule.until


# -- trust --------------------------------------------------------------------------------------------------------------------------


def trusted(private=(), **facts):
    block = {"source": 0, "fingerprint_sha256": "ab", "parse_status": "ok", "valid_from": at(2026, 11, 2), "valid_to": at(2027, 5, 1)}
    settings = Settings.model_validate({"trust": {"private_issuers": list(private)}})
    blocks = CERTIFICATE_BLOCKS.frame([block | {"issuer": "CN=Geo CA 2,O=Geo", "issuer_name": "Geo CA 2"} | facts])
    made = inventory(EXPORT_ROWS.empty(), blocks, AGENCIES.empty(), ALIASES.empty(), settings, dt.date(2026, 11, 23))
    (found,) = made.table["trust"].tolist()
    return found


@pytest.mark.parametrize(
    ("expected", "private", "facts"),
    [
        ("public", (), {}),
        ("private", (), {"is_self_issued": True}),
        ("private", ("geo ca-2",), {}),
        ("private", ("CN=Geo CA 2, O=Geo",), {}),
        ("public", ("Geo CA 1",), {}),
        ("private", ("Geo CA 2",), {"issuer_name": "Other"}),
        ("", ("",), {"issuer": "", "issuer_name": ""}),
    ],
)
def test_an_issuer_is_public_unless_it_is_its_own_subject_or_listed(expected, private, facts):
    assert expected == trusted(private, **facts)
