"""Certificates: export rows and certificate files become one inventory (DESIGN §5 certificates, §6 "Join", "Renewed").

`fold` says which rows are one certificate, `editions` which row of a newer export replaces which, `join` which file belongs to it, `merge`
which side is believed, `renewals` what took over from what, `disagreements` what people should look at; `inventory` is the stage.
"""

from pipeline.certificates.editions import same_certificate
from pipeline.certificates.fold import serial_keys
from pipeline.certificates.inventory import Inventory, inventory

__all__ = ["Inventory", "inventory", "same_certificate", "serial_keys"]
