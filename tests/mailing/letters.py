"""Messages for the tests of sending, as a run writes them."""

from __future__ import annotations

from email.message import EmailMessage

import pandas as pd

from pipeline.notices.message import POLICY, Message, Served, message_of

ENDS = pd.Timestamp("2026-12-20 04:59:59", tz="UTC").as_unit("us")


def served(
    certificate: str = "C1", days: int = 30, kind: str = "notice", ends: pd.Timestamp = ENDS, beside: tuple[str, ...] = ()
) -> Served:
    return Served(certificate, days, f"0a{certificate.lower()}", ends, kind=kind, beside=beside)


def letter(address: str, *notices: Served, number: str = "") -> Message:
    """A message to `address` that serves the `notices`; its Message-ID has the address in it."""
    message = EmailMessage(policy=POLICY)
    message["From"] = "certificates@example.gov"
    message["To"] = address
    message["Subject"] = "Certificates end"
    message["Message-ID"] = f"<{number or address.partition('@')[0]}@example.gov>"
    message.set_content(f"{', '.join(one.certificate for one in notices)}\n")
    return message_of(message.as_bytes(), notices)
