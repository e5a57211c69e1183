"""Chargeback: certificates become orders, orders terms, terms ledger entries, and entries invoices (DESIGN §6, "Charges").

`orders` says which certificates are one order and what names it, `terms` applies the rules of one order, `entries` makes the table,
`waiting` tells what is
charged to nobody yet, `asked` names the requests behind it, `invoices` sums it and says in which order an invoice lists it.
"""

from pipeline.chargeback.asked import name_requests
from pipeline.chargeback.entries import Charged, ledger
from pipeline.chargeback.invoices import in_invoice_order, invoices

__all__ = ["Charged", "in_invoice_order", "invoices", "ledger", "name_requests"]
