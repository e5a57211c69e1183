"""The measures of certificates: covered time, renewals, notices, and what ends soon."""

from __future__ import annotations

from pipeline.service.measure import SET_BY_HAND, Measure

_SERVED = (
    "Host names in service: from their first certificate that is known, until data/entries/hosts.csv retires them, up to the as-of day."
)
_NOT_SERVED = (
    "Authorities' certificates; certificates that are revoked, from the end of that day on. The time after the last certificate of a host "
    "of which nobody has said whether it is in service: such hosts are counted apart."
)
_BY_END = (
    "Certificates that were the last to cover a host name and whose end lies in the period and has come; each counts once, with the latest "
    "renewal among its host names."
)
_NOT_ENDED = (
    "Ends of hosts that are retired by then, or of which nobody has said whether they are in service; certificates that were replaced and "
    "then revoked; host names that a wildcard covers."
)
_CONTINUITY_COLUMNS = ("continuity.in_service_seconds", "continuity.covered_seconds")
_RENEWAL_COLUMNS = ("renewals.certificate", "renewals.ended_at", "renewals.lead_time_days", "renewals.band")


def _expiring(days: int) -> Measure:
    return Measure(
        id=f"expiring-{days}",
        title=f"Expiring within {days} days",
        sentence=f"{{n}} certificates in force end within {days} days, and no later one has taken over.",
        formula="count",
        unit="certificates",
        direction="neither",
        cohort=f"Certificates in force at the end of the as-of day with at most {days} days left, today included; each counts once, "
        "however many host names it has. Given for the month of that day only.",
        exclusions="Certificates that a later one replaces; authorities' certificates; those whose hosts data/entries/hosts.csv retires.",
        columns=("certificates.status", "certificates.days_left", "certificates.names", "certificates.is_ca"),
        page="expiry",
    )


