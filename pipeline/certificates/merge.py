"""Export and certificate file as one row: the file decides on facts of the certificate, the export on tier, agency and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.certificates.join import NONE

_EXPORT_ONLY = ("order_id", "product", "agency_text", "agency_match", "contact_email", "server_software")
_TEXT_FACTS = ("fingerprint_sha256", "serial", "common_name", "subject_alternative_names", "issuer")
_FILE_TEXTS = (
    "key_type", "key_curve", "signature_algorithm", "spki_sha256", "extended_key_usage", "subject", "issuer_line", "subject_key_id",
    "authority_key_id",
)  # fmt: skip
_FILE_FLAGS = ("is_ca", "is_self_issued", "has_alternative_names", "has_scts")
_NO_BLOCK = dict.fromkeys((*_TEXT_FACTS, *_FILE_TEXTS), "") | dict.fromkeys(_FILE_FLAGS, False) | {"parse_status": "none"}


def merged(exports: pd.DataFrame, blocks: pd.DataFrame, found: list[int], matched: list[str]) -> pd.DataFrame:
    """One row a certificate: every row of `exports` with the block that `join` found for it, then every block that is left over.

    Where the file was read in full its facts stand, also an empty one; where it was read in part, the export fills the gaps.
    `source` is the export's row, else the block's; `pem_source` the block's (Int64). Columns beside those of CERTIFICATES:
    product, agency_text, agency_match, valid_from_on, dates_only, and `not_before`, the file's own start of validity.
    """
    positions = np.array(found, dtype="int64")
    rest = np.setdiff1d(np.arange(len(blocks)), positions)
    rows = pd.concat([exports, _as_exports(blocks.iloc[rest])], ignore_index=True)
    rows["matched"] = pd.Series([*matched, *["none"] * len(rest)], dtype="str")
    files = _facts(blocks, np.concatenate([positions, rest]))
    read_in_full = files["parse_status"] == "ok"
    for name in _TEXT_FACTS:
        rows[name] = files[name].where(read_in_full | (files[name] != ""), rows[name])
    rows["not_before"] = files["valid_from"]
    for name in ("valid_from", "valid_to"):
        rows[name] = files[name].fillna(rows[name])
    for name in (*_FILE_TEXTS, *_FILE_FLAGS, "key_bits", "parse_status", "pem_source"):
        rows[name] = files[name]
    rows["certificate"] = rows["fingerprint_sha256"].where(rows["fingerprint_sha256"] != "", rows["certificate"])
    rows["names"] = _names(rows)
    return rows


def _as_exports(blocks: pd.DataFrame) -> pd.DataFrame:
    """Blocks without an export row in the columns of exports; everything that only an export can tell is unknown."""
    unknown_day = pd.Series(pd.NaT, index=blocks.index, dtype="datetime64[us]")
    rows = blocks[[*_TEXT_FACTS, "valid_from", "valid_to", "source"]].assign(
        certificate=blocks["fingerprint_sha256"],
        role=pd.Series("file", index=blocks.index, dtype="str"),
        issued_on=unknown_day,
        valid_from_on=unknown_day,
        revoked_on=unknown_day,
        dates_only=False,
    )
    for name in (*_EXPORT_ONLY, "revoked_by"):
        rows[name] = pd.Series("", index=blocks.index, dtype="str")
    return rows


def _facts(blocks: pd.DataFrame, positions: np.ndarray[Any, np.dtype[np.int64]]) -> pd.DataFrame:
    """The block at each position, as a frame on a fresh index; blank with parse_status none where the position is NONE."""
    files = blocks.rename(columns={"source": "pem_source"}).astype({"pem_source": "Int64"})
    files = files.reindex(np.where(positions == NONE, len(blocks), positions)).reset_index(drop=True)
    return files.fillna(_NO_BLOCK).astype(dict.fromkeys(_FILE_FLAGS, "bool"))


def _names(rows: pd.DataFrame) -> pd.Series[Any]:
    """The name set: alternative names, else the common name where it is one word, as host names are."""
    common = rows["common_name"].str.lower()
    common = common.where(~common.str.contains(r"\s", regex=True), "")
    alternatives = rows["subject_alternative_names"]
    names: pd.Series[Any] = alternatives.where(alternatives != "", common)
    return names
