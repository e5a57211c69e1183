"""The order in which an invoice lists its lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A reissue stands before the upgrade that it brings.
KINDS = {"charge": 0, "adjustment": 1, "credit": 2, "memo": 3}


def place(line: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the lines of one invoice are sorted by: day of service, order, kind, entry."""
    return line["service_on"], line["order_id"], KINDS[line["kind"]], line["entry_id"]
