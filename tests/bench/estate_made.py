"""A made-up office of any size as files: certificates in bundles, exports that tell of the same ones, request logs, agencies and rates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipeline import x509_facts
from pipeline.sources import workspace
from tests.bench import certificates_made, exports_made

AGENCIES = 140
_RENEWED = 8  # certificates of a server in ten years
_A_FILE = 50_000
_HEADER = (
    "order_id", "serial_number", "common_name", "subject_alternative_names", "issuer", "issued_on", "valid_from", "valid_to", "tier",
    "agency", "contact_email", "status", "sha256_fingerprint",
)  # fmt: skip
_SETTINGS = """
[run]
as_of = 2026-11-23

[publish]
profiles = []

[quality]
stop_quarantined = 1

[charges]
begin = 2024-07-01
"""
_RATE = '\n[[rate]]\ntier = "{}"\namount = {}\nsince = 2015-07-01\n'


def write(root: Path, count: int) -> Path:
    """A workspace of `count` certificates and as many requests, the same one every time; its runs build no site. Returns `root`."""
    workspace.lay_out(root)
    settings = root / workspace.NAME
    rates = "".join(_RATE.format(tier, amount) for tier, amount in (("standard", "221.19"), ("premium", "542.00")))
    settings.write_text(settings.read_text(encoding="utf-8") + _SETTINGS + rates, encoding="utf-8")
    with (root / "data/reference/agencies.csv").open("a", encoding="utf-8") as agencies:
        agencies.writelines(f"AG{number:03},Agency {number},,,,,,,\n" for number in range(AGENCIES))
    servers = max(1, count // (AGENCIES * _RENEWED))
    made = certificates_made.certificates(count, certificates_made.few_keys(), servers)
    for number, part in enumerate(iter(lambda: list(islice(made, _A_FILE)), [])):
        pem = b"".join(map(certificates_made.as_pem, part))
        (root / f"data/inbox/pem/bundle-{number:03}.pem").write_bytes(pem)
        with (root / f"data/inbox/exports/orders-{number:03}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(_HEADER)
            writer.writerows(_rows(pem, number * _A_FILE))
    exports_made.write_csv(root / "data/inbox/requests/requests.csv", count, exports_made.plain)
    return root


def _rows(pem: bytes, first: int) -> Iterator[tuple[str, ...]]:
    for number, facts in enumerate(x509_facts.read(pem), start=first):
        agency = f"AG{int(facts['common_name'].split('.')[1].removeprefix('agency')):03}"
        begins, ends = (f"{facts[name]:%Y-%m-%dT%H:%M:%SZ}" for name in ("valid_from", "valid_to"))
        yield (
            f"{1_000_000 + number // 3}", facts["serial"], facts["common_name"], facts["subject_alternative_names"], facts["issuer_name"],
            begins[:10], begins, ends, "premium" if number % 5 == 0 else "standard", agency, f"web@{agency.lower()}.example.gov", "issued",
            facts["fingerprint_sha256"],
        )  # fmt: skip
