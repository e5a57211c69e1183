"""certledger: certificate inventory, chargeback and service levels, computed every night from plain files."""

__version__ = "0.1.0"
