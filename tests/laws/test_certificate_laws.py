"""What holds for any certificate file and any inventory, whatever the order and damage of the input."""

from __future__ import annotations

import datetime as dt
import hashlib

import pandas as pd
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, ALIASES, CERTIFICATE_BLOCKS, EXPORT_ROWS
from pipeline.settings import Settings
from pipeline.x509_facts import private_key_in, read
from tests.issued import EC_KEY, at, certificate, der, name, pem

AS_OF = dt.date(2026, 11, 23)
MADE = [certificate((f"{host}.example.gov",), serial) for serial, host in enumerate("abcd", 1)]
GOOD = [pem(made) for made in MADE]
REQUEST = pem(x509.CertificateSigningRequestBuilder().subject_name(name(COMMON_NAME="a.gov")).sign(EC_KEY, hashes.SHA256()))
DAMAGED = [
    GOOD[0].replace(b"\nMI", b"\nM!", 1),
    GOOD[1].replace(b"MIIB", b"MIIC", 1),
    GOOD[2][:100] + b"\n",
    b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
]
PIECES = st.sampled_from([*(("good", piece) for piece in GOOD), *(("damaged", piece) for piece in DAMAGED), ("other", REQUEST)])
NOISE = st.sampled_from([b"", b"\n\n", b"subject=CN = a.gov\n", b"\x00\x00\n", b"caf\xe9 - END of line\n"])

quick = settings(max_examples=60, deadline=None, derandomize=True)
slow = settings(max_examples=10, deadline=None, derandomize=True)


@quick
@given(st.lists(st.tuples(PIECES, NOISE), max_size=8))
def test_blocks_seen_are_ok_partial_failed_or_other(pieces):
    blocks = read(b"".join(piece + noise for (_, piece), noise in pieces))
    kinds = [kind for (kind, _), _ in pieces]
    seen = [
        "other" if block["label"] != "CERTIFICATE" else {"ok": "good", "partial": "good", "failed": "damaged"}[block["parse_status"]]
        for block in blocks
    ]
    assert kinds == seen
    expected = [hashlib.sha256(der(MADE[GOOD.index(piece)])).hexdigest() for (kind, piece), _ in pieces if kind == "good"]
    assert expected == [block["fingerprint_sha256"] for block in blocks if block["parse_status"] == "ok"]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(MADE), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
def test_a_certificate_with_changed_bytes_is_still_counted(made, changes, is_pem):
    data = bytearray(der(made))
    for place, value in changes:
        data[place % len(data)] = value
    file = pem(made).replace(pem(made).splitlines()[3], bytes(data[:48]).hex().encode()[:64]) if is_pem else bytes(data)
    private_key_in(file)
    blocks = read(file)
    assert len(blocks) >= (1 if is_pem or file[:1] == b"\x30" else 0)
    rows = [
        {column: value for column, value in block.items() if column != "label"} | {"source": n}
        for n, block in enumerate(blocks)
        if block["parse_status"]
    ]
    if rows and rows[0]["parse_status"] == "partial":
        CERTIFICATE_BLOCKS.frame(rows)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=80).map(lambda tail: b"\x30" + tail),
        st.binary(max_size=80).map(lambda tail: b"-----BEGIN " + tail),
    )
)
def test_no_bytes_break_the_reader(data):
    private_key_in(data)
    for block in read(data):
        assert block["parse_status"] in ("ok", "partial", "failed", "")


HOSTS, DAYS = st.sampled_from(["a.example.gov", "b.example.gov"]), st.integers(0, 40)
EXPORTED = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["billing", "inventory"]),
        "serial": st.sampled_from(["", "01", "02", "03", "04"]),
        "order_id": st.sampled_from(["", "O1", "O2"]),
        "common_name": HOSTS,
        "issuer": st.sampled_from(["", "Geo CA 2", "CN=Geo CA 2"]),
        "agency_text": st.sampled_from(["DOT", "Revenue", "?"]),
        "product": st.sampled_from(["standard", "premium", "?"]),
        "status": st.sampled_from(["", "issued", "revoked", "pending"]),
        "fingerprint_sha256": st.sampled_from(["", "", *(hashlib.sha256(der(made)).hexdigest() for made in MADE)]),
        "begins": DAYS,
        "lasts": st.sampled_from([10, 20]),
    }
)
EXPORTS = st.lists(EXPORTED, max_size=8)
FILES = st.lists(st.sampled_from(range(len(MADE))), max_size=5)


