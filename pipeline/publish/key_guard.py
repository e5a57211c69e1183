"""The last look before anything becomes visible: no private key leaves, whatever way it came in."""

from __future__ import annotations

from pathlib import Path

from pipeline.x509_facts import private_key_in


class KeyFoundError(Exception):
    """A private key would have been published; the text names the files and never a byte of it."""


def no_private_key(staged: Path) -> None:
    """Raise `KeyFoundError` when a file of the staged run holds a private key: a page, a table, a file copied from `site/`."""
    found = sorted(
        path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file() and private_key_in(path.read_bytes())
    )
    if found:
        raise KeyFoundError(
            f"A private key would have been published in {', '.join(found)}. Remove it from the inputs or from site/, and from their "
            "history, and have the certificate reissued with a new key."
        )
