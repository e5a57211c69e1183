"""The service in figures: what each measure means, and its values by period and member (DESIGN §5, §6)."""

from pipeline.service.declared import MEASURES_DECLARED
from pipeline.service.figures import measures
from pipeline.service.measure import Measure

__all__ = ["MEASURES_DECLARED", "Measure", "measures"]
