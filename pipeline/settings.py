"""The settings of a workspace as frozen, checked values (DESIGN §8); reading the file is `sources.settings_file`.

Every name here is a name of `certledger.toml`. An unknown name, a wrong type or a rate that cannot be in force is refused when
the object is built, so the rest of the program never asks whether a setting makes sense.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from pipeline.mail_addresses import is_address

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["certificates", "requests", "pauses", "lots", "outages"]
RequestKind = Literal["new", "renew", "reissue", "revoke", "change-challenge-phrase", "change-contact", "issue"]


def _exact(number: object) -> object:
    """A whole number of the settings file as the Decimal that it is."""
    return Decimal(number) if isinstance(number, int) and not isinstance(number, bool) else number


@cache
def _zones() -> frozenset[str]:
    """The names of all time zones; asked once, for it walks through hundreds of files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"'{name}' is not a time zone name such as America/New_York")
    return name


def _several(values: object) -> object:
    """An array of the settings file as the frozen tuple that it becomes."""
    return tuple(values) if isinstance(values, list) else values


T = TypeVar("T")
Several = Annotated[tuple[T, ...], BeforeValidator(_several)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Day = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2099, 12, 31))]
Days = Annotated[int, Field(ge=0, le=3660)]
Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]
Dollars = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0, le=Decimal(1_000_000), decimal_places=2, allow_inf_nan=False)]


