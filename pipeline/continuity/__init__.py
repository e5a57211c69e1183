"""Certificate continuity (issued): for how much of its time in service a host name had a valid certificate, and how early each was
renewed (DESIGN §6, facts/service-levels §4.3).

`covers` says which certificate covers which host from when to when, `service_time` when a host was in service and whose it was, `ends`
what followed each end, `timeline` adds up the seconds; `spans` is arithmetic of stretches of time; `stage` puts them together. What is
measured is what was issued: whether a server uses its certificate cannot be seen from here.
"""

from pipeline.continuity.stage import Continuity, continuity

__all__ = ["Continuity", "continuity"]
