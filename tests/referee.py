"""What `cryptography` tells of a certificate, in the words of our columns, and where a row tells otherwise: the referee of the parser."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, NameOID

from pipeline.x509_facts import oids

# All that the library raises for a field that it does not take (facts/bad-inputs §0.6).
REFUSALS = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
)  # fmt: skip

KINDS: dict[type[Any], str] = {
    rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "EC", dsa.DSAPublicKey: "DSA",
    ed25519.Ed25519PublicKey: "Ed25519", ed448.Ed448PublicKey: "Ed448",
}  # fmt: skip
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224"}


def _names(loaded: x509.Certificate) -> str:
    found = _extension(loaded, x509.SubjectAlternativeName)
    kinds = (x509.DNSName, x509.IPAddress, x509.RFC822Name)
    return " ".join(sorted({str(one.value).lower() for one in found or () if isinstance(one, kinds)} - {""}))


def _extension(loaded: x509.Certificate, kind: type[Any]) -> Any:
    try:
        return loaded.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found and isinstance(found[0].value, str) else ""


def _bits(loaded: x509.Certificate) -> int | None:
    key = loaded.public_key()
    return key.key_size if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey) else None


def _rsa(loaded: x509.Certificate, number: str) -> str:
    key = loaded.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return ""
    return f"{key.public_numbers().n:x}" if number == "n" else str(key.public_numbers().e)


def _key_id(loaded: x509.Certificate, kind: type[Any], attribute: str) -> str:
    found = _extension(loaded, kind)
    value = getattr(found, attribute) if found is not None else None
    return value.hex() if value is not None else ""


def _purposes(loaded: x509.Certificate) -> str:
    found = _extension(loaded, x509.ExtendedKeyUsage)
    return " ".join(sorted({oids.PURPOSES.get(one.dotted_string, one.dotted_string) for one in found or ()}))


def _has(loaded: x509.Certificate, oid: x509.ObjectIdentifier) -> bool:
    return any(one.oid == oid for one in loaded.extensions)


def _serial(loaded: x509.Certificate) -> str:
    digits = f"{abs(loaded.serial_number):x}"
    return ("-" if loaded.serial_number < 0 else "") + digits.zfill(len(digits) + len(digits) % 2)


def _is_ca(loaded: x509.Certificate) -> bool:
    found = _extension(loaded, x509.BasicConstraints)
    return found is not None and found.ca


def _signature(loaded: x509.Certificate) -> str:
    dotted = loaded.signature_algorithm_oid.dotted_string
    return oids.SIGNATURES.get(dotted, dotted)


def _spki(loaded: x509.Certificate) -> str:
    spelt = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if spelt not in loaded.tbs_certificate_bytes:
        raise ValueError("the library spells the key otherwise than the certificate does")
    return hashlib.sha256(spelt).hexdigest()


def _kind(loaded: x509.Certificate) -> str:
    for kind, name in KINDS.items():
        if isinstance(loaded.public_key(), kind):
            return name
    raise ValueError("a kind of key that is not compared")


def _curve(loaded: x509.Certificate) -> str:
    key = loaded.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return ""
    if bytes.fromhex("06072a8648ce3d0101") in loaded.tbs_certificate_bytes:
        raise ValueError("the library names a curve that the certificate only describes")
    return CURVES.get(key.curve.name, key.curve.name)


TELLS: dict[str, Callable[[x509.Certificate], Any]] = {
    "serial": _serial,
    "common_name": lambda loaded: _common_name(loaded.subject),
    "subject_alternative_names": _names,
    "subject": lambda loaded: loaded.subject.rfc4514_string(),
    "issuer": lambda loaded: loaded.issuer.rfc4514_string(),
    "valid_from": lambda loaded: loaded.not_valid_before_utc,
    "valid_to": lambda loaded: loaded.not_valid_after_utc,
    "key_type": _kind,
    "key_bits": _bits,
    "key_curve": _curve,
    "signature_algorithm": _signature,
    "spki_sha256": _spki,
    "rsa_exponent": lambda loaded: _rsa(loaded, "e"),
    "rsa_modulus": lambda loaded: _rsa(loaded, "n"),
    "subject_key_id": lambda loaded: _key_id(loaded, x509.SubjectKeyIdentifier, "digest"),
    "authority_key_id": lambda loaded: _key_id(loaded, x509.AuthorityKeyIdentifier, "key_identifier"),
    "extended_key_usage": _purposes,
    "has_alternative_names": lambda loaded: _has(loaded, ExtensionOID.SUBJECT_ALTERNATIVE_NAME),
    "has_scts": lambda loaded: _has(loaded, ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS),
    "is_ca": _is_ca,
    "is_self_issued": lambda loaded: loaded.subject.public_bytes() == loaded.issuer.public_bytes(),
    "fingerprint_sha256": lambda loaded: hashlib.sha256(loaded.public_bytes(Encoding.DER)).hexdigest(),
}


def told(der: bytes) -> dict[str, Any]:
    """The columns that the library can read of a certificate; a column that it refuses is left out, all of them if it refuses the whole."""
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loaded = x509.load_der_x509_certificate(der)
        except REFUSALS:
            return found
        for column, tell in TELLS.items():
            try:
                found[column] = tell(loaded)
            except REFUSALS:
                continue
    return found


def disagreements(block: dict[str, Any], der: bytes) -> dict[str, tuple[Any, Any]]:
    """(what the library tells, what the row tells) of each column on which they differ."""
    return {column: (value, block[column]) for column, value in told(der).items() if value != block[column]}
