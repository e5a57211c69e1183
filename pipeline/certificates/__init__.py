"""Certificates: export rows and certificate files become one inventory (DESIGN §5 certificates, §6 "Join", "Renewed").

`fold` says which rows are one certificate, `editions` which row of a newer export replaces which, `join` which file belongs to it, `merge`
which side is believed, `renewals` what took over from what, `disagreements` what people should look at; `inventory` is the stage.
`lapses` finds in its table what ran out and left a host name without a certificate.
"""

from pipeline.certificates.disagreements import contacts_told_once
from pipeline.certificates.editions import same_certificate
from pipeline.certificates.fold import serial_keys
from pipeline.certificates.inventory import Inventory, inventory
from pipeline.certificates.lapses import LAPSED_WITHIN_DAYS, lapsed

__all__ = ["LAPSED_WITHIN_DAYS", "Inventory", "contacts_told_once", "inventory", "lapsed", "same_certificate", "serial_keys"]
