"""Who issued which certificate, whether a chain is whole, and authorities' certificates that end too early."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from pipeline.certificates import chains
from pipeline.contracts import CERTIFICATES
from pipeline.x509_facts import read
from tests.issued import at, certificate, der, name
from tests.unit.test_certificates import AS_OF, stage

ROOT_KEY, CA_KEY, OTHER_KEY, HOST_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))
ROOT, CA = name(COMMON_NAME="Root"), name(COMMON_NAME="Issuing CA")
NEXT_YEAR, LATER, LATE = at(2027, 1, 1), at(2030, 1, 1), at(2040, 1, 1)
IS_CA = x509.BasicConstraints(ca=True, path_length=None)


def own_key(key: Any) -> x509.ExtensionType:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def issuers_key(key: Any) -> x509.ExtensionType:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def block(source: int, made: x509.Certificate) -> dict[str, Any]:
    found = dict(read(der(made))[0])
    del found["label"]
    return found | {"source": source}


def root(ends: Any = LATE) -> x509.Certificate:
    return certificate((), 1, ROOT_KEY, ROOT, ROOT, at(2020, 1, 1), ends, (IS_CA, own_key(ROOT_KEY)))


def authority(serial: int = 2, ends: Any = LATER, key: Any = CA_KEY, with_ids: bool = True) -> x509.Certificate:
    ids = (own_key(key), issuers_key(ROOT_KEY)) if with_ids else ()
    return certificate((), serial, key, CA, ROOT, at(2021, 1, 1), ends, (IS_CA, *ids))


def leaf(serial: int = 3, ends: Any = NEXT_YEAR, with_id: bool = True) -> x509.Certificate:
    ids = (own_key(HOST_KEY), *((issuers_key(CA_KEY),) if with_id else ()))
    return certificate(("www.example.gov",), serial, HOST_KEY, None, CA, at(2026, 1, 1), ends, ids)


def found(*made: x509.Certificate) -> list[tuple[int, str]]:
    """Of each certificate the place of its issuer's in `made` (-1: none) and whether its chain is whole."""
    table = stage(blocks=[block(source, one) for source, one in enumerate(made)]).table.set_index("source").sort_index()
    places = {fingerprint: source for source, fingerprint in table["certificate"].items()}
    return [(places.get(issuer, -1), chain) for issuer, chain in table[["issued_by", "chain"]].itertuples(index=False, name=None)]


def test_a_chain_is_whole_up_to_a_root_among_the_inputs() -> None:
    assert [(1, "complete"), (2, "complete"), (-1, "complete")] == found(leaf(), authority(), root())
    assert [(1, "incomplete"), (-1, "incomplete")] == found(leaf(), authority())
    assert [(-1, "incomplete"), (-1, "complete")] == found(leaf(), root())


def test_names_decide_where_there_is_no_key_identifier() -> None:
    assert [(1, "complete"), (2, "complete"), (-1, "complete")] == found(leaf(with_id=False), authority(with_ids=False), root())
    assert [(1, "complete"), (2, "complete"), (-1, "complete")] == found(leaf(), authority(with_ids=False), root())


def test_an_authority_of_the_name_and_another_key_is_not_the_issuer() -> None:
    assert [(-1, "incomplete"), (2, "complete"), (-1, "complete")] == found(leaf(), authority(key=OTHER_KEY), root())


def test_of_several_certificates_of_one_authority_the_one_that_is_valid_longest_is_taken() -> None:
    expected = [(2, "complete"), (3, "complete"), (3, "complete"), (-1, "complete")]
    assert expected == found(leaf(), authority(2, at(2027, 6, 1)), authority(4, at(2031, 1, 1)), root())


def test_authorities_that_issue_each_other_end_nowhere_unless_there_is_a_way_out() -> None:
    one = certificate((), 5, CA_KEY, CA, ROOT, at(2021, 1, 1), at(2030, 1, 1), (IS_CA, own_key(CA_KEY), issuers_key(ROOT_KEY)))
    other = certificate((), 6, ROOT_KEY, ROOT, CA, at(2021, 1, 1), at(2030, 1, 1), (IS_CA, own_key(ROOT_KEY), issuers_key(CA_KEY)))
    assert [(1, "incomplete"), (2, "incomplete"), (1, "incomplete")] == found(leaf(), one, other)
    assert [(1, "complete"), (3, "complete"), (1, "complete"), (-1, "complete")] == found(leaf(), one, other, root())


def test_a_certificate_that_names_itself_by_its_key_is_not_its_own_issuer() -> None:
    odd = certificate((), 5, CA_KEY, CA, ROOT, at(2021, 1, 1), at(2030, 1, 1), (IS_CA, own_key(CA_KEY), issuers_key(CA_KEY)))
    assert [(-1, "incomplete")] == found(odd)


def test_a_row_without_a_file_has_no_chain() -> None:
    table = CERTIFICATES.frame([{"certificate": "a", "parse_status": "none", "matched": "none", "role": "billing", "source": 1}])
    assert [("", "")] == list(chains.chained(table)[["issued_by", "chain"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("authority_ends", "leaf_ends", "expected"),
    [
        (at(2027, 6, 1), at(2027, 6, 2), "authority-ends-first"),
        (at(2027, 6, 1), at(2027, 6, 1), ""),
        (at(2027, 2, 21), at(2027, 2, 1), "authority-ends-soon"),
        (at(2027, 2, 23), at(2027, 2, 1), ""),
        (at(2026, 11, 1), at(2027, 2, 1), "authority-ends-first"),
        (at(2026, 12, 1), at(2026, 11, 1), ""),  # the certificate is over
    ],
    ids=str,
)
def test_an_authority_that_ends_too_early_is_told(authority_ends: Any, leaf_ends: Any, expected: str) -> None:
    made = [leaf(ends=leaf_ends), authority(ends=authority_ends), root()]
    result = stage(blocks=[block(source, one) for source, one in enumerate(made)], as_of=AS_OF)
    told = [(finding.code, finding.source) for finding in result.findings if finding.code.startswith("authority")]
    assert ([(expected, 1)] if expected else []) == told


def test_an_authority_with_a_longer_certificate_of_the_same_key_is_not_told_of() -> None:
    made = [leaf(ends=at(2027, 6, 1)), authority(2, at(2027, 1, 1)), authority(4, at(2031, 1, 1)), root()]
    result = stage(blocks=[block(source, one) for source, one in enumerate(made)])
    assert [] == [finding.code for finding in result.findings if finding.code.startswith("authority")]


def test_many_certificates_of_many_authorities_with_one_key_take_no_square_of_time() -> None:
    count = 20_000
    table = CERTIFICATES.frame([_row(0)]).iloc[[0] * (2 * count)].reset_index(drop=True)
    table["certificate"] = pd.Series([f"c{number}" for number in range(2 * count)], dtype="str")
    table["is_ca"] = [number < count for number in range(2 * count)]
    table["authority_key_id"] = pd.Series(["ca"] * (2 * count), dtype="str")
    table["subject_key_id"] = pd.Series(["ca" if number < count else "leaf" for number in range(2 * count)], dtype="str")
    chained = chains.chained(table)
    assert {"incomplete"} == set(chained["chain"])
    assert 2 == len(set(chained["issued_by"]))


def _row(number: int) -> dict[str, Any]:
    usual = {"parse_status": "ok", "matched": "none", "role": "file", "source": 1, "valid_to": "2027-01-01T00:00:00Z"}
    return {"certificate": f"c{number}", **usual}
