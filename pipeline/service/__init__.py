"""The service in figures: what each measure means, and its values by period and member (DESIGN §5, §6)."""

from pipeline.service.arrived_later import CameIn
from pipeline.service.declared import MEASURES_DECLARED
from pipeline.service.figures import Measured, measures
from pipeline.service.measure import Measure
from pipeline.service.records import Records
from pipeline.service.restated import Restated, beside_closed

__all__ = ["MEASURES_DECLARED", "CameIn", "Measure", "Measured", "Records", "Restated", "beside_closed", "measures"]
