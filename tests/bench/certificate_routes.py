"""One way to read certificates, alone in its process: `python -m tests.bench.certificate_routes ROUTE PATH`. Prints one line of JSON.

Time is that of the processor, of this process, so that a machine with other work to do measures the same; importing is not counted.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from pipeline import x509_facts
from pipeline.engine.local import Local
from pipeline.sources.certificate_files import CertificateFiles
from pipeline.sources.fact_store import FactStore
from pipeline.sources.raw_files import Listed

PIECE = 2**20
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def pieces(path: Path, times: int = 1) -> Iterator[bytes]:
    """The bytes of a file, that many times over."""
    for _ in range(times):
        with path.open("rb") as stream:
            while piece := stream.read(PIECE):
                yield piece


def in_columns(path: Path, times: int = 1) -> int:
    """Facts of a bundle as Arrow columns, which are let go of as they come."""
    return sum(batch.blocks.num_rows for batch in x509_facts.batches(pieces(path, times)))


def held(path: Path) -> int:
    """Facts of a bundle as Arrow columns, all of them held until the end."""
    gathered = x509_facts.Gathered()
    for rows in x509_facts.rows(pieces(path)):
        gathered.add(rows)
    return sum(batch.blocks.num_rows for batch in gathered.batches())


def by_library(path: Path) -> int:
    """The same facts as `cryptography` gives them, one certificate at a time and none of them kept."""
    data, at, count = path.read_bytes(), 0, 0
    while (begin := data.find(_BEGIN, at)) >= 0:
        at = data.index(_END, begin) + len(_END)
        count += len(_library_facts(x509.load_pem_x509_certificate(data[begin:at]))) > 0
    return count


def _library_facts(found: x509.Certificate) -> tuple[object, ...]:
    key = found.public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    extensions = found.extensions
    alternative = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    numbers = key.public_numbers() if isinstance(key, rsa.RSAPublicKey) else None
    return (
        found.fingerprint(hashes.SHA256()).hex(),
        f"{found.serial_number:x}",
        found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
        " ".join(sorted({name.lower() for name in alternative.get_values_for_type(x509.DNSName)})),
        found.subject.rfc4514_string(),
        found.issuer.rfc4514_string(),
        found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        getattr(key, "key_size", None),
        key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else "",
        found.signature_algorithm_oid.dotted_string,
        hashlib.sha256(spki).hexdigest(),
        numbers and (str(numbers.e), f"{numbers.n:x}"),
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex(),
        authority.hex() if authority else "",
        " ".join(sorted(one.dotted_string for one in usage)),
        extensions.get_extension_for_class(x509.BasicConstraints).value.ca,
        found.subject == found.issuer,
    )


def single_files(folder: Path) -> int:
    """All files of a folder as the inbox reads them: opened, hashed, searched for private keys, their facts gathered."""
    files = CertificateFiles(ZoneInfo("America/New_York"), Local(1), FactStore(None))
    readings = files.read([Listed(Path(entry.path), f"inbox/pem/{entry.name}") for entry in os.scandir(folder)])
    return sum(len(reading.rows) for reading in readings)


def opened_and_read(folder: Path) -> int:
    """All files of a folder opened, read and their facts gathered, and nothing else done with them."""
    gathered = x509_facts.Gathered()
    for entry in os.scandir(folder):
        with open(entry.path, "rb", buffering=0) as stream:  # noqa: PTH123 - as quick as it can be
            data = stream.read()
        for rows in x509_facts.rows([data]):
            gathered.add(rows)
    return sum(batch.blocks.num_rows for batch in gathered.batches())


ROUTES: dict[str, Callable[[Path], int]] = {
    "columns": in_columns,
    "held": held,
    "library": by_library,
    "files": single_files,
    "files-bare": opened_and_read,
}


def _main(route: str, path: Path) -> None:
    pa.set_cpu_count(1)
    warnings.simplefilter("ignore")
    began, began_by_clock = time.process_time(), time.monotonic()
    count = ROUTES[route](path)
    seconds, by_clock = time.process_time() - began, time.monotonic() - began_by_clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"count": count, "seconds": seconds, "by_clock": by_clock, "peak_bytes": peak}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