class Section(BaseModel):
    """A table of the settings file: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Organization(Section):
    """Who runs the service; its zone and fiscal year hold for every date that a person reads."""

    name: str = "Commonwealth IT"
    timezone: Zone = "America/New_York"
    fiscal_year_starts: int = Field(default=7, ge=1, le=12)
    service_owner: str = "certificates@example.gov"
    sample: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)


class Run(Section):
    """What a run is pinned to, and `store`, the folder that remembers what files held: below the workspace unless it begins with a slash,
    '' for none. Whatever becomes of the folder, only the time of a run changes.
    """

    as_of: Day | None = None
    store: str = ".store"

    @field_validator("store")
    @classmethod
    def _lies_apart(cls, value: str) -> str:
        if value.removeprefix("./").split("/")[0] in ("data", "site", "templates", "reports", ".", ".."):
            raise ValueError("the store must lie apart from what a run reads and publishes, e.g. .store")
        return value


class Desk(Section):
    """When staff answer: the clock of every service target runs only then. Opening is inclusive, closing exclusive."""

    opens: dt.time = dt.time(6)
    closes: dt.time = dt.time(17)
    days: Several[Weekday] = ("mon", "tue", "wed", "thu", "fri")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes or not self.days:
            raise ValueError("the desk must open before it closes, on at least one day")
        return self


class Rate(Section):
    """One line of the rate card: USD an order of `tier`, in force from `since` until the next line of the tier."""

    tier: str
    amount: Dollars
    since: Day

    @property
    def cents(self) -> int:
        """The amount in whole cents; exact, because two decimal places are the most that is accepted."""
        return int(self.amount * 100)


class Charges(Section):
    """When an order is charged and credited (DESIGN §6)."""

    begin: Day | None = None
    term_days: int = Field(default=365, ge=1, le=3660)
    refund_days: int = Field(default=30, ge=0, le=3660)
    invoice_prefix: str = Field(default="CRT", pattern=r"^[A-Z][A-Z0-9]{0,7}$")
    payment_days: int = Field(default=30, ge=0, le=366)
    revenue_account: str = ""


class Lots(Section):
    """When the next lot must be ordered: `lead_days` before the units left run out, and earlier by what `safety` keeps in reserve.

    `lead_days` pass from an order of units until they can be drawn. The reserve guards against months in which more is drawn than
    usual: `safety` times the standard deviation of what is drawn in 30 days, 1.65 of them being enough in 19 of 20 cases.
    """

    lead_days: Annotated[int, Field(ge=0, le=366)] = 30
    safety: Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=5, decimal_places=2, allow_inf_nan=False)] = Decimal("1.65")


class Target(Section):
    """A promise: `share` of the requests of these kinds done within `business_days`; `assumed` where nobody promised it."""

    measure: Literal["on-time-completion"]
    kinds: Several[RequestKind] = Field(min_length=1)
    business_days: int = Field(ge=0, le=250)
    share: Share
    assumed: bool = False


SHARES_WITH_TARGET = ("reopen-rate", "unmonitored-time", "certificate-continuity", "on-time-renewal")
MEASURES_WITH_TARGET = (
    *SHARES_WITH_TARGET,
    "completion-time-p90",
    "completion-time-p95",
    "customer-time-p90",
    "first-response-p90",
    "overdue-requests",
    "backlog-over-10",
    "net-flow",
    "near-misses",
    "lapses",
)
Amount = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=Decimal(1_000_000), allow_inf_nan=False)]


class Availability(Section):
    """Target share of time, and how much of a partial outage counts as down."""

    target: Share = Decimal("0.995")
    partial_weight: Share = Decimal("0.3")


class Trust(Section):
    """Issuers whose certificates public rules do not judge."""

    private_issuers: Several[str] = ()


def _mail_address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"'{text}' is not one e-mail address such as certificates@example.gov")
    return text


def _mail_address_or_none(text: str) -> str:
    return _mail_address(text) if text else text


MailAddress = Annotated[str, AfterValidator(_mail_address)]
MaybeMailAddress = Annotated[str, AfterValidator(_mail_address_or_none)]


class NoticeAnswers(Section):
    """Which addresses take the answers to a notice: that the host is retired, that the certificate is not theirs, that somebody else is its
    contact. Without one `reply_to` takes them, without that the owner of the service."""

    retired: MaybeMailAddress = ""
    not_mine: MaybeMailAddress = ""
    new_contact: MaybeMailAddress = ""


class Notices(Section):
    """When certificate contacts are told, and from what address.

    `copy_at`: when the security contact of the agency and the owner of the service are told too, with the second notice and once it has
    ended. `digest_on`: on which day of the week the owner is told what is open. `reply_to` is where an answer goes, `list_id` the name of
    the list that mail programs file the messages under, such as notices.example.gov; each is left out where it is empty.
    """

    days_before: Several[Annotated[int, Field(ge=1, le=366)]] = (30, 7)
    sender: MailAddress = "certificates@example.gov"
    allowed_domains: Several[str] = ()
    reply_to: MaybeMailAddress = ""
    list_id: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$", max_length=200)] = ""
    copy_at: Several[Literal["second-notice", "expired"]] = ("second-notice", "expired")
    digest_on: Weekday | Literal["never"] = "mon"
    answers: NoticeAnswers = NoticeAnswers()


class Smtp(Section):
    """The mail server that `certledger notices --send` hands notices to, always encrypted: `starttls` (mostly port 587) or `tls` (mostly
    port 465). `most_messages` is how many one call hands over at most; the rest waits for the next. User and password are no settings:
    they are `CERTLEDGER_SMTP_USER` and `CERTLEDGER_SMTP_PASSWORD` of the environment."""

    host: Annotated[str, Field(pattern=r"^[0-9A-Za-z.:-]*$", max_length=255)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls"] = "starttls"
    most_messages: Annotated[int, Field(ge=1, le=100_000)] = 200


class Forecast(Section):
    """How certificates will be renewed: `lead_days` before they end (left out: as in the last year), and the share of those not called
    automated in hosts.csv that renew themselves all the same."""

    lead_days: Annotated[int, Field(ge=0, le=366)] | None = None
    automated: Share = Decimal(0)


class Scenario(Section):
    """What would be otherwise than today, from `since` on: the share of the certificates asked for that renew themselves (`automate`), the
    share that is merged into others (`consolidate`), and, from `basis_since` on, the `basis` of the charges. Stands in the settings or in
    scenario.toml beside them."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    since: Day
    automate: Share = Decimal(0)
    consolidate: Share = Decimal(0)
    basis: Literal["per-order", "per-certificate", "per-certificate-day"] = "per-order"
    basis_since: Day | None = None

    @model_validator(mode="after")
    def _another_basis_from_a_day_of_it_on(self) -> Self:
        if self.basis_since and (self.basis == "per-order" or self.basis_since < self.since):
            raise ValueError(f"basis_since must not be before since, {self.since}, and needs a basis other than per-order")
        return self


