"""Notices: which ends of certificates somebody has to be told of on a day, whom, and what became of those sent (DESIGN §6, "Notices")."""

from pipeline.notices.addressees import Addressee, addressees, may_be_told
from pipeline.notices.ask_by import last_safe_days, promised_days
from pipeline.notices.listing import brought_up, listed
from pipeline.notices.stage import ahead, notices, without_findings

__all__ = [
    "Addressee",
    "addressees",
    "ahead",
    "brought_up",
    "last_safe_days",
    "listed",
    "may_be_told",
    "notices",
    "promised_days",
    "without_findings",
]
