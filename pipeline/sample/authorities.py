"""The sample's certificate authorities, all fictional: a public root with two issuing CAs, and the office's own internal CA."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from pipeline.sample.chance import material
from pipeline.sample.keys import PublicKey, ec_key, ed25519_key, rsa_key

VENDOR = "Larkspur Sample Certificates"
ROOT = "Larkspur Sample Root R1"
TLS_EC = "Larkspur Sample TLS EC 1"
TLS_RSA = "Larkspur Sample TLS RSA 2"
INTERNAL = "Sample Commonwealth Internal CA"

# The identifiers in DER (RFC 4055 §5, RFC 3279 §2.2.1): of one length, so one can stand where the other stood.
_RSA_OVER_SHA256, _RSA_OVER_SHA1 = bytes.fromhex("06092a864886f70d01010b"), bytes.fromhex("06092a864886f70d010105")
ORGANIZATION_VALIDATED = "2.23.140.1.2.2"
EXTENDED_VALIDATED = "2.23.140.1.1"


def _extension(value: x509.ExtensionType, *, critical: bool = False) -> x509.Extension[x509.ExtensionType]:
    return x509.Extension(value.oid, critical, value)


def _policy(identifier: str) -> x509.Extension[x509.ExtensionType]:
    return _extension(x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(identifier), None)]))


def _usage(*names: str) -> x509.Extension[x509.ExtensionType]:
    return _extension(x509.KeyUsage(**{name: name in names for name in _USAGES}), critical=True)


_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
    "encipher_only", "decipher_only",
)  # fmt: skip
_LEAF = _extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
_RSA_USAGE = _usage("digital_signature", "key_encipherment")
_OTHER_USAGE = _usage("digital_signature")
_CA_USAGE = _usage("key_cert_sign", "crl_sign")
_SERVER_AUTH = _extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
_STANDARD_POLICY = _policy(ORGANIZATION_VALIDATED)
_PREMIUM_POLICY = _policy(EXTENDED_VALIDATED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a certificate shall say. Times are UTC without a zone; `valid_to` is the last second that is covered."""

    common_name: str
    organization: str
    names: tuple[str, ...]
    valid_from: dt.datetime
    valid_to: dt.datetime
    serial: int
    premium: bool = False


class Authority:
    """A CA that signs in memory. ECDSA is done the deterministic way (RFC 6979) and RSA with PKCS #1 v1.5: bytes repeat."""

    def __init__(self, name: str, organization: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self.name = name
        self._key = key
        self._subject = _name(name, organization)
        self._identifier = _extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()))

    def issue(self, wanted: Wanted, key: PublicKey) -> bytes:
        """The DER bytes of a server certificate."""
        extensions = [
            _LEAF,
            _RSA_USAGE if isinstance(key, rsa.RSAPublicKey) else _OTHER_USAGE,
            _SERVER_AUTH,
            _names(wanted.names),
            _PREMIUM_POLICY if wanted.premium else _STANDARD_POLICY,
        ]
        return self._signed(_name(wanted.common_name, wanted.organization), key, wanted, extensions)

    def certify(self, other: Authority, since: int, until: int, serial: int) -> bytes:
        """The DER bytes of a CA certificate for `other`, from the year `since` to the year `until`; for itself: a root."""
        first, after = (dt.datetime.fromisoformat(f"{year}-01-01") for year in (since, until))
        life = Wanted(other.name, "", (), first, after - dt.timedelta(seconds=1), serial)
        constraints = x509.BasicConstraints(ca=True, path_length=None if other is self else 0)
        return self._signed(other._subject, other._key.public_key(), life, [_extension(constraints, critical=True), _CA_USAGE])

    def _signed(self, subject: x509.Name, key: PublicKey, life: Wanted, extensions: Sequence[x509.Extension[x509.ExtensionType]]) -> bytes:
        builder = _builder(self._subject, subject, key, life, [*extensions, self._identifier])
        deterministic = True if isinstance(self._key, ec.EllipticCurvePrivateKey) else None
        return builder.sign(self._key, hashes.SHA256(), ecdsa_deterministic=deterministic).public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class Authorities:
    """The CAs by name, and their own certificates."""

    by_name: dict[str, Authority]
    certificates: dict[str, bytes]


