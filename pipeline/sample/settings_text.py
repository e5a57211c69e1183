"""The settings that a sample ships with."""

SETTINGS = """\
[organization]
name = "Commonwealth IT"          # on pages and invoices
timezone = "America/New_York"
fiscal_year_starts = 7
service_owner = "certificates@example.gov"
sample = true                     # labels every page and sheet; forbids --send

[run]
as_of = 2026-11-23                # pins the date; --as-of wins; forbids --send

[desk]
opens = 06:00:00
closes = 17:00:00
days = ["mon", "tue", "wed", "thu", "fri"]

[tiers]                           # product names in exports that mean this tier
standard = ["standard", "ssl_plus", "Standard SSL"]
premium = ["premium", "ssl_ev_plus", "Premium SSL"]

[[rate]]                          # the rate card: never edit a line, add one; in force from its day to the next line's
tier = "standard"
amount = 221.19                   # USD, read as Decimal, at most two places
since = 2024-07-01
[[rate]]
tier = "premium"
amount = 542.00
since = 2024-07-01

[charges]
begin = 2025-07-01
term_days = 365
refund_days = 30
invoice_prefix = "CRT"
payment_days = 30
revenue_account = "CERT-1000"     # the office's own line of data/entries/accounts.csv

[[target]]
measure = "on-time-completion"
kinds = ["new", "renew", "issue"]
business_days = 5
share = 0.95
[[target]]
measure = "on-time-completion"
kinds = ["reissue", "revoke", "change-challenge-phrase", "change-contact"]
business_days = 5
share = 0.95
assumed = true

[measure_targets]                 # what this made-up office set itself; without a line a measure is shown and not judged
completion-time-p95 = 5           # business days: the promise itself
overdue-requests = 0
reopen-rate = 0.05
on-time-renewal = 0.95
lapses = 0
unmonitored-time = 0.01

[availability]
target = 0.995
partial_weight = 0.3

[trust]
private_issuers = ["Sample Commonwealth Internal CA"] # no rule for public certificates judges theirs

[[scenario]]                      # what if: shown beside the forecast
name = "Nearly all renew themselves"
since = 2026-12-01
automate = 0.95
[[scenario]]
name = "Fewer, and paid by the day"
since = 2027-07-01
automate = 0.5
consolidate = 0.2
basis = "per-certificate-day"
basis_since = 2028-07-01

[notices]
days_before = [30, 7]
sender = "certificates@example.gov"
allowed_domains = []              # empty: any

[publish]
profiles = ["internal", "public"] # site/ and site-public/
keep_runs = 3

[quality]
warn_quarantined = 0.02           # share of rows of a kind above which the exit code is 1
stop_quarantined = 0.10           # above this nothing is published, exit 3
max_row_drop = 0.20               # against the previous run, per kind, unless --accept-drift

# [[source]]                      # only where recognition by header is not enough
# files = "exports/legacy-*.xlsx"
# kind = "certificates"
# sheet = "Issued"
# date_format = "%m/%d/%Y"
# columns = { serial_number = "Serial #", tier = "Product", agency = "Dept" }
"""
