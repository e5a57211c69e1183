"""Chargeback: certificates become orders, orders terms, terms ledger entries, and entries invoices (DESIGN §6, "Charges").

`orders` says which certificates are one order and what names it, `terms` applies the rules of one order, `entries` makes the table,
`asked` names the requests behind it, `invoices` sums it.
"""

from pipeline.chargeback.asked import name_requests
from pipeline.chargeback.entries import ledger
from pipeline.chargeback.invoices import invoices

__all__ = ["invoices", "ledger", "name_requests"]
