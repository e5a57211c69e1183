"""From a run of the small workspace to the mail server and back: what the run wrote goes out as it lies there, and the next run knows."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from pipeline import flow
from pipeline.notices.message import message_of
from pipeline.publish.notice_mail import messages
from pipeline.sources import settings_file
from tests.conftest import ROOT, certledger, copy_workspace, without_site
from tests.mailing.mail_server import Post
from tests.mailing.office import sent

AS_OF = dt.date(2026, 12, 20)
ALLOWED = {"sender": "desk@office.gov", "allowed_domains": ["parks.example"]}
NOON = dt.datetime(2026, 12, 20, 17, tzinfo=dt.UTC)


def office(root: Path) -> Path:
    """The small workspace as one with data of its own, run for today."""
    copy_workspace(ROOT, root)
    for part in ("data", "certledger.toml"):
        source, target = ROOT / "tests/flow/workspace" / part, root / part
        if source.is_dir():
            shutil.rmtree(target)
            shutil.copytree(source, target)
        else:
            text = source.read_text().replace("sample = true", "sample = false").replace("as_of = 2026-11-23", "")
            target.write_text(text)
    return without_site(root)


def test_what_a_run_wrote_is_sent_as_it_lies_there_and_the_next_run_knows(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path / "office")
    assert certledger("-C", root, "run", "--as-of", f"{AS_OF}").returncode in (0, 1)
    files = [path.read_bytes() for path in (root / "reports/latest/notices").glob("*.eml")]
    assert ["certificates@example.gov", "web@parks.example"] == sorted(message_of(data).address for data in files)
    done = sent(root, post.smtp, NOON, organization={"service_owner": "certificates@example.gov"}, notices=ALLOWED)
    assert (0, ["Messages     2 sent"]) == (done.exit_code, done.lines)
    assert sorted(files) == sorted(taken.data.encode() for taken in post.taken())
    settings = settings_file.read(root / settings_file.NAME)
    books = flow.prepare(root, settings, AS_OF, lambda stage: None)
    told = books.notices[["certificate", "state", "contact_email"]]
    assert [("sample-ca:a03", "sent", "web@parks.example")] == list(told.itertuples(index=False, name=None))
    assert [] == messages(books, settings, AS_OF, root / "templates")
    assert ["ledger/notices/2026-12-20.jsonl"] == list(books.inputs.loc[books.inputs["kind"] == "notices", "file"])