def export_rows(rows):
    first = at(2026, 11, 1)
    spans = [(first + dt.timedelta(days=row["begins"]), first + dt.timedelta(days=row["begins"] + row["lasts"])) for row in rows]
    told = [
        {
            **row,
            "source": place,
            "valid_from": begins,
            "valid_to": ends,
            "issued_on": begins.date(),
            "dates_only": True,
            "agency_match": "name",
        }
        for place, (row, (begins, ends)) in enumerate(zip(rows, spans, strict=True))
    ]
    return EXPORT_ROWS.frame(told)


def certificate_blocks(files):
    blocks = [read(GOOD[file])[0] | {"source": 100 + place} for place, file in enumerate(files)]
    return CERTIFICATE_BLOCKS.frame([{column: value for column, value in block.items() if column != "label"} for block in blocks])


DIRECTORY = AGENCIES.frame([{"agency": "DOT", "name": "Transport"}, {"agency": "DOR", "name": "Revenue"}])


def stage(exports, blocks):
    return inventory(exports, blocks, DIRECTORY, ALIASES.empty(), Settings(), AS_OF)


@slow
@given(EXPORTS, FILES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(rows, files, random):
    exports, blocks = export_rows(rows), certificate_blocks(files)
    seed = random.randrange(1000)
    as_read = stage(exports, blocks)
    shuffled = stage(exports.sample(frac=1, random_state=seed), blocks.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(as_read.table, shuffled.table)
    assert as_read.findings == shuffled.findings


@slow
@given(EXPORTS, FILES)
def test_every_row_and_every_file_is_in_the_inventory_once(rows, files):
    table = stage(export_rows(rows), certificate_blocks(files)).table
    fingerprints = {hashlib.sha256(der(MADE[file])).hexdigest() for file in files}
    assert fingerprints <= set(table["certificate"])
    assert len(fingerprints) == int(table["pem_source"].notna().sum())
    exported = table[table["role"] != "file"]
    issued = [row for row in rows if row["status"] != "pending"]
    assert len(exported) <= len(issued)
    assert {row["fingerprint_sha256"] for row in issued} - {""} <= set(table["fingerprint_sha256"])
    assert {row["order_id"] for row in issued if row["role"] == "inventory"} >= set(
        exported.loc[exported["role"] == "inventory", "order_id"]
    )


@slow
@given(EXPORTS, FILES)
def test_certificate_files_never_change_what_is_billed(rows, files):
    money = ["source", "role", "order_id", "agency", "tier", "service_on", "revoked_on"]
    exports = export_rows(rows)
    alone, joined = stage(exports, certificate_blocks([])).table, stage(exports, certificate_blocks(files)).table
    exported = joined[joined["role"] != "file"]
    pd.testing.assert_frame_equal(*(table[money].sort_values("source").reset_index(drop=True) for table in (alone, exported)))


@slow
@given(EXPORTS, FILES)
def test_succession_is_one_to_one_and_never_runs_in_circles(rows, files):
    table = stage(export_rows(rows), certificate_blocks(files)).table.set_index("certificate")
    forward = {old: new for old, new in table["superseded_by"].items() if new}
    backward = {new: old for new, old in table["replaces"].items() if old}
    assert forward == {old: new for new, old in backward.items()}
    for old, new in forward.items():
        assert (table.loc[old, "valid_from"], table.loc[old, "valid_to"]) < (table.loc[new, "valid_from"], table.loc[new, "valid_to"])
        assert "revoked" != table.loc[new, "status"]