def founded(seed: int) -> Authorities:
    """All CAs of the sample with keys of `seed`."""
    root = Authority(ROOT, VENDOR, ec_key(seed, ROOT, ec.SECP384R1()))
    tls_ec = Authority(TLS_EC, VENDOR, ec_key(seed, TLS_EC, ec.SECP256R1()))
    tls_rsa = Authority(TLS_RSA, VENDOR, rsa_key(seed, TLS_RSA, 2048))
    internal = Authority(INTERNAL, "Commonwealth IT (sample)", rsa_key(seed, INTERNAL, 2048))
    certificates = {
        ROOT: root.certify(root, 2020, 2045, serial_number(seed, ROOT)),
        TLS_EC: root.certify(tls_ec, 2022, 2032, serial_number(seed, TLS_EC)),
        TLS_RSA: root.certify(tls_rsa, 2022, 2032, serial_number(seed, TLS_RSA)),
        INTERNAL: internal.certify(internal, 2019, 2039, serial_number(seed, INTERNAL)),
    }
    return Authorities({authority.name: authority for authority in (root, tls_ec, tls_rsa, internal)}, certificates)


def self_signed(seed: int, common_name: str, since: dt.datetime, until: dt.datetime) -> bytes:
    """The DER bytes of a certificate that an appliance made for itself with an Ed25519 key; no CA knows of it."""
    key = ed25519_key(seed, common_name)
    name = _name(common_name, "")
    life = Wanted(common_name, "", (), since, until, serial_number(seed, common_name))
    return _builder(name, name, key.public_key(), life, [_names((common_name,))]).sign(key, None).public_bytes(Encoding.DER)


def self_signed_with_sha1(seed: int, common_name: str, since: dt.datetime, until: dt.datetime) -> bytes:
    """The DER bytes of a certificate that an old appliance signed for itself with RSA over SHA-1, which no library writes any more."""
    key, name = rsa_key(seed, common_name, 2048), _name(common_name, "")
    life = Wanted(common_name, "", (), since, until, serial_number(seed, common_name))
    signed = _builder(name, name, key.public_key(), life, [_names((common_name,))]).sign(key, hashes.SHA256())
    der = signed.public_bytes(Encoding.DER).replace(_RSA_OVER_SHA256, _RSA_OVER_SHA1)
    body = x509.load_der_x509_certificate(der).tbs_certificate_bytes
    return der[: -key.key_size // 8] + key.sign(body, PKCS1v15(), hashes.SHA1())  # noqa: S303 - a weak certificate is wanted


def serial_number(seed: int, what: str) -> int:
    """A positive serial of 16 bytes; some begin with zeros, which exports like to lose."""
    return int.from_bytes(material(seed, f"serial/{what}", 16), "big") >> 1 | 1


def _name(common_name: str, organization: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "US")]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(names: Sequence[str]) -> x509.Extension[x509.ExtensionType]:
    return _extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]))


def _builder(
    issuer: x509.Name, subject: x509.Name, key: PublicKey, life: Wanted, extensions: Sequence[x509.Extension[x509.ExtensionType]]
) -> x509.CertificateBuilder:
    """The builder with all extensions at once: adding them one by one is a third of the time that a large sample takes."""
    identifier = _extension(x509.SubjectKeyIdentifier.from_public_key(key))
    return x509.CertificateBuilder(issuer, subject, key, life.serial, life.valid_from, life.valid_to, [identifier, *extensions])


def names_of(common_name: str, others: Sequence[str]) -> tuple[str, ...]:
    """The alternative names of a certificate: its common name first, then the others, none twice."""
    return tuple(dict.fromkeys((common_name, *others)))
