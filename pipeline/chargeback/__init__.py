"""Chargeback: certificates become orders, orders terms, terms ledger entries, and entries invoices (DESIGN §6, "Charges").

`orders` says which certificates are one order and what names it, `terms` applies the rules of one order, `entries` makes the table, whose
payers `billing` knows, `waiting` tells what is charged to nobody yet, `twice` what may be charged twice, `asked` names the requests behind
it, `adjustments` posts what people decided, which `standing` bounds, and the `kept_decisions` of closed months. `remembered` is what
closed months billed and no file tells any more. `posting` sets all this beside the closed months: `rebilling` says what is late or
corrected, by the `chains` of closed lines, and `open_months` where it is posted; `remapped` tells which words mean something else since.
`invoices` sums it and says in which order an invoice lists it, `completeness` tells of each order of a month what became of it,
`billing_contacts` who gets the invoices of a closed month.
"""

from pipeline.chargeback.adjustments import Adjusted, adjust
from pipeline.chargeback.asked import name_requests
from pipeline.chargeback.billing_contacts import recipients
from pipeline.chargeback.completeness import billed_orders
from pipeline.chargeback.entries import Charged, ledger
from pipeline.chargeback.invoices import cents_by_file, in_invoice_order, invoices
from pipeline.chargeback.kept_decisions import kept_decisions
from pipeline.chargeback.open_months import OpenMonths
from pipeline.chargeback.posting import Posted, post
from pipeline.chargeback.remapped import remapped
from pipeline.chargeback.twice import told as told_twice

__all__ = [
    "Adjusted",
    "Charged",
    "OpenMonths",
    "Posted",
    "adjust",
    "billed_orders",
    "cents_by_file",
    "in_invoice_order",
    "invoices",
    "kept_decisions",
    "ledger",
    "name_requests",
    "post",
    "recipients",
    "remapped",
    "told_twice",
]
