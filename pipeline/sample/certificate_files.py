"""Certificate files in the shapes in which administrators send them: bundles, single files, DER, PKCS #7, and a damaged one."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from pipeline.sample.authorities import (
    INTERNAL,
    ROOT,
    TLS_EC,
    TLS_RSA,
    Authorities,
    Wanted,
    self_signed,
    self_signed_with_sha1,
    serial_number,
)
from pipeline.sample.chance import spread
from pipeline.sample.keys import mldsa_public_key
from pipeline.sample.orders import Certificate

# Blocks in a bundle, and the certificates that lie in files of their own; a larger sample only has larger bundles.
_BUNDLE = 20_000
_SINGLE = 30
_DER = 16
_IN_PKCS7 = 8
_WITHOUT_FILE = 0.08
_APPLIANCES = ("printer-3.map.example.gov", "ups.cdo.example.gov", "door-controller.wbo.example.gov")
_OLD_APPLIANCE = "badge-reader.doo.example.gov"
_TEN_YEARS = dt.timedelta(days=3652, seconds=-1)
_PILOT = "post-quantum.isb.example.gov"


def write(folder: Path, certificates: Sequence[Certificate], authorities: Authorities, seed: int) -> None:
    """Write the files below `folder`: most of `certificates`, the CAs' own, and a few that no export knows."""
    public = [certificate for certificate in certificates if certificate.issuer != INTERNAL]
    internal = [certificate for certificate in certificates if certificate.issuer == INTERNAL]
    missing = set(spread(int(len(public) * _WITHOUT_FILE), len(public)))
    at_hand = [certificate for place, certificate in enumerate(public) if place not in missing]
    alone = set(spread(_SINGLE + _DER + 3, len(at_hand)))
    bundled = [certificate for place, certificate in enumerate(at_hand) if place not in alone]
    singles = [at_hand[place] for place in sorted(alone)]
    _bundles(folder, bundled, [authorities.certificates[name] for name in (TLS_EC, TLS_RSA, ROOT)])
    _damaged(folder / "from-agencies" / "mixed.pem", singles[:3], seed)
    _single_files(folder / "servers", singles[3 : 3 + _SINGLE])
    _der_files(folder / "der", singles[3 + _SINGLE :])
    _internal(folder / "internal", internal, authorities.certificates[INTERNAL])
    _put(folder / "internal" / "post-quantum-pilot.pem", pem(_pilot(authorities, seed)).encode())
    _strangers(folder / "appliances", seed)


def _bundles(folder: Path, certificates: Sequence[Certificate], chain: Sequence[bytes]) -> None:
    for number, start in enumerate(range(0, len(certificates), _BUNDLE), start=1):
        blocks = [pem(certificate.der) for certificate in certificates[start : start + _BUNDLE]]
        if number == 1:
            blocks.extend(pem(der) for der in chain)
        _put(folder / f"bundle-2026-11-{number}.pem", "".join(blocks).encode())


def _single_files(folder: Path, certificates: Sequence[Certificate]) -> None:
    """One file a certificate, by agency; some with the lines that `openssl` writes before a certificate."""
    for place, certificate in enumerate(certificates):
        text = pem(certificate.der)
        if place % 10 == 4:
            text = f"Bag Attributes\n    friendlyName: {certificate.common_name}\nsubject=CN = {certificate.common_name}\n{text}"
        if place % 10 == 7:
            text = text.replace("\n", "\r\n")
        ending = "crt" if place % 3 == 0 else "pem"
        name = f"{certificate.order.host.common_name.replace('*', 'wildcard')}-{certificate.issued_on}.{ending}"
        _put(folder / certificate.order.agency.code.lower() / name, text.encode())


def _der_files(folder: Path, certificates: Sequence[Certificate]) -> None:
    for place, certificate in enumerate(certificates):
        ending = "cer" if place % 2 else "der"
        name = f"{certificate.order.host.common_name.replace('*', 'wildcard')}-{certificate.issued_on}.{ending}"
        _put(folder / name, certificate.der)


def _damaged(path: Path, certificates: Sequence[Certificate], seed: int) -> None:
    """A good certificate, one cut off in transfer, and a good one again."""
    first, cut, last = certificates
    _put(path, (pem(first.der) + pem(cut.der[: len(cut.der) * 2 // 3]) + pem(last.der)).encode())
    revoked_list = f"-----BEGIN X509 CRL-----\n{base64.encodebytes(first.der[:90]).decode()}-----END X509 CRL-----\n"
    old = self_signed(seed, "old-proxy.example.gov", dt.datetime(2016, 5, 1), dt.datetime(2021, 5, 1))  # noqa: DTZ001 - UTC
    _put(path.with_name("leftovers.pem"), (revoked_list + pem(old)).encode())


def _internal(folder: Path, certificates: Sequence[Certificate], authority: bytes) -> None:
    """The internal CA's certificates: some in a PKCS #7 file with the CA's own, half of the others in a bundle."""
    loaded = [x509.load_der_x509_certificate(der) for der in (authority, *(one.der for one in certificates[:_IN_PKCS7]))]
    _put(folder / "internal-ca.p7b", serialize_certificates(loaded, Encoding.DER))
    _put(folder / "internal.pem", "".join(pem(one.der) for one in certificates[_IN_PKCS7::2]).encode())


def _pilot(authorities: Authorities, seed: int) -> bytes:
    """A first certificate of the internal CA for an ML-DSA key, which a quantum computer would not break."""
    since = dt.datetime(2026, 10, 5)  # noqa: DTZ001 - UTC
    until = since + dt.timedelta(days=365, seconds=-1)
    wanted = Wanted(_PILOT, "Commonwealth IT (sample)", (_PILOT,), since, until, serial_number(seed, _PILOT))
    return authorities.by_name[INTERNAL].issue(wanted, mldsa_public_key(seed, _PILOT))


def _strangers(folder: Path, seed: int) -> None:
    """Certificates that appliances made for themselves: in no export, valid for ten years, and one of them signed as was done long ago."""
    for place, name in enumerate(_APPLIANCES):
        since = dt.datetime(2022 + place, 3, 1)  # noqa: DTZ001 - UTC
        _put(folder / f"{name}.crt", pem(self_signed(seed, name, since, since + _TEN_YEARS)).encode())
    since = dt.datetime(2017, 9, 12)  # noqa: DTZ001 - UTC
    _put(folder / f"{_OLD_APPLIANCE}.crt", pem(self_signed_with_sha1(seed, _OLD_APPLIANCE, since, since + _TEN_YEARS)).encode())


def pem(der: bytes) -> str:
    """`der` as a PEM block with lines of 64 characters."""
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
