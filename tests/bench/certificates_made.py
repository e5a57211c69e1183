"""Made-up certificates by the ten thousand, as public authorities issue them: about 1,100 bytes, nine extensions, one to seven names.

They are written as DER here, in some ten microseconds each; signing with a real key would take a thousand. Nothing that is measured
checks a signature, so these are bytes by chance; so are the moduli of RSA keys, which nothing here takes apart. Keys on curves are real.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

_SEED = 20_261_125
_FIRST = dt.datetime(2016, 1, 4, tzinfo=dt.UTC)
_TEN_YEARS = 10 * 365 * 86_400
_SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
_COMMON_NAME, _ALTERNATIVE, _KEY_ID = "0603550403", "0603551d11", "0603551d0e"
# How many of 41 keys are of which kind: as in the export of an office whose servers are older than its rules.
_FEW_KEYS = (("rsa", 2048, 23), ("rsa", 3072, 3), ("rsa", 4096, 3), ("p256", 0, 9), ("p384", 0, 2), ("ed25519", 0, 1))


def few_keys() -> list[bytes]:
    """41 public keys as DER: RSA of three sizes, P-256, P-384 and Ed25519."""
    chance = random.Random(_SEED)
    return [_public_key(chance, kind, bits) for kind, bits, count in _FEW_KEYS for _ in range(count)]


def many_keys(count: int = 5_000) -> list[bytes]:
    """`count` public keys on P-256 as DER, all different."""
    chance = random.Random(_SEED)
    return [_public_key(chance, "p256", 0) for _ in range(count)]


def _public_key(chance: random.Random, kind: str, bits: int) -> bytes:
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
    if kind == "rsa":
        public = rsa.RSAPublicNumbers(65_537, chance.getrandbits(bits) | 1 | 1 << (bits - 1)).public_key()
    elif kind == "ed25519":
        public = ed25519.Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)).public_key()
    else:
        curve: ec.EllipticCurve = ec.SECP256R1() if kind == "p256" else ec.SECP384R1()
        public = ec.derive_private_key(chance.getrandbits(250) + 2, curve).public_key()
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def certificates(count: int, keys: Sequence[bytes], servers: int = 60_000) -> Iterator[bytes]:
    """`count` certificates as DER, the same ones every time, of two authorities in turn; `keys` are public keys as DER, used in turn; they
    are of `servers` servers of each of 140 agencies, by chance."""
    chance = random.Random(_SEED)
    authorities = [_authority(number) for number in (1, 2)]
    key_ids = [_extension(_KEY_ID, _node(0x04, hashlib.sha1(key, usedforsecurity=False).digest())) for key in keys]
    subject_before = b"".join(
        _node(0x31, x509.Name([x509.NameAttribute(kind, value)]).public_bytes()[4:])
        for kind, value in (
            (NameOID.COUNTRY_NAME, "US"),
            (NameOID.STATE_OR_PROVINCE_NAME, "Massachusetts"),
            (NameOID.ORGANIZATION_NAME, "Commonwealth"),
        )
    )
    for number in range(count):
        issuer, shared = authorities[number % 2]
        host = f"w{chance.randrange(servers)}.agency{chance.randrange(140)}.example.gov"
        hosts = [host, *(f"{word}.{host}" for word in ("www", "api", "test", "mail", "vpn", "cdn")[: chance.randrange(7)])]
        begins = _FIRST + dt.timedelta(seconds=chance.randrange(_TEN_YEARS))
        ends = begins + dt.timedelta(days=200, seconds=-1)
        names = _node(0x30, b"".join(_node(0x82, one.encode()) for one in hosts))
        extensions = shared[0] + key_ids[number % len(keys)] + _extension(_ALTERNATIVE, names) + shared[1]
        subject = _node(0x30, subject_before + _node(0x31, _node(0x30, bytes.fromhex(_COMMON_NAME) + _node(0x0C, host.encode()))))
        serial = _node(0x02, b"\x01" + chance.randbytes(15))
        validity = _node(0x30, b"".join(_node(0x17, f"{one:%y%m%d%H%M%SZ}".encode()) for one in (begins, ends)))
        body = [b"\xa0\x03\x02\x01\x02", serial, _SHA256_RSA, issuer, validity, subject, keys[number % len(keys)]]
        signed = _node(0x30, b"".join(body) + _node(0xA3, _node(0x30, extensions)))
        yield _node(0x30, signed + _SHA256_RSA + _node(0x03, b"\x00" + chance.randbytes(256)))


def _authority(number: int) -> tuple[bytes, tuple[bytes, bytes]]:
    """Its name, and the extensions that all its certificates share: those before and those behind their own."""
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "US"), x509.NameAttribute(NameOID.COMMON_NAME, f"Example TLS CA {number}")])
    uri = x509.UniformResourceIdentifier(f"http://ca{number}.example.com/ca.crl")
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    first: list[x509.ExtensionType] = [x509.AuthorityKeyIdentifier(bytes([number]) * 20, None, None)]
    then: list[x509.ExtensionType] = [
        x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.23.140.1.2.2"), None)]),
        usage,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
        x509.CRLDistributionPoints([x509.DistributionPoint([uri], None, None, None)]),
        x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri)]),
        x509.BasicConstraints(ca=False, path_length=None),
    ]
    return name.public_bytes(), (b"".join(map(_as_extension, first)), b"".join(map(_as_extension, then)))


def _as_extension(value: x509.ExtensionType) -> bytes:
    arcs = [int(arc) for arc in value.oid.dotted_string.split(".")]
    encoded = bytes([arcs[0] * 40 + arcs[1]]) + b"".join(_base_128(arc) for arc in arcs[2:])
    return _extension(_node(0x06, encoded).hex(), value.public_bytes())


def _base_128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))


def _extension(kind: str, value: bytes) -> bytes:
    return _node(0x30, bytes.fromhex(kind) + _node(0x04, value))


def _node(tag: int, contents: bytes) -> bytes:
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + contents


def as_pem(der: bytes) -> bytes:
    """One certificate in armour, 64 characters a line."""
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])


def write_bundle(path: Path, count: int, keys: Sequence[bytes]) -> None:
    """`count` certificates in one PEM file."""
    with path.open("wb") as stream:
        stream.writelines(map(as_pem, certificates(count, keys)))
