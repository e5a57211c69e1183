"""Hostile texts from the files of an inbox to the pages: nothing active gets through, each is shown as it was, and every page is whole.

What pages make of such books is in `tests/publish/test_pages.py`; here each text goes the whole way, from a cell of an export, log or list.
"""

from __future__ import annotations

import pytest

from tests.conftest import certledger
from tests.publish import site_reader
from tests.publish.test_pages import HOSTILE, shown
from tests.sources.offices import CERTIFICATES, certificate, table

LONG = f"{'long' * 1023}.end"  # 4,096 characters
TEXTS = (*HOSTILE, LONG)
UNSEEN = ("turned \u202egpj.exe", "bell\x07\x1b[31m")  # rows with such texts are set aside
AGENCIES = ("agency", "name", "account_id", "billing_contact", "security_contact")
REQUESTS = ("request_id", "kind", "agency", "submitted_at", "completed_at", "status", "contact_email", "summary")
NOTES = ("on", "until", "measure", "agency", "text", "by")
SETTINGS = '\n[publish]\nprofiles = ["internal"]\n[[rate]]\ntier = "standard"\namount = 221.19\nsince = 2026-07-01\n'


def lists() -> dict[str, str]:
    """The files of a workspace in which every free text is hostile: names of certificates and agencies, contacts, subjects, remarks."""
    rows = [
        certificate(order_id=f"{number}", serial_number=f"0A{number:02}", common_name=text, agency=f"A{number}", contact_email=text)
        for number, text in enumerate((*TEXTS, *UNSEEN))
    ]
    asked = [(f"R{number}", "new", f"A{number}", "2026-11-02T09:00:00", "", "open", text, text) for number, text in enumerate(TEXTS)]
    return {
        "inbox/exports/registry-2026-11-20.csv": table(CERTIFICATES, rows),
        "inbox/requests/requests.csv": table(REQUESTS, asked),
        "reference/agencies.csv": table(AGENCIES, [(f"A{number}", text, f"{number}", "", "") for number, text in enumerate(TEXTS)]),
        "entries/notes.csv": table(NOTES, [("2026-11-02", "", "on-time-completion", "", text, text) for text in TEXTS]),
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, site_reader.BuiltPage]:
    root = tmp_path_factory.mktemp("hostile") / "office"
    assert 0 == certledger("init", root).returncode
    for path, text in lists().items():
        (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / path).write_text(text, encoding="utf-8")
    with (root / "certledger.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    done = certledger("-C", root, "run", "--as-of", "2026-11-23")
    assert done.returncode in (0, 1), done.stderr  # 1: published, and rows are set aside
    return site_reader.pages((root / "reports" / "latest").resolve() / "site")


def test_nothing_active_gets_through_and_no_page_is_broken(built: dict[str, site_reader.BuiltPage]) -> None:
    of_the_theme = {script.split("location)")[-1] for script in built["404.html"].scripts}
    for name, page in built.items():
        scripts = {script.split("location)")[-1] for script in page.scripts if script.strip() and '"base"' not in script}
        assert set() == scripts - of_the_theme, name
        assert [] == [attribute for _, given in page.tags for attribute in given if attribute.startswith("on")], name
        links = [*page.attributes("href"), *page.attributes("src"), *page.attributes("action")]
        assert [] == [link for link in links if "://" in link or link.casefold().startswith(("javascript:", "data:"))], name
        assert 1 == sum(tag == "h1" for tag, _ in page.tags), name


@pytest.mark.parametrize("path", ["inventory.html", "agencies.html", "performance.html"])
def test_each_text_is_shown_as_it_was(built: dict[str, site_reader.BuiltPage], path: str) -> None:
    text = built[path].text.replace("\N{SOFT HYPHEN}", "")
    assert [] == [one[:60] for one in TEXTS if shown(one) not in text]


def test_rows_with_what_nobody_sees_are_set_aside_and_shown_with_a_mark_in_its_place(built: dict[str, site_reader.BuiltPage]) -> None:
    quality = built["quality.html"].text
    assert [True, True] == ["turned \ufffdgpj.exe" in quality, "bell\ufffd\ufffd[31m" in quality]
    assert [] == [name for name, page in built.items() if any(one in page.text for one in "\x07\x1b\u202e")]


def test_each_agency_has_a_page_of_its_own_with_its_name(built: dict[str, site_reader.BuiltPage]) -> None:
    titles = {number: built[f"agencies/A{number}.html"].text.replace("\N{SOFT HYPHEN}", "") for number in range(len(TEXTS))}
    assert [] == [one[:60] for number, one in enumerate(TEXTS) if shown(one) not in titles[number]]
