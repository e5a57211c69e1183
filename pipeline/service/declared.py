"""Every measure, declared once: pages, workbooks and the reference are written from here, and a test asks that each is computed."""

from __future__ import annotations

from pipeline.service.declared_certificates import OF_CERTIFICATES
from pipeline.service.declared_evidence import OF_EVIDENCE
from pipeline.service.declared_requests import OF_REQUESTS
from pipeline.service.declared_services import OF_SERVICES
from pipeline.service.declared_times import OF_TIMES
from pipeline.service.measure import Measure

MEASURES_DECLARED: tuple[Measure, ...] = (*OF_REQUESTS, *OF_TIMES, *OF_SERVICES, *OF_CERTIFICATES, *OF_EVIDENCE)