class Publish(Section):
    """Which sites are built (`site/` for `internal`, `site-public/` for `public`), how many runs are kept, and after how many days without
    a new run the pages say that they were not updated (0: never). `site_address` is where people open the internal site, such as
    https://certificates.example.gov/; messages lead there, and nowhere where it is left out."""

    profiles: Several[Literal["internal", "public"]] = ("internal", "public")
    keep_runs: int = Field(default=3, ge=1)
    site_address: Annotated[str, Field(pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?)?$", max_length=200)] = ""
    stale_after_days: Days = 3


class Exports(Section):
    """Which files for other programs a run writes besides the tables and the journal."""

    focus: bool = False


class Quality(Section):
    """How much bad input a run tolerates, as shares of the rows of a kind, and the days after which an export is stale (0: never)."""

    warn_quarantined: Share = Decimal("0.02")
    stop_quarantined: Share = Decimal("0.10")
    max_row_drop: Share = Decimal("0.20")
    stale_after_days: Days = 40

    @model_validator(mode="after")
    def _warns_before_it_stops(self) -> Self:
        if self.warn_quarantined > self.stop_quarantined:
            raise ValueError("warn_quarantined must not be above stop_quarantined")
        return self


class Source(Section):
    """How to read files whose header is not enough to recognise them. `files` is a pattern below `data/inbox`.

    `columns` maps a column to the label it stands under, in JSON with dots (`product.name`); `records` says where the list lies in
    JSON (`data.items`, or `.` for one record a file); `values` maps words of a column to the words it knows; `missing` are words that
    mean an empty cell; `header_row` is the line or row from which on the header is looked for; `stale_after_days` is how old the newest
    file may be before a warning says so (0: never), where it is not as [quality] says.
    """

    files: str
    kind: Kind | None = None
    layout: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    missing: Several[str] = ()
    format: Literal["csv", "xlsx", "json", "certbot"] | None = None
    records: str | None = None
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1, le=1000)
    date_format: str | None = None
    timezone: Zone | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    role: Literal["billing", "inventory"] | None = None
    required: bool = True
    stale_after_days: Days | None = None

    def fits(self, below_inbox: str) -> bool:
        """Whether the pattern fits a path below data/inbox."""
        return fnmatch.fnmatchcase(below_inbox, self.files)


def _own_names() -> dict[str, tuple[str, ...]]:
    return {"standard": ("standard",), "premium": ("premium",)}


class Settings(Section):
    """All settings of a workspace. Build it from the parsed TOML with `Settings.model_validate`."""

    organization: Organization = Organization()
    run: Run = Run()
    desk: Desk = Desk()
    tiers: dict[str, Several[str]] = Field(default_factory=_own_names)
    rate: Several[Rate] = ()
    charges: Charges = Charges()
    lots: Lots = Lots()
    target: Several[Target] = ()
    measure_targets: dict[str, Amount] = Field(default_factory=dict)
    availability: Availability = Availability()
    trust: Trust = Trust()
    notices: Notices = Notices()
    smtp: Smtp = Smtp()
    forecast: Forecast = Forecast()
    publish: Publish = Publish()
    exports: Exports = Exports()
    quality: Quality = Quality()
    scenario: Several[Scenario] = ()
    source: Several[Source] = ()

    def source_of(self, below_inbox: str) -> Source | None:
        """The first `[[source]]` whose pattern fits the path below data/inbox."""
        return next((source for source in self.source if source.fits(below_inbox)), None)

    @model_validator(mode="after")
    def _one_scenario_a_name(self) -> Self:
        names = ["as it is", "your own", *(scenario.name.casefold() for scenario in self.scenario)]
        for scenario in self.scenario:
            if names.count(scenario.name.casefold()) > 1:
                taken = "that of another one, of the forecast itself ('as it is') or of what finance may turn ('your own')"
                raise ValueError(f"[[scenario]] has two of the name '{scenario.name}': it is {taken}; write another name")
        return self

    @model_validator(mode="after")
    def _one_tier_a_product(self) -> Self:
        seen: dict[str, str] = {}
        for tier, names in self.tiers.items():
            for name in {tier, *names}:
                if seen.setdefault(name.casefold(), tier) != tier:
                    raise ValueError(f"[tiers] '{name}' stands for two tiers, {seen[name.casefold()]} and {tier}")
        return self

    @model_validator(mode="after")
    def _one_rate_a_day(self) -> Self:
        seen: set[tuple[str, dt.date]] = set()
        for rate in self.rate:
            if rate.tier not in self.tiers:
                raise ValueError(f"[[rate]] names the tier '{rate.tier}', which [tiers] does not declare")
            if (rate.tier, rate.since) in seen:
                raise ValueError(f"[[rate]] has two lines for tier '{rate.tier}' since {rate.since}")
            seen.add((rate.tier, rate.since))
        return self

    @model_validator(mode="after")
    def _targets_of_measures_can_be_met(self) -> Self:
        for measure, target in self.measure_targets.items():
            if measure not in MEASURES_WITH_TARGET:
                raise ValueError(f"[measure_targets] {measure} is not one of {', '.join(sorted(MEASURES_WITH_TARGET))}")
            if measure in SHARES_WITH_TARGET and target > 1:
                raise ValueError(f"[measure_targets] {measure} = {target} is more than all: shares are written as 0.05 for 5 %")
        return self

    @model_validator(mode="after")
    def _one_target_a_kind(self) -> Self:
        kinds = [(target.measure, kind) for target in self.target for kind in target.kinds]
        for measure, kind in kinds:
            if kinds.count((measure, kind)) > 1:
                raise ValueError(f"[[target]] gives the kind '{kind}' two targets for {measure}")
        return self
