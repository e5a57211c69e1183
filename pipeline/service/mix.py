"""What the requests received were made up of: kinds, tiers, and the server software of the certificate that they led to."""

from __future__ import annotations

import pandas as pd

from pipeline.service.counts import is_received
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import OFFICE, Members, tally
from pipeline.software import families

MIX, SOFTWARE = "request-mix", "software"


def mix(requests: pd.DataFrame, certificates: pd.DataFrame, server_software: pd.DataFrame, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES: for each kind, tier and family of software its share of all the requests received in the period."""
    received = is_received(requests)
    known = requests.assign(**{SOFTWARE: _software(requests["order_id"], certificates, server_software)})
    found = tally(Members.of(known, ("kind", "tier", SOFTWARE)).at(received), requests["received_on"][received], reporting)
    of_office = found[found["dimension"] == OFFICE].set_index("period")["n"]
    parts = found[found["dimension"] != OFFICE]
    received_in = parts["period"].map(of_office)
    return [parts.assign(measure=MIX, met=parts["n"], n=received_in, value=parts["n"] / received_in)]


def _software(orders: pd.Series[str], certificates: pd.DataFrame, server_software: pd.DataFrame) -> pd.Series[str]:
    """The family of the newest certificate of each order that tells its software, "" where none does."""
    told = certificates[(certificates["order_id"] != "") & (certificates["server_software"] != "")]
    newest = told.sort_values(["valid_from", "certificate"], na_position="first").drop_duplicates("order_id", keep="last")
    by_order = dict(zip(newest["order_id"], families(newest["server_software"], server_software), strict=True))
    return pd.Series([by_order.get(order, "") for order in orders.tolist()], index=orders.index, dtype="str")
