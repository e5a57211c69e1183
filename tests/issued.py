"""Real certificates for tests, made on the spot: keys are new in every session, so nothing may depend on their bytes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa
from cryptography.x509.oid import NameOID

EC_KEY = ec.generate_private_key(ec.SECP256R1())
_SIGN_WITHOUT_HASH = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey, mldsa.MLDSA44PrivateKey)


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]


def name(**parts: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in parts.items()])


ISSUER = name(COUNTRY_NAME="US", ORGANIZATION_NAME="Geo, Trust", COMMON_NAME="Geo CA 2")
BEGINS, ENDS = at(2026, 11, 2, 14, 0, 1), at(2027, 5, 2, 13, 59, 59)


def certificate(
    names: tuple[str, ...] = ("www.example.gov",),
    serial: int = 0x0A1B2C,
    key: Any = EC_KEY,
    subject: x509.Name | None = None,
    issuer: x509.Name = ISSUER,
    begins: dt.datetime = BEGINS,
    ends: dt.datetime = ENDS,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> x509.Certificate:
    """A certificate signed by its own key; the first of `names` is its common name, all are its alternative names."""
    builder = x509.CertificateBuilder().issuer_name(issuer).public_key(key.public_key()).serial_number(serial)
    builder = builder.not_valid_before(begins).not_valid_after(ends)
    builder = builder.subject_name(name(COUNTRY_NAME="US", COMMON_NAME=names[0]) if subject is None else subject)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, None if isinstance(key, _SIGN_WITHOUT_HASH) else hashes.SHA256())


def der(made: Any) -> bytes:
    return bytes(made.public_bytes(serialization.Encoding.DER))


def pem(made: Any) -> bytes:
    return bytes(made.public_bytes(serialization.Encoding.PEM))
