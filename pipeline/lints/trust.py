"""Whether the public trusts who issued a certificate (DESIGN §6, "Trust"): public rules judge only those."""

from __future__ import annotations

import pandas as pd

from pipeline.issuers import issuer_key, issuer_keys
from pipeline.settings import Trust


def trust(certificates: pd.DataFrame, settings: Trust) -> pd.Series:
    """public, private or "" for each row of `certificates`, on its index.

    Takes issuer, issuer_line, common_name (text) and is_self_issued (flag). private: it names itself as its issuer, as roots do too, or
    its issuer is one of `private_issuers`, however spelled, in the export or in the file; "": no issuer is known; else public.
    """
    listed = {key for key in map(issuer_key, settings.private_issuers) if key}
    issuers, lines = issuer_keys(certificates["issuer"]), issuer_keys(certificates["issuer_line"])
    names = issuer_keys(certificates["common_name"])
    found = [
        _trust(issuer, line, is_self_issued or issuer == name, listed)
        for issuer, line, name, is_self_issued in zip(issuers, lines, names, certificates["is_self_issued"].tolist(), strict=True)
    ]
    return pd.Series(found, index=certificates.index, dtype="str")


def _trust(issuer: str, line: str, is_self_issued: bool, listed: set[str]) -> str:
    if not issuer and not line:
        return ""
    return "private" if is_self_issued or issuer in listed or line in listed else "public"
