"""Who issued which certificate, as far as both are among the inputs, and which authority's certificate ends too early.

An issuer is found by its key identifier, else by its name, as RFC 5280 §4.2.1.1 has it. Signatures are not verified: what is
asked is whether the files of a chain are there, not whether they are genuine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import pandas as pd

from pipeline.findings import Finding, quoted

_SOON_DAYS = 90
_BY_KEY, _BY_NAME, _BY_NAME_ALONE = "key", "name", "name of one without a key identifier"
_Key = tuple[str, str]


def chained(table: pd.DataFrame) -> pd.DataFrame:
    """`table` (columns of CERTIFICATES) with `issued_by` and `chain`.

    `issued_by` is the certificate of the issuer; of several with one key or name one with a complete chain, then the one that is valid
    longest. It is "" for a self-issued certificate and where none is among the inputs. `chain` is complete where issuer after issuer
    leads up to a self-issued certificate, else incomplete; "" for what is known from no file. Takes time in proportion to the rows,
    also where authorities issue each other in a circle: that is incomplete, unless a way out of it is there.
    """
    authorities = _Authorities(table)
    whole = authorities.complete()
    names = table["certificate"].tolist()
    issued_by, chain = [""] * len(table), [""] * len(table)
    for row in authorities.of_files:
        issuer = authorities.issuer_of(row, whole)
        issued_by[row] = "" if issuer is None else names[issuer]
        chain[row] = "complete" if row in whole else "incomplete"
    columns = {"issued_by": issued_by, "chain": chain}
    return table.assign(**{name: pd.Series(values, index=table.index, dtype="str") for name, values in columns.items()})


class _Authorities:
    """The certificates of the inputs that can be an issuer, by the keys that another certificate can name one with."""

    def __init__(self, table: pd.DataFrame) -> None:
        from_file = table["parse_status"].isin(("ok", "partial")).tolist()
        self.of_files = [row for row, known in enumerate(from_file) if known]
        self._named_as = list(zip(table["subject_key_id"].tolist(), table["subject"].tolist(), strict=True))
        self._names = list(zip(table["authority_key_id"].tolist(), table["issuer_line"].tolist(), strict=True))
        self._is_root = table["is_self_issued"].tolist()
        ends = table["valid_to"].to_numpy(dtype="datetime64[us]").astype("int64").tolist()
        self._rank = list(zip(ends, table["certificate"].tolist(), strict=True))
        can_issue = (table["is_ca"] | table["is_self_issued"]).tolist()
        self._members: dict[_Key, list[int]] = {}
        for row in self.of_files:
            for key in self._keys_of(row) if can_issue[row] else ():
                self._members.setdefault(key, []).append(row)
        self._can_issue = can_issue
        self._ordered: set[_Key] = set()

    def _keys_of(self, row: int) -> Iterator[_Key]:
        """What a certificate can name this one by, as its issuer."""
        key_id, name = self._named_as[row]
        if key_id:
            yield _BY_KEY, key_id
        if name:
            yield _BY_NAME, name
            if not key_id:
                yield _BY_NAME_ALONE, name

    def _wanted(self, row: int) -> _Key | None:
        """What this certificate names its issuer by; None for a root, and where no such issuer is among the inputs."""
        key_id, name = self._names[row]
        wanted = [(_BY_KEY, key_id), (_BY_NAME_ALONE, name)] if key_id else [(_BY_NAME, name)]
        return None if self._is_root[row] else next((key for key in wanted if key in self._members), None)

    def complete(self) -> set[int]:
        """The rows from which a way leads to a self-issued certificate: from each that is known the search goes down to what it issued."""
        waiting: dict[_Key, list[int]] = {}
        for row in self.of_files:
            key = self._wanted(row)
            if key is not None:
                waiting.setdefault(key, []).append(row)
        whole = {row for row in self.of_files if self._is_root[row]}
        news = deque(sorted(whole))
        while news:
            row = news.popleft()
            for key in self._keys_of(row) if self._can_issue[row] else ():
                released = [child for child in waiting.pop(key, ()) if child not in whole]
                whole.update(released)
                news.extend(released)
        return whole

    def issuer_of(self, row: int, whole: set[int]) -> int | None:
        """The row of the issuer, None where there is none."""
        key = self._wanted(row)
        if key is None:
            return None
        members = self._members[key]
        if key not in self._ordered:
            members.sort(key=lambda one: (one in whole, self._rank[one]), reverse=True)
            self._ordered.add(key)
        return next((one for one in members[:2] if one != row), None)


def ending_first(table: pd.DataFrame) -> list[Finding]:
    """A finding for each authority's certificate (columns of CERTIFICATES, after `chained`) that has issued servers' certificates which
    are in force and ends before one of them (`authority-ends-first`), or else within 90 days (`authority-ends-soon`)."""
    served = table[(table["status"] == "active") & ~table["is_ca"] & (table["issued_by"] != "")]
    children = served.groupby("issued_by")["valid_to"].agg(["count", "max"])
    authorities = table[table["certificate"].isin(children.index)].sort_values("certificate")
    findings = []
    columns = ["certificate", "subject", "valid_to", "days_left", "pem_source"]
    for name, subject, ends, days_left, source in authorities[columns].itertuples(index=False, name=None):
        if pd.isna(ends):
            continue
        issued, last = children.loc[name, "count"], children.loc[name, "max"]
        certificates = f"{issued:,} certificate{'s' if issued > 1 else ''} in force that it issued"
        if ends < last:
            code, reason = "authority-ends-first", f"It ends on {ends:%Y-%m-%d}; of {certificates}, the last ends on {last:%Y-%m-%d}."
        elif days_left <= _SOON_DAYS:
            code, reason = "authority-ends-soon", f"It ends on {ends:%Y-%m-%d}; {certificates} stand{'s' if issued == 1 else ''} on it."
        else:
            continue
        findings.append(Finding(code, f"{quoted(subject)}: {reason}", value=f"{ends:%Y-%m-%d}", column="valid_to", source=int(source)))
    return findings
