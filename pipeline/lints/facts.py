"""The facts that rules read, as columns of plain values: those of the inventory, the numbers of RSA keys, and dates in seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.lints import host_names

DAY = 86_400
UNKNOWN_SECOND = np.iinfo(np.int64).min
_TEXTS = (
    "certificate", "serial", "common_name", "subject_alternative_names", "key_type", "key_curve", "signature_algorithm",
    "extended_key_usage", "trust",
)  # fmt: skip
_FLAGS = ("is_ca", "is_self_issued", "has_alternative_names")


def facts(certificates: pd.DataFrame, public_keys: pd.DataFrame) -> pd.DataFrame:
    """What rules read of each row of CERTIFICATES, on a fresh index; numbers of RSA keys from PUBLIC_KEYS.

    Beside columns of CERTIFICATES: key_bits (int64, 0: none); rsa_exponent and rsa_modulus (text); hosts (tuples of text, see
    `host_names.covered`); first_second and last_second (int64, UTC seconds); latest_start and earliest_end, the same where the moment is
    known, else the narrowest that the days of an export allow; has_dates, is_server, is_root, is_whole_file (flags).
    """
    keys = public_keys.set_index("spki_sha256").reindex(certificates["spki_sha256"])
    first, last = (_seconds(certificates[name]) for name in ("valid_from", "valid_to"))
    has_dates = (first != UNKNOWN_SECOND) & (last != UNKNOWN_SECOND)
    days_only = (certificates["parse_status"] != "ok").to_numpy() & (first % DAY == 0) & (last % DAY == DAY - 1)
    is_server = _is_server(certificates).to_numpy()
    together = zip(certificates["names"].tolist(), certificates["common_name"].tolist(), strict=True)
    hosts = pd.Series([host_names.covered(names, common_name) for names, common_name in together], dtype="object")
    table = certificates[[*_TEXTS, *_FLAGS]].reset_index(drop=True)
    return table.assign(
        key_bits=certificates["key_bits"].fillna(0).astype("int64").to_numpy(),
        rsa_exponent=keys["rsa_exponent"].fillna("").to_numpy(),
        rsa_modulus=keys["rsa_modulus"].fillna("").to_numpy(),
        hosts=hosts,
        first_second=first,
        last_second=last,
        latest_start=np.where(days_only, first + DAY - 1, first),
        earliest_end=np.where(days_only, last - DAY + 1, last),
        has_dates=has_dates,
        is_server=is_server,
        is_root=(certificates["is_ca"] & certificates["is_self_issued"]).to_numpy() & ~is_server,
        is_whole_file=(certificates["parse_status"] == "ok").to_numpy(),
    )


def _seconds(moments: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """UTC seconds since 1970, UNKNOWN_SECOND where there is none."""
    seconds = moments.dt.tz_localize(None).to_numpy(dtype="datetime64[s]").astype("int64")
    return np.where(moments.isna().to_numpy(), UNKNOWN_SECOND, seconds)


def _is_server(certificates: pd.DataFrame) -> pd.Series[Any]:
    """Whether it can stand on a server: not for other purposes only, not for e-mail addresses alone, no CA's unless it names hosts."""
    purposes, names = certificates["extended_key_usage"], certificates["names"]
    can_serve = (purposes == "") | purposes.str.contains("serverAuth|anyExtendedKeyUsage", regex=True)
    is_persons = names.str.fullmatch(r"[^ @]+@[^ @]+(?: [^ @]+@[^ @]+)*")
    names_hosts = names.str.contains(r"(?:^| )[^ @]*[.*:][^ @]*(?: |$)", regex=True)
    return can_serve & ~is_persons & (names_hosts | ~certificates["is_ca"])
