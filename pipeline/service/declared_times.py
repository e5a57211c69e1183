"""The measures of requests in time: how long they took, how late the late ones were, what stood open when."""

from __future__ import annotations

from pipeline.service.measure import BY_COMPLETION, BY_DUE_DAY, BY_RECEIPT, NEVER_COUNTED, SET_BY_HAND, Measure

_DUPLICATES = "Duplicates; requests that cannot be judged; requests of logs that give days without hours."
_WATCHED = (
    " Open requests count for as long as they have been watched, cancelled ones until they were cancelled (Kaplan-Meier): with the "
    "completed ones alone the newest month would look best."
)
_NOT_REACHED = (
    "Where so many have not been completed yet there is no value: it takes longer than the longest time that is known, which stands as the "
    "lower end."
)
_NO_VERDICT = "No verdict of its own: whether the promise is kept, completion on time says"
_CLOSING = "What stood open when the desk closed on the last business day of the period, or up to the as-of day."
_STAFF = ("requests.received_on", "requests.completed_at", "requests.business_seconds", "requests.status")
_CUSTOMER = ("requests.received_on", "requests.completed_at", "requests.customer_seconds", "requests.status")
_SPELLS = ("requests.submitted_at", "requests.completed_at", "requests.status", "episodes.began_at", "episodes.ended_at")
_PARTS_OF_TIME = ("requests.completed_at", "requests.customer_seconds", "requests.paused_seconds", "requests.response_seconds")


def _completion(percent: int, said: str, proposed: float | None = None) -> Measure:
    return Measure(
        id=f"completion-time-p{percent}",
        title=f"Time to completion, {said}",
        sentence=f"Of {{n}} requests received in {{period}}, {said} took at most {{value}} business days of the desk's time.",
        formula=f"least time by which the estimated share still open is at most {100 - percent} %, in days of the desk's hours; waiting "
        "for the customer is not counted",
        unit="business days",
        direction="lower is better",
        cohort=BY_RECEIPT + _WATCHED,
        exclusions=f"{_DUPLICATES} {_NOT_REACHED}",
        columns=(*_STAFF, "requests.paused_seconds"),
        page="performance",
        target=f"{SET_BY_HAND}. {_NO_VERDICT}" if percent > 50 else "",
        proposed=proposed,
        keeps=False,
        untold="no log tells the hours of requests",
    )


def _customer(percent: int, said: str) -> Measure:
    return Measure(
        id=f"customer-time-p{percent}",
        title=f"Time as the customer waits, {said}",
        sentence=f"Of {{n}} requests received in {{period}}, {said} took at most {{value}} business days, waiting for the "
        "customer counted in.",
        formula=f"least time by which the estimated share still open is at most {100 - percent} %, in days of the desk's hours",
        unit="business days",
        direction="lower is better",
        cohort=BY_RECEIPT + _WATCHED,
        exclusions=f"{_DUPLICATES} {_NOT_REACHED}",
        columns=_CUSTOMER,
        page="performance",
        target=f"{SET_BY_HAND}. {_NO_VERDICT}" if percent > 50 else "",
        keeps=False,
        untold="no log tells the hours of requests",
    )


def _stage(name: str, title: str, said: str, formula: str) -> Measure:
    return Measure(
        id=name,
        title=title,
        sentence=f"Of the time that the customers of {{n}} requests completed in {{period}} waited, {{value}} {said}.",
        formula=formula,
        unit="share",
        direction="neither",
        cohort=BY_COMPLETION + " Sums of desk time over sums of desk time.",
        exclusions=f"{NEVER_COUNTED} Requests of which no log tells the first answer, or hours; those of files that tell no waits at all.",
        columns=_PARTS_OF_TIME,
        page="performance",
        untold="no log tells both first answers and waits",
    )


def _backlog(name: str, title: str, said: str, *, proposed: float | None = None) -> Measure:
    return Measure(
        id=name,
        title=title,
        sentence=f"At the end of {{period}}, {{n}} requests stood open{said}.",
        formula="count",
        unit="requests",
        direction="lower is better",
        cohort=_CLOSING
        + " Its age are the business days after the day of receipt, of a reopened request after its reopening. Waiting for the "
        "customer is open too.",
        exclusions="Duplicates; requests that cannot be judged; cancelled requests of which no log tells the day.",
        columns=_SPELLS,
        page="requests",
        target="" if proposed is None else SET_BY_HAND,
        proposed=proposed,
        judged="never" if proposed is None else "by its value",
    )


