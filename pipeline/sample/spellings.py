"""How agencies, products and contacts are written on orders: mostly by code, sometimes otherwise, now and then wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sample.chance import spread
from pipeline.sample.desk_time import BEGIN
from pipeline.sample.orders import Order

# Old names of agencies that data/entries/aliases.csv explains.
ALIASES = {"Lighthouse Svcs": "DLH", "Maps & Bounds": "MAP", "Canal District Office": "CDO"}
UNKNOWN_PRODUCT = "Wildcard Plus"
_UNKNOWN_MARK = " (old)"
_BY_NAME = 7
_BY_ALIAS = 4
_FEW = 0.006


def write_on(orders: Sequence[Order]) -> None:
    """Write agency, product and contact on `orders`; those that nobody can bill are all of the time that is charged."""
    old_names = {code: spelling for spelling, code in ALIASES.items()}
    for place, order in enumerate(orders):
        if order.channel == "certcentral" and place % _BY_NAME == 3:
            order.written_agency = order.agency.name
        elif order.channel == "certcentral" and place % _BY_ALIAS == 2:
            order.written_agency = old_names.get(order.agency.code, "")
    charged = [order for order in orders if order.channel != "adcs" and order.certificates and order.certificates[0].issued_on >= BEGIN]
    few = max(3, int(len(charged) * _FEW))
    wrong = [charged[place] for place in spread(3 * few, len(charged))]
    for place, order in enumerate(wrong):
        if place % 3 == 0:
            order.written_agency = f"{order.agency.name}{_UNKNOWN_MARK}"
        elif place % 3 == 1:
            order.written_product = UNKNOWN_PRODUCT
        else:
            order.has_contact = False


def is_billable(order: Order) -> bool:
    """Whether tier and agency of `order` can be made out at all, so that it is charged."""
    return order.channel != "adcs" and not order.written_product and not order.written_agency.endswith(_UNKNOWN_MARK)


def is_dirty(order: Order) -> bool:
    """Whether something on `order` will lead to a finding."""
    return order.channel != "adcs" and (not is_billable(order) or not order.has_contact)
