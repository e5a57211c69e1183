"""Our rules against the verdicts that the makers of zlint wrote down for their own test certificates.

`expected.csv` names a lint of theirs, a file, and the verdict. Error, Warn and Notice must be a row of ours; Pass, NA (the lint does not
apply to it) and NE (the rule was not in force on its day) must be none. All certificates count as publicly trusted here, whoever signed
them: the files are signed by nobody that anyone knows.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline import lints
from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, ALIASES, CERTIFICATE_BLOCKS, EXPORT_ROWS, PUBLIC_KEYS
from pipeline.settings import Settings
from pipeline.x509_facts import read

ZLINT = Path(__file__).parents[3] / "shared" / "data" / "zlint"
pytestmark = pytest.mark.skipif(not ZLINT.is_dir(), reason="shared/data/zlint is not beside the checkout")

# Their lint, and our rules that say the same.
COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "e_sub_cert_valid_time_longer_than_39_months": ("validity-over-39-months",),
    "e_sub_cert_valid_time_longer_than_825_days": ("validity-over-825-days",),
    "e_tls_server_cert_valid_time_longer_than_398_days": ("validity-over-398-days",),
    "e_server_cert_valid_time_longer_than_200_days": ("validity-over-200-days",),
    "e_server_cert_valid_time_longer_than_100_days": ("validity-over-100-days",),
    "e_server_cert_valid_time_longer_than_47_days": ("validity-over-47-days",),
    "e_validity_time_not_positive": ("validity-not-positive",),
    "e_rsa_mod_less_than_2048_bits": ("rsa-under-2048",),
    "e_mp_modulus_must_be_2048_bits_or_more": ("rsa-under-2048",),
    "e_old_root_ca_rsa_mod_less_than_2048_bits": ("rsa-under-2048",),
    "e_old_sub_cert_rsa_mod_less_than_1024_bits": ("rsa-under-2048",),
    "e_mp_modulus_must_be_divisible_by_8": ("rsa-size-not-in-bytes",),
    "e_mp_exponent_cannot_be_one": ("rsa-exponent-breaks-key",),
    "e_rsa_exp_negative": ("rsa-exponent-breaks-key",),
    "e_rsa_public_exponent_not_odd": ("rsa-exponent-breaks-key",),
    "e_rsa_public_exponent_too_small": ("rsa-exponent-breaks-key",),
    "w_rsa_public_exponent_not_in_range": ("rsa-exponent-out-of-range", "rsa-exponent-breaks-key"),
    "w_rsa_mod_factors_smaller_than_752": ("rsa-small-factor",),
    "w_rsa_mod_not_odd": ("rsa-small-factor",),
    "e_rsa_fermat_factorization": ("rsa-close-primes",),
    "e_dsa_shorter_than_2048_bits": ("dsa-key",),
    "e_ec_improper_curves": ("curve-not-accepted", "curve-weak"),
    "e_public_key_type_not_allowed": ("key-type-not-accepted", "dsa-key"),
    "e_signature_algorithm_not_supported": ("signature-not-accepted", "signature-broken"),
    "e_sub_cert_or_sub_ca_using_sha1": ("signature-sha1",),
    "e_serial_number_not_positive": ("serial-not-positive",),
    "e_subject_common_name_not_from_san": ("common-name-not-listed", "no-alternative-names"),
    "e_subject_common_name_not_exactly_from_san": ("common-name-not-listed", "no-alternative-names"),
    "e_dnsname_not_valid_tld": ("internal-name",),
    "e_dnsname_contains_bare_iana_suffix": ("internal-name",),
    "e_ext_san_contains_reserved_ip": ("reserved-address",),
    "e_subject_contains_reserved_ip": ("reserved-address",),
    "e_arpa_domain_not_allowed": ("reverse-zone-name",),
    "e_subject_contains_reserved_arpa_ip": ("reverse-zone-name",),
    "e_underscore_not_permissible_in_dnsname": ("underscore-in-name",),
    "e_no_underscores_before_1_6_2": ("underscore-in-name",),
    "e_dnsname_underscore_in_sld": ("underscore-in-name",),
    "e_rfc_dnsname_underscore_in_sld": ("underscore-in-name",),
    "w_dnsname_underscore_in_trd": ("underscore-in-name",),
    "w_rfc_dnsname_underscore_in_trd": ("underscore-in-name",),
    "e_dnsname_bad_character_in_label": ("name-malformed",),
    "e_dnsname_empty_label": ("name-malformed",),
    "e_rfc_dnsname_empty_label": ("name-malformed",),
    "e_dnsname_hyphen_in_sld": ("name-malformed",),
    "e_rfc_dnsname_hyphen_in_sld": ("name-malformed",),
    "e_ext_san_dns_name_too_long": ("name-malformed",),
    "e_san_dns_name_starts_with_period": ("name-malformed",),
    "e_ext_san_space_dns_name": ("name-malformed",),
    "e_dnsname_left_label_wildcard_correct": ("wildcard-misplaced",),
    "e_dnsname_wildcard_only_in_left_label": ("wildcard-misplaced",),
    "n_dnsname_wildcard_left_of_public_suffix": ("wildcard-bare",),
    "e_sub_cert_eku_check": ("server-purpose-missing", "purpose-not-accepted"),
    "e_sub_cert_eku_server_auth_client_auth_missing": ("server-purpose-missing",),
    "e_client_auth_not_allowed": ("client-purpose",),
}

# Where we say something else, and why.
OTHERWISE: dict[tuple[str, str], str] = {
    ("e_old_sub_cert_rsa_mod_less_than_1024_bits", "oldSubSmall.pem"): "1024 bits were allowed until 2013; they are weak all the same",
    ("w_rsa_mod_not_odd", "oddRsaMod.pem"): "the modulus is odd, but divisible by 3 and so on: one rule of ours is two of theirs",
    ("e_dsa_shorter_than_2048_bits", "dsaNotShorterThan2048Bits.pem"): "a DSA key is refused whatever its size",
    ("e_signature_algorithm_not_supported", "sha256WithRSAPSSSignatureAlgorithm.pem"): "RSA-PSS is in the list of today's requirements",
    ("e_dnsname_not_valid_tld", "dnsNameNotValidTLD.pem"): "we hold no list of top-level domains",
    ("e_dnsname_not_valid_tld", "dnsNameNotYetValidTLD.pem"): "we hold no list of top-level domains, nor since when they are",
    ("e_subject_contains_reserved_arpa_ip", "subjectRDNSIPv4ReservedIP.pem"): "reverse zones are judged since all of them are refused",
    ("e_no_underscores_before_1_6_2", "dNSNameWithUnderscores.pem"): "underscores are judged since 2019-04-01; it is of the year 1",
    ("w_dnsname_underscore_in_trd", "dnsNameUnderscoreInTRD.pem"): "underscores are judged since 2019-04-01; it is of 2017",
    ("w_rfc_dnsname_underscore_in_trd", "dnsNameUnderscoreInTRD.pem"): "underscores are judged since 2019-04-01; it is of 2017",
    ("e_sub_cert_eku_check", "subExtKeyUsageClientAuth.pem"): "it names no host at all, so nothing says that it is meant for a server",
    ("e_sub_cert_eku_check", "subExtKeyUsageServerAuthAndUnknown.pem"): "unknown purposes beside servers are only advised against",
}

# Their suite has no verdict that these could be held against.
OURS_ALONE = {
    "authority-as-server", "self-signed", "serial-short", "wildcard", "key-of-two-agencies", "key-of-other-hosts", "key-kept",
    "key-outlives-its-kind", "rsa-faulty-library", "rsa-shared-factor", "rsa-known-weakness",
}  # fmt: skip


def verdicts():
    with (ZLINT / "expected.csv").open(encoding="utf-8", newline="") as file:
        return [(row["lint"], row["file"], row["expected"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def broken():
    """The rules that each file's first certificate breaks; a file without a certificate is not there."""
    first, blocks, keys = {}, [], {}
    for file in sorted((ZLINT / "certs").iterdir()):
        for block in read(file.read_bytes()):
            if block["label"] == "CERTIFICATE":
                first.setdefault(file.name, block["fingerprint_sha256"])
                blocks.append({name: block[name] for name in CERTIFICATE_BLOCKS.names if name != "source"} | {"source": len(blocks)})
                keys[block["spki_sha256"]] = {name: block[name] for name in PUBLIC_KEYS.names}
    table = CERTIFICATE_BLOCKS.frame(blocks)
    inputs = (EXPORT_ROWS.empty(), table, AGENCIES.empty(), ALIASES.empty(), Settings(), dt.date(2026, 11, 23))
    certificates = inventory(*inputs).table.assign(trust="public").astype({"trust": "str"})
    rules = defaultdict(set)
    numbers = PUBLIC_KEYS.frame([key for key in keys.values() if key["rsa_modulus"]])
    for certificate, rule in lints.judge(certificates, numbers).table[["certificate", "lint"]].itertuples(index=False):
        rules[certificate].add(rule)
    return {file: rules[fingerprint] for file, fingerprint in first.items()}


@pytest.mark.parametrize("lint", sorted(COUNTERPARTS))
def test_we_say_what_they_say(lint, broken):
    expected, found = {}, {}
    for theirs, file, verdict in verdicts():
        if theirs == lint:
            differs = (lint, file) in OTHERWISE
            expected[file] = (verdict in ("Error", "Warn", "Notice")) is not differs
            found[file] = bool(broken[file] & set(COUNTERPARTS[lint]))
    assert expected
    assert expected == found


def test_at_the_limits_of_validity_we_never_differ():
    about_limits = {lint for lint in COUNTERPARTS if lint.startswith("e_") and "valid_time_longer" in lint}
    assert 6 == len(about_limits)
    assert [] == [lint for lint, _ in OTHERWISE if lint in about_limits]


def test_every_rule_has_a_counterpart_or_is_ours_alone():
    assert set(lints.RULES) == OURS_ALONE | {rule for rules in COUNTERPARTS.values() for rule in rules}
