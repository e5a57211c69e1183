"""Keys that stand in several certificates, and RSA keys whose numbers give the private key away."""

from __future__ import annotations

import importlib.util
import random
from itertools import count
from math import gcd, isqrt, prod

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import lints
from pipeline.contracts import CERTIFICATES, PUBLIC_KEYS
from pipeline.lints import shared_factors
from pipeline.lints.shared_factors import sharing
from tests.issued import at

SOUND = {
    "source": 0,
    "serial": "7f3a9c01b2d4e5f60718293a4b5c6d7e",
    "valid_from": at(2026, 11, 2),
    "valid_to": at(2027, 5, 1, 23, 59, 59),
    "parse_status": "ok",
    "matched": "none",
    "role": "billing",
    "key_type": "EC",
    "spki_sha256": "aa",
    "extended_key_usage": "serverAuth",
    "has_alternative_names": True,
    "trust": "private",
}
PRIMES = [
    prime
    for key in (rsa.generate_private_key(65537, 2048) for _ in range(3))
    for prime in (key.private_numbers().p, key.private_numbers().q)
]


def for_host(host, agency="ROADS", order="", certificate=None, **facts):
    names = {"common_name": host, "subject_alternative_names": host, "names": host}
    return SOUND | names | {"agency": agency, "order_id": order, "certificate": certificate or host} | facts


def said(*told, keys=()):
    """Certificate, rule and detail of each row."""
    table = lints.judge(CERTIFICATES.frame(told), PUBLIC_KEYS.frame(keys)).table
    return [tuple(row) for row in table[["certificate", "lint", "detail"]].itertuples(index=False)]


def broken(*told, keys=()):
    return [(certificate, rule) for certificate, rule, _ in said(*told, keys=keys)]


# -- one key, several certificates ----------------------------------------------------------------------------------------------------


def test_a_key_of_two_agencies_is_told_to_both():
    expected = [
        ("a.gov", "key-of-two-agencies", "Its key also stands in the certificate of b.gov, of PARKS; 2 certificates have it."),
        ("b.gov", "key-of-two-agencies", "Its key also stands in the certificate of a.gov, of ROADS; 2 certificates have it."),
    ]
    assert expected == said(for_host("a.gov"), for_host("b.gov", "PARKS"), for_host("c.gov", "PARKS", spki_sha256="bb"))


def test_a_key_of_several_hosts_of_one_agency():
    expected = [
        ("a.gov", "key-of-other-hosts", "Its key also stands in the certificate of b.gov; 2 certificates have it."),
        ("b.gov", "key-of-other-hosts", "Its key also stands in the certificate of a.gov; 2 certificates have it."),
    ]
    assert expected == said(for_host("a.gov"), for_host("b.gov"))


def test_where_an_agency_is_not_known_nobody_is_accused():
    assert ["key-of-other-hosts"] * 2 == [rule for _, rule in broken(for_host("a.gov"), for_host("b.gov", ""))]


LATER = {"valid_from": at(2026, 12, 2)}


@pytest.mark.parametrize(
    "renewed",
    [
        for_host("a.gov", certificate="new", **LATER),
        for_host("a.gov", "PARKS", certificate="new", **LATER),
        for_host("b.gov", order="7", certificate="new", **LATER),
        for_host("b.gov", replaces="old", certificate="new", **LATER),
    ],
    ids=["same names", "a host that moved to another agency", "same order", "it took over"],
)
def test_a_key_that_is_kept_at_a_renewal_is_told_of_the_new_certificate_only(renewed):
    old = for_host("a.gov", order="7", certificate="old")
    assert [("new", "key-kept", "Its key is that of the certificate of a.gov before it; 2 certificates have it.")] == said(renewed, old)


def test_order_numbers_of_two_ledgers_may_be_equal_by_chance():
    both = for_host("a.gov", order="7"), for_host("b.gov", order="7", role="inventory")
    assert ["key-of-other-hosts"] * 2 == [rule for _, rule in broken(*both)]


def test_renewals_tie_certificates_together_however_many_lie_between():
    """The first has its order with the second and the second its names with the third; the fourth is a stranger."""
    chain = [
        for_host("a.gov", order="7", certificate="1"),
        for_host("b.gov", order="7", certificate="2"),
        for_host("b.gov", order="8", certificate="3"),
    ]
    assert [("2", "key-kept"), ("3", "key-kept")] == broken(*chain)
    stranger = for_host("c.gov", certificate="4")
    assert ["key-of-other-hosts"] * 4 == [rule for _, rule in broken(*chain, stranger)]


def test_authorities_certificates_may_have_one_key():
    crossed = [for_host("", certificate=name, is_ca=True, has_alternative_names=False, names="") for name in ("a", "b")]
    assert [] == broken(*crossed)


def test_certificates_without_a_file_share_no_key():
    assert [] == broken(*(for_host(host, spki_sha256="", key_type="") for host in ("a.gov", "b.gov")))


def test_the_order_of_the_certificates_does_not_matter():
    told = [
        for_host(f"{letter}.gov", agency, order, certificate=letter)
        for letter, agency, order in zip("abcd", ("R", "P", "P", "R"), "1122", strict=True)
    ]
    assert said(*told) == said(*reversed(told))


# -- keys that outlive their kind -----------------------------------------------------------------------------------------------------