OF_TIMES: tuple[Measure, ...] = (
    _completion(50, "half of them"),
    _completion(90, "nine in ten"),
    _completion(95, "nineteen in twenty", proposed=5),
    _customer(50, "half of them"),
    _customer(90, "nine in ten"),
    Measure(
        id="first-response-p90",
        title="Time to the first answer, nine in ten",
        sentence="Of {n} requests received in {period}, nine in ten were first answered within {value} hours of the desk's time.",
        formula="least time by which the estimated share not yet answered is at most 10 %, in hours of the desk's time",
        unit="hours",
        direction="lower is better",
        cohort=BY_RECEIPT + " Requests not answered yet count for as long as they have been watched (Kaplan-Meier).",
        exclusions=f"{_DUPLICATES} Completed requests of which no log tells the first answer; requests of files that tell "
        f"none at all. {_NOT_REACHED}",
        columns=("requests.received_on", "requests.response_seconds", "requests.customer_seconds", "requests.completed_at"),
        page="performance",
        target=f"{SET_BY_HAND}. No verdict: the estimate has no interval",
        proposed=11,
        keeps=False,
        untold="no log tells first answers",
    ),
    Measure(
        id="lateness-median",
        title="How late the late ones were, half of them",
        sentence="Of the {n} requests due in {period} that were late, half were at most {value} hours of the desk's time late.",
        formula="middle of the desk time from the closing of the due day to completion; of two in the middle the smaller",
        unit="hours",
        direction="lower is better",
        cohort=BY_DUE_DAY + " Only those that were late; one that is open counts with its hours up to now.",
        exclusions=f"{NEVER_COUNTED} Kinds of request without a promise of their own; logs that give days without hours.",
        columns=("requests.due_on", "requests.verdict", "requests.late_seconds"),
        page="performance",
        keeps=False,
    ),
    Measure(
        id="lateness-max",
        title="How late the latest was",
        sentence="Of the {n} requests due in {period} that were late, the latest was {value} hours of the desk's time late.",
        formula="largest desk time from the closing of the due day to completion",
        unit="hours",
        direction="lower is better",
        cohort=BY_DUE_DAY + " Only those that were late; one that is open counts with its hours up to now.",
        exclusions=f"{NEVER_COUNTED} Kinds of request without a promise of their own; logs that give days without hours.",
        columns=("requests.due_on", "requests.verdict", "requests.late_seconds"),
        page="performance",
        keeps=False,
    ),
    Measure(
        id="reopen-rate",
        title="Reopened",
        sentence="Of the {n} completed requests whose 10 business days ended in {period}, {met} had been reopened within them ({value}, "
        "likely range {low} to {high}).",
        formula="reopened within 10 business days / completed",
        unit="share",
        direction="lower is better",
        cohort="Requests completed once, in the period in which the 10 business days after that day end: by then it is known.",
        exclusions=f"{NEVER_COUNTED} Requests whose log cannot tell: lists, which have one row a request, and event logs that end "
        "before the 10 business days do.",
        columns=("requests.completed_at", "requests.reopened_within_days", "requests.status", "inputs.taken_on"),
        page="performance",
        target=SET_BY_HAND,
        proposed=0.03,
        judged="by its interval",
        untold="no log tells whether requests were reopened",
    ),
    _stage("stage-first-answer", "Time until the first answer", "passed until the first answer", "response time / customer's time"),
    _stage(
        "stage-work",
        "Time in work",
        "passed in work after the first answer",
        "(customer's time - response time - waiting) / customer's time",
    ),
    _stage(
        "stage-customer", "Time waiting for the customer", "passed in waiting for the customers themselves", "waiting / customer's time"
    ),
    _backlog("backlog", "Backlog", ""),
    _backlog("backlog-0-2", "Backlog of up to 2 days", " that had come in at most 2 business days before"),
    _backlog("backlog-3-5", "Backlog of 3 to 5 days", " that had come in 3 to 5 business days before"),
    _backlog("backlog-6-10", "Backlog of 6 to 10 days", " that had come in 6 to 10 business days before"),
    _backlog("backlog-over-10", "Backlog of more than 10 days", " that had come in more than 10 business days before", proposed=0),
    Measure(
        id="net-flow",
        title="More in than out",
        sentence="In the 20 business days up to the end of {period}, {value} requests more were received than completed.",
        formula="received - completed, over 20 business days",
        unit="requests",
        direction="lower is better",
        cohort="The 20 business days up to the last one of the period, or up to the as-of day: received by receipt, completed by the "
        "local day.",
        exclusions=f"{NEVER_COUNTED} A period that ends before there are figures of 20 business days has no value.",
        columns=("requests.received_on", "requests.completed_at", "requests.status"),
        page="requests",
        target=SET_BY_HAND,
        proposed=0,
        judged="by its value",
    ),
)
