"""The messages of the published run: its `.eml` files, byte for byte as its manifest says, and the notices that each of them serves."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import ArrowException

from pipeline.notices.doubts import ALL_REFUSED
from pipeline.notices.letters import MOST_DOUBTS, TO_SEND, served, told_together
from pipeline.notices.message import FOLDER, Message, NotAMessageError, Served, message_of
from pipeline.sources.published import NothingPublishedError

_NOTICES, _CERTIFICATES = "tables/notices.parquet", "tables/certificates.parquet"


def read(run: Path, hashes: Mapping[str, str]) -> list[Message]:
    """The messages below the run folder `run`, by file name; `hashes` are the SHA-256 of its files by the manifest.

    Raises `NothingPublishedError` where a file is not as the manifest says, is no message to one address, tells of no notice that is due
    to that address, or is missing although a notice that is due has its Message-ID.
    """
    try:
        names = sorted({*_listed(hashes), *(path.relative_to(run).as_posix() for path in (run / FOLDER).glob("*.eml"))})
        data = {name: _as_listed(run, name, hashes) for name in (*names, _NOTICES, _CERTIFICATES)}
        served = _served(data[_NOTICES], data[_CERTIFICATES])
    except (OSError, ArrowException, ValueError, KeyError) as error:
        raise _damaged(str(error)) from error
    messages = []
    for name in names:
        try:
            found = message_of(data[name])
        except NotAMessageError as error:
            raise _damaged(f"{name}: {error}") from error
        address, notices = served.pop(found.message_id, (found.address, ()))
        if address != found.address:
            raise _damaged(f"{name}: it is not for the address that its notices are for")
        messages.append(Message(found.message_id, found.address, notices, found.data))
    if served:
        raise _damaged(f"{len(served)} messages of {FOLDER} are missing")
    return messages


def unheard(run: Path) -> list[str]:
    """Host names, or the name, of each certificate of a published run that a notice is due of, but the mail server refused the address of
    everybody who could be told. `read` has found the table as the manifest says."""
    table = _columns((run / _NOTICES).read_bytes(), ["certificate", "names", "state", "detail", "kind"])
    rows = table[(table["state"] == "no-contact") & (table["detail"] == ALL_REFUSED) & (table["kind"] == "notice")]
    rows = rows.drop_duplicates("certificate")
    return [names or certificate for certificate, names in zip(rows["certificate"], rows["names"], strict=True)]


def _listed(hashes: Mapping[str, str]) -> Iterator[str]:
    return (name for name in hashes if name.startswith(f"{FOLDER}/") and name.endswith(".eml"))


def _as_listed(run: Path, name: str, hashes: Mapping[str, str]) -> bytes:
    path = run / name
    data = b"" if path.is_symlink() else path.read_bytes()
    if hashlib.sha256(data).hexdigest() != hashes.get(name):
        raise ValueError(f"{name} is not as it was published")
    return data


def _served(notices: bytes, certificates: bytes) -> dict[str, tuple[str, tuple[Served, ...]]]:
    """Address and notices of each message that is to be sent, by its Message-ID: of each certificate the nearest threshold."""
    table = _columns(notices, ["message_id", "contact_email", "certificate", "days_before", "served_by", "state", "doubts", "kind"])
    is_nearest = table["days_before"] == table["served_by"]
    rows = table[table["state"].isin(TO_SEND) & (table["doubts"] < MOST_DOUBTS) & is_nearest]
    known = _columns(certificates, ["certificate", "serial", "valid_to"])
    facts = known[known["certificate"].isin(rows["certificate"])].set_index("certificate")
    together = told_together(table)
    found: dict[str, tuple[str, tuple[Served, ...]]] = {}
    for (message_id, address), told in rows.groupby(["message_id", "contact_email"]):
        if message_id in found:
            raise ValueError("one message is for two addresses")
        each = (served(row, facts.loc[str(row.certificate)], together) for row in told.itertuples(index=False))
        found[str(message_id)] = str(address), tuple(sorted(each))
    return found


def _columns(parquet: bytes, names: list[str]) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(io.BytesIO(parquet), columns=names).to_pandas()
    return frame


def _damaged(why: str) -> NothingPublishedError:
    return NothingPublishedError(f"The published run is damaged ({why}). `certledger verify` names what, `run` mends it. Nothing was sent.")