OF_CERTIFICATES: tuple[Measure, ...] = (
    Measure(
        id="certificate-continuity",
        title="Certificate continuity (issued)",
        sentence="In {period}, a valid certificate covered {value} of the time in which {n} host names were in service; {met} of them had "
        "no gap. What is measured is what was issued, not what a server uses.",
        formula="seconds in service that a valid certificate covers / seconds in service, both over all host names",
        unit="share",
        direction="higher is better",
        cohort=_SERVED,
        exclusions=_NOT_SERVED,
        columns=_CONTINUITY_COLUMNS,
        page="continuity",
        target=SET_BY_HAND,
        proposed=1,
        judged="by its value",
    ),
    Measure(
        id="hosts-with-gaps",
        title="Host names with a gap",
        sentence="In {period}, {value} of the {n} host names in service were without a valid certificate for a time.",
        formula="count",
        unit="hosts",
        direction="lower is better",
        cohort=_SERVED,
        exclusions=_NOT_SERVED,
        columns=_CONTINUITY_COLUMNS,
        page="continuity",
    ),
    Measure(
        id="lapse-hours",
        title="Hours without a certificate",
        sentence="In {period}, the {n} host names with a gap were without a valid certificate for {value} hours, added up.",
        formula="seconds in service - covered seconds, over all host names, in hours",
        unit="hours",
        direction="lower is better",
        cohort=_SERVED,
        exclusions=_NOT_SERVED,
        columns=_CONTINUITY_COLUMNS,
        page="continuity",
    ),
    Measure(
        id="hosts-unaccounted-for",
        title="Host names unaccounted for",
        sentence="In {period}, {n} host names had no certificate any more, and nobody had said whether they are still in service.",
        formula="count",
        unit="hosts",
        direction="lower is better",
        cohort="Host names whose last certificate ended before the end of the period, or of the as-of day.",
        exclusions="Host names of which a line in data/entries/hosts.csv says what became of them.",
        columns=("continuity.unknown_seconds",),
        page="continuity",
    ),
    Measure(
        id="on-time-renewal",
        title="Renewed on time",
        sentence="In {period}, {met} of the {n} certificates that ended and whose hosts are accounted for ({value}, likely range {low} to "
        "{high}) had been renewed at least 7 days before; target {target}.",
        formula="renewed 7 days or more before the end / ended",
        unit="share",
        direction="higher is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED,
        columns=_RENEWAL_COLUMNS,
        page="continuity",
        target=SET_BY_HAND,
        proposed=0.95,
        judged="by its interval",
    ),
    Measure(
        id="renewed-early",
        title="Renewed before the first notice",
        sentence="In {period}, {met} of the {n} certificates that ended and whose hosts are accounted for ({value}, likely range {low} to "
        "{high}) had been renewed 30 days or more before, so nobody had to be told.",
        formula="renewed 30 days or more before the end / ended",
        unit="share",
        direction="higher is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED,
        columns=_RENEWAL_COLUMNS,
        page="continuity",
    ),
    Measure(
        id="renewed-after-first-notice",
        title="Renewed between the notices",
        sentence="Of the {n} certificates that ended in {period} and had not been renewed 30 days before, {met} were renewed within the "
        "next 23 days ({value}, likely range {low} to {high}).",
        formula="renewed 7 to 30 days before the end / not renewed 30 days before the end",
        unit="share",
        direction="higher is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED + " Certificates renewed 30 days or more before their end.",
        columns=_RENEWAL_COLUMNS,
        page="continuity",
    ),
    Measure(
        id="renewed-after-second-notice",
        title="Renewed after the last notice",
        sentence="Of the {n} certificates that ended in {period} and had not been renewed 7 days before, {met} were renewed before they "
        "ended ({value}, likely range {low} to {high}).",
        formula="renewed less than 7 days before the end / not renewed 7 days before the end",
        unit="share",
        direction="higher is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED + " Certificates renewed 7 days or more before their end.",
        columns=_RENEWAL_COLUMNS,
        page="continuity",
    ),
    Measure(
        id="near-misses",
        title="Near misses",
        sentence="In {period}, {n} certificates were renewed with less than 7 days left.",
        formula="count",
        unit="certificates",
        direction="lower is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED,
        columns=_RENEWAL_COLUMNS,
        page="continuity",
        target=SET_BY_HAND,
        proposed=0,
        judged="by its value",
    ),
    Measure(
        id="lapses",
        title="Lapses",
        sentence="In {period}, {n} certificates are known to have ended with a host still in service and no renewal in place.",
        formula="count",
        unit="certificates",
        direction="lower is better",
        cohort=_BY_END,
        exclusions=_NOT_ENDED,
        columns=_RENEWAL_COLUMNS,
        page="continuity",
        target=f"{SET_BY_HAND}. Not told as met of a time in which a certificate ended of whose host nobody knows what became",
        proposed=0,
        judged="by its value",
    ),
    Measure(
        id="notices-owed",
        title="Notices owed",
        sentence="In {period}, {n} notices to contacts fell due.",
        formula="count of certificates and thresholds",
        unit="notices",
        direction="neither",
        cohort="By the day of the notice: as many days before the last day of a certificate as [notices] days_before says, of short lives "
        "at most a third of the life before the first notice and a sixth before a later one. One a certificate and day.",
        exclusions="Certificates that were renewed for all their host names, or revoked, by that day; whose hosts are retired; those of "
        "authorities.",
        columns=("certificates.valid_from", "certificates.valid_to", "certificates.revoked_on", "renewals.issued_at", "renewals.outcome"),
        page="expiry",
    ),
    Measure(
        id="notices-sent",
        title="Notices sent",
        sentence="In {period}, the mail server took {n} notices to contacts.",
        formula="count of certificates and thresholds",
        unit="notices",
        direction="neither",
        cohort="By the day on which the mail server took it, as data/ledger/notices says. One a certificate and threshold: of several that "
        "are due only the nearest is sent, and a missed run sends later, so this need not be the number owed.",
        exclusions="Copies and digests; notices that were refused, or handed over without an answer.",
        columns=("notices.state", "notices.kind", "notices.days_before", "notices.served_by", "notices.sent_at"),
        page="expiry",
    ),
    *(_expiring(days) for days in (7, 30, 60, 90)),
)
