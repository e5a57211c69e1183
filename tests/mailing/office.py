"""A workspace whose published run found some notices due, as small as sending needs it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.contracts import CERTIFICATES, NOTICES, RunRecord, Table
from pipeline.mailing import Sent, World, send
from pipeline.notices.doubts import ALL_REFUSED
from pipeline.notices.message import Message
from pipeline.publish import manifest, record, staging
from pipeline.settings import Settings, Smtp
from pipeline.sources import notice_journal
from pipeline.sources.workspace import RECORDS
from tests.mailing.letters import letter, served
from tests.mailing.mail_server import PASSWORD, USER
from tests.measuring import certificate

NOW = dt.datetime(2026, 11, 26, 14, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 26)
NOTICES_SET = {"sender": "desk@office.gov", "allowed_domains": ["x.gov"]}
LOGIN = {"CERTLEDGER_SMTP_USER": USER, "CERTLEDGER_SMTP_PASSWORD": PASSWORD}


def published(
    root: Path,
    letters: Iterable[Message],
    as_of: dt.date = TODAY,
    *,
    is_sample: bool = False,
    run: str = "20261126-0001",
    unheard: Iterable[str] = (),
) -> Path:
    """Publish a run of `as_of` in the workspace `root` that found these messages due, and one more notice that went twice without an answer
    and of which there is no message; of the certificates `unheard` everybody refused to be told. Returns its folder."""
    folder = staging.run_folder(root, run)
    unanswered = letter("silent@x.gov", served("C8"))
    (folder / "tables").mkdir(parents=True)
    (folder / "notices").mkdir()
    letters = list(letters)
    for number, message in enumerate(letters):
        (folder / f"notices/{number}.eml").write_bytes(message.data)
    told = {one.certificate: one for message in (*letters, unanswered) for one in message.served}
    certificates = [
        certificate(name, "ROADS", f"{name.lower()}.x", "2026-01-01", "2026-12-19") | {"serial": one.serial, "valid_to": one.ends_at}
        for name, one in told.items()
    ]
    _write(CERTIFICATES, certificates, folder)
    rows = [row for message in letters for row in _rows(message)]
    rows += [
        row | {"state": "no-contact", "contact_email": "", "message_id": "", "detail": ALL_REFUSED}
        for one in unheard
        for row in _rows(letter("x@x.gov", served(one)))
    ]
    _write(NOTICES, [*rows, *(row | {"state": "in-doubt", "doubts": 2} for row in _rows(unanswered))], folder)
    settings = {"organization": {"sample": is_sample}}
    record.stage(RunRecord(run, as_of, "0.1.0"), folder)
    (folder / manifest.NAME).write_text(json.dumps({"run": run, "settings": settings, "outputs": manifest.outputs(folder)}))
    record.keep(folder, root / RECORDS)
    staging.show(root, run)
    return folder


def _rows(message: Message) -> Iterable[dict[str, Any]]:
    """Each notice, and a larger threshold that it serves."""
    for one in message.served:
        common = {"certificate": one.certificate, "served_by": one.days_before, "state": "due", "kind": one.kind, "doubts": 0}
        common |= {"contact_email": message.address, "message_id": message.message_id, "ends_on": one.ends_at.tz_localize(None).normalize()}
        yield from (common | {"days_before": days} for days in (one.days_before, one.days_before + 30))


def _write(table: Table, rows: Iterable[dict[str, Any]], folder: Path) -> None:
    pq.write_table(pa.Table.from_pandas(table.frame(rows), preserve_index=False), folder / f"tables/{table.name}.parquet")


def sent(
    root: Path,
    smtp: Smtp,
    now: dt.datetime = NOW,
    environment: dict[str, str] = LOGIN,
    before_send: Callable[[], bool] | None = None,
    paused: list[float] | None = None,
    **sections: dict[str, Any],
) -> Sent:
    """What `certledger notices --send` does from `now` on, with these sections of the settings; pauses are only noted."""
    settings = Settings.model_validate({"smtp": smtp.model_dump(), "notices": NOTICES_SET, **sections})
    ticks = (now + dt.timedelta(milliseconds=tick) for tick in count())
    return send(root, settings, World(lambda: next(ticks), (paused if paused is not None else []).append, environment, before_send))


def states(root: Path) -> list[tuple[str, str]]:
    """(address, state) of each line of the journal, of several notices in one line once."""
    log = notice_journal.read(root / "data").log
    kept = log[~log.duplicated(["at", "message_id", "state"])]
    return list(kept[["address", "state"]].itertuples(index=False, name=None))
