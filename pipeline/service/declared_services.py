"""The measures of services: availability, outages, and the time that nobody watched."""

from __future__ import annotations

from pipeline.service.measure import SET_BY_HAND, Measure

_TIME = "Around the clock from the start of the period to its end, or to the end of the as-of day."
_DESK_TIME = "The desk's hours from the start of the period to its end, or to the end of the as-of day."
_TAKEN_OUT = "Maintenance announced at least 24 hours ahead, and time that nobody monitored."
_COLUMNS = ("outages.service", "outages.began_at", "outages.ended_at", "outages.kind", "outages.announced_at")
_TARGET = "target of [availability] in the settings"
_WEIGHED = " A partial outage counts by the weight of the settings."
_ONE = "Outages that touch or overlap are one, whole or partial. One over two periods counts in both; one without length counts too."

OF_SERVICES: tuple[Measure, ...] = (
    Measure(
        id="portal-availability",
        title="Availability around the clock",
        sentence="In {period}, {member} was available {value} of the time, with {n} outages; target {target}.",
        formula="1 - (full + weight * partial) / (period - planned - unmonitored)",
        unit="share",
        direction="higher is better",
        cohort=_TIME,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
        target=_TARGET,
        judged="by its value",
    ),
    Measure(
        id="portal-availability-service-hours",
        title="Availability in service hours",
        sentence="In {period}, {member} was available {value} of the desk's hours, with {n} outages; target {target}.",
        formula="1 - (full + weight * partial) / (period - planned - unmonitored), each in desk time",
        unit="share",
        direction="higher is better",
        cohort=_DESK_TIME,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
        target=_TARGET,
        judged="by its value",
    ),
    Measure(
        id="portal-downtime",
        title="Downtime",
        sentence="In {period}, {member} counted as down for {value} hours in {n} outages.",
        formula="full + weight * partial",
        unit="hours",
        direction="lower is better",
        cohort=_TIME + _WEIGHED,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
    ),
    Measure(
        id="outages",
        title="Outages",
        sentence="In {period}, {member} had {n} outages.",
        formula="count",
        unit="outages",
        direction="lower is better",
        cohort=_ONE,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
    ),
    Measure(
        id="longest-outage",
        title="Longest outage",
        sentence="In {period}, the longest of the {n} outages of {member} lasted {value} hours.",
        formula="max(end - begin), as far as it lies in the period",
        unit="hours",
        direction="lower is better",
        cohort=_ONE,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
    ),
    Measure(
        id="time-to-restore",
        title="Time to restore",
        sentence="In {period}, {n} outages of {member} ended; on average each had lasted {value} hours.",
        formula="sum(end - begin) / number of outages that ended",
        unit="hours",
        direction="lower is better",
        cohort="Outages that ended in the period, each with its whole length, also before the period. Those that touch or overlap are one.",
        exclusions=_TAKEN_OUT + " Outages that still go on.",
        columns=_COLUMNS,
        page="availability",
    ),
    Measure(
        id="downtime-budget-left",
        title="Downtime that the target still allows",
        sentence="In {period}, {member} may be down {value} hours more before its availability misses the target. Below zero, it was down "
        "longer than that.",
        formula="(1 - target) * (period - planned - unmonitored) - (full + weight * partial)",
        unit="hours",
        direction="higher is better",
        cohort=_TIME + _WEIGHED,
        exclusions=_TAKEN_OUT,
        columns=_COLUMNS,
        page="availability",
        target="0 follows from the target of [availability]",
        judged="by its value",
    ),
    Measure(
        id="unmonitored-time",
        title="Time that nobody monitored",
        sentence="In {period}, nobody monitored {member} for {value} of the time.",
        formula="unmonitored / period",
        unit="share",
        direction="lower is better",
        cohort=_TIME,
        exclusions="Nothing.",
        columns=_COLUMNS,
        page="availability",
        target=SET_BY_HAND,
        proposed=0.01,
        judged="by its value",
    ),
)
