"""Three-way reconciliation: export row, certificate file and request of a certificate, and where the three disagree.

`asked` says which request stands behind a certificate (`spans` is its arithmetic), `classes` and `serials` name the disagreements;
`compare` is the stage. It lies above certificates and requests, which do not know each other.
"""

from pipeline.three_ways.classes import blocks_alone
from pipeline.three_ways.table import CLASSES, OVER, Compared, compare, standing

__all__ = ["CLASSES", "OVER", "Compared", "blocks_alone", "compare", "standing"]