def test_keys_that_quantum_computers_break_end_with_2035():
    last_day, next_day = {"valid_to": at(2035, 12, 31, 23, 59, 59)}, {"valid_to": at(2036, 1, 1)}
    assert [] == broken(for_host("a.gov", **last_day))
    assert [("a.gov", "key-outlives-its-kind")] == broken(for_host("a.gov", **next_day))
    assert [] == broken(for_host("a.gov", key_type="ML-DSA-65", **next_day))


# -- numbers of RSA keys --------------------------------------------------------------------------------------------------------------


def of_modulus(*moduli):
    """Rules broken by RSA keys with these moduli, one certificate each."""
    keys = [{"spki_sha256": f"{place}", "rsa_exponent": "65537", "rsa_modulus": f"{number:x}"} for place, number in enumerate(moduli)]
    told = [
        for_host(f"{place}.example.gov", f"A{place}", certificate=f"{place}", key_type="RSA", key_bits=2048, spki_sha256=f"{place}")
        for place in range(len(moduli))
    ]
    return broken(*told, keys=keys)


def is_prime(number):
    """Fermat's test to two bases: enough for numbers drawn at random."""
    return pow(2, number - 1, number) == 1 == pow(3, number - 1, number)


def test_sound_rsa_keys_break_no_rule():
    assert [] == of_modulus(PRIMES[0] * PRIMES[1], PRIMES[2] * PRIMES[3])


def test_close_primes():
    close = next(number for number in count(PRIMES[0] + 2, 2) if is_prime(number))
    assert [("0", "rsa-close-primes")] == of_modulus(PRIMES[0] * close)
    assert [("0", "rsa-close-primes")] == of_modulus(PRIMES[0] * PRIMES[0])


@pytest.mark.parametrize(("expected", "step"), [(True, 1), (True, 100), (False, 101)])
def test_close_primes_are_looked_for_in_a_hundred_steps_above_the_root(expected, step):
    middle = 2**700
    away = isqrt((2 * step - 1) * middle) | 1  # so that the root of the modulus lies between `step` - 1 and `step` below the middle
    told = lints.RULES["rsa-close-primes"].breaks(f"{middle**2 - away**2:x}")
    assert expected == bool(told)


def test_keys_of_the_faulty_library():
    """Their primes are k * M + 65537^a mod M, M being the product of the first 39 primes (CVE-2017-15361)."""
    chance = random.Random(7)
    product = prod(number for number in range(2, 168) if all(number % divisor for divisor in range(2, number)))

    def faulty_prime():
        while True:
            found = chance.getrandbits(293) * product + pow(65537, chance.getrandbits(64), product)
            if is_prime(found):
                return found

    assert [("0", "rsa-faulty-library")] == of_modulus(faulty_prime() * faulty_prime())
    assert [] == of_modulus(faulty_prime() * PRIMES[0])


def test_what_badkeys_knows_is_told_where_it_is_installed():
    """A private exponent of 64 bits, which Wiener's way finds."""
    half = (PRIMES[0] - 1) * (PRIMES[1] - 1)
    private = next(number for number in count(2**64 + 1, 2) if gcd(number, half) == 1)
    told = lints.RULES["rsa-known-weakness"].breaks(f"{PRIMES[0] * PRIMES[1]:x}", str(pow(private, -1, half)))
    is_installed = importlib.util.find_spec("badkeys") is not None
    assert is_installed == lints.RULES["rsa-known-weakness"].is_checked
    assert ("The private key can be computed: its private exponent is too small (Wiener)." if is_installed else "") == told
    assert "" == lints.RULES["rsa-known-weakness"].breaks("", "")


def test_two_keys_with_a_common_prime_are_both_told():
    first, second, third = PRIMES[0] * PRIMES[1], PRIMES[1] * PRIMES[2], PRIMES[3] * PRIMES[4]
    assert [("0", "rsa-shared-factor"), ("1", "rsa-shared-factor")] == of_modulus(first, second, third)


def test_small_common_factors_are_a_matter_of_small_factors():
    assert {"rsa-small-factor"} == {rule for _, rule in of_modulus(3 * PRIMES[0], 3 * PRIMES[1])}


def test_of_too_many_keys_those_that_end_last_are_compared_and_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(shared_factors, "MOST_MODULI", 2)
    moduli = [PRIMES[0] * PRIMES[1], PRIMES[1] * PRIMES[2], PRIMES[2] * PRIMES[3]]
    keys = [{"spki_sha256": f"{place}", "rsa_exponent": "65537", "rsa_modulus": f"{number:x}"} for place, number in enumerate(moduli)]
    told = [
        for_host(f"{place}.gov", source=place, key_type="RSA", key_bits=2048, spki_sha256=f"{place}", valid_to=at(2027, 1, 1 + place))
        for place in range(3)
    ]
    stage = lints.judge(CERTIFICATES.frame(told), PUBLIC_KEYS.frame(keys))
    assert ["1.gov", "2.gov"] == stage.table["certificate"].tolist()
    (finding,) = stage.findings
    assert ("keys-not-compared", 0) == (finding.code, finding.source)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=9))
def test_sharing_finds_what_comparing_each_with_each_finds(pairs):
    primes = [2**127 - 1, 2**107 - 1, 2**89 - 1, *PRIMES, 2**521 - 1, 2**607 - 1, 2**1279 - 1]
    moduli = sorted({primes[one] * primes[other] for one, other in pairs})
    expected = {number for number in moduli if any(number != other and gcd(number, other) > 2**64 for other in moduli)}
    assert expected == sharing(moduli)
