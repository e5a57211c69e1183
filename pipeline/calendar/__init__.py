"""Time as the office counts it: the desk's business time, fiscal years and posting periods, and local days (DESIGN §6)."""

from pipeline.calendar.business_time import BusinessTime, OutsideCalendar, business_time
from pipeline.calendar.days import dates, day_end, day_keys, day_start, local_days
from pipeline.calendar.fiscal import (
    fiscal_year,
    following,
    is_late_items,
    last_month_of,
    late_items_of,
    late_items_until,
    months,
    period_first_day,
    period_last_day,
    period_of,
    period_title,
    periods,
    posting_turn,
    quarters,
    year_before,
    year_title,
)

__all__ = [
    "BusinessTime",
    "OutsideCalendar",
    "business_time",
    "dates",
    "day_end",
    "day_keys",
    "day_start",
    "fiscal_year",
    "following",
    "is_late_items",
    "last_month_of",
    "late_items_of",
    "late_items_until",
    "local_days",
    "months",
    "period_first_day",
    "period_last_day",
    "period_of",
    "period_title",
    "periods",
    "posting_turn",
    "quarters",
    "year_before",
    "year_title",
]
