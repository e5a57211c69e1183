"""The service in figures: what each measure means, and its values by period and member (DESIGN §5, §6)."""

from pipeline.service.arrived_later import CameIn
from pipeline.service.declared import MEASURES_DECLARED
from pipeline.service.figures import measures
from pipeline.service.measure import Measure
from pipeline.service.restated import Restated, beside_closed

__all__ = ["MEASURES_DECLARED", "CameIn", "Measure", "Restated", "beside_closed", "measures"]
