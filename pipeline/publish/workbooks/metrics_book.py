"""The workbook of measures, for directors: a line a measure, a sheet each with its 24 months, what they mean, and the rows behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.evidence import Tie, write_about, write_checks
from pipeline.publish.workbooks.grid import Grid
from pipeline.publish.workbooks.lines import ROW_OR_LINE
from pipeline.publish.workbooks.metrics_figures import MONTHS, OFFICE, Figures
from pipeline.publish.workbooks.metrics_rows import Requests, write_ends, write_outages, write_requests
from pipeline.publish.workbooks.metrics_sheets import DUE, KEPT, PROMISES, write_agencies, write_all, write_definitions, write_measure
from pipeline.publish.workbooks.metrics_summary import Counts, write_summary
from pipeline.publish.workbooks.totals import METRICS_PATH
from pipeline.service.intervals import FEW
from pipeline.settings import Settings

TITLE = "Service levels"
CONTENTS = (
    "Summary: the main measures of the last month, in words and figures. Then a sheet a measure: its last 24 months with what each rests "
    "on, its likely range, target and verdict, what was published first, and a chart. All measures: every figure of the office. Agency "
    "measures: those of each agency. Definitions: what each measure means, how it is computed, what counts and what does not. Requests, "
    "Outages, Ends: the rows behind the figures, to filter by month. Checks: what must agree, calculated live. The last columns of All "
    "measures, Agency measures, Definitions, Requests and Ends, and Below and Above beside a chart, which draw its ranges, do not print."
)
TERMS = (
    ("Cases", "How many requests, certificates, host names or outages the figure is computed from."),
    ("Likely range", "The 95 % interval by Wilson: where the share lies that so many observations allow to say."),
    (
        "Verdict",
        "Met where the whole likely range reaches the target, missed where none of it does, else undecided: there is not enough evidence "
        f"either way. Of fewer than {FEW} cases nothing is judged. What is counted or observed as a whole is judged by its value; no lapse "
        "is undecided where a certificate ended whose host nobody has said anything of.",
    ),
    ("Promise", "Given: somebody promised the time for this kind of request. Assumed: nobody did, and the same time is assumed."),
    ("Counts", "Yes where the due day has come and the request is neither cancelled, a duplicate, nor one that cannot be judged."),
    ("First published", "What the close of the month froze. Rows that come in later may move the figure; both are shown."),
    ("Same span last year", "From the first day of the last fiscal year to the same day a year ago, computed from its own rows."),
    ("Row or line", ROW_OR_LINE),
    (
        "Hours",
        "Of requests, hours in which the desk is open: Desk hours without the time that it waited for the customer, as the customer waits "
        "with it. Of outages, hours around the clock.",
    ),
    ("Month due", "The month of the due day. A request counts in it whether or not it was completed."),
)
FOLLOW = (
    "On time and its kind count the sheet Requests live: filter it by Month due to see the requests of a month, each with the file and row "
    "below the folder data. On the machine that runs certledger, the command certledger explain with a request's number shows the rows "
    "themselves."
)


def write_metrics(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> Path:
    """Write `metrics.xlsx` below the run folder and return its path; the same books give the same bytes."""
    organization, path = settings.organization, folder / METRICS_PATH
    figures = Figures(books, settings, stamp.as_of)
    with Workbook(path, Imprint(organization.name, TITLE, stamp.run_id, stamp.as_of, organization.sample)) as book:
        front = book.sheet("Summary")
        of_measures = [(measure, book.sheet(tab)) for measure, tab in figures.sheets()]
        all_of_them, agencies, definitions, asked, down, ended = (
            book.sheet(name) for name in ("All measures", "Agency measures", "Definitions", "Requests", "Outages", "Ends")
        )
        requests = write_requests(asked, figures)
        drawn = {measure.id: write_measure(sheet, figures, measure, requests) for measure, sheet in of_measures}
        every = write_all(all_of_them, figures)
        write_agencies(agencies, figures)
        write_definitions(definitions, figures)
        outages, ends = write_outages(down, figures), write_ends(ended, figures)
        write_summary(front, figures, Counts(every.rows, requests.grid.rows, outages.rows, ends.rows))
        write_checks(book, [*_promises(figures, drawn), *_rows(figures, every, requests, outages)])
        write_about(book, organization.service_owner, CONTENTS, TERMS, FOLLOW)
    return path


def _promises(figures: Figures, drawn: Mapping[str, Grid]) -> Iterator[Tie]:
    """The requests due and those on time, as the sheets count them live, are those of the table of measures."""
    office = figures.books.measures[figures.books.measures["dimension"] == OFFICE]
    for measure, promise in PROMISES.items():
        if measure not in drawn:
            continue
        of_it = office[(office["measure"] == measure) & office["period"].isin(figures.months)]
        for column, title, what in (("n", DUE, "Requests due"), ("met", KEPT, "Those of them on time")):
            number = int(of_it[column].sum())
            sentence = f"{what} in the last {MONTHS} months, promise {promise}: those of the table of measures"
            yield Tie(sentence, f"=SUM({drawn[measure].reference(title)})", number, number, money=False)


def _rows(figures: Figures, every: Grid, requests: Requests, outages: Grid) -> Iterator[Tie]:
    """What stands on the long sheets is what the tables hold."""
    known = int(figures.own["value"].notna().sum())
    yield Tie(
        "Figures of the office on All measures: those of the table", f"=COUNT({every.reference('Figure')})", known, known, money=False
    )
    due = int(requests.rows["due_on"].notna().sum())
    yield Tie("Requests with a due day on the sheet Requests", f"=COUNT({requests.grid.reference('Due')})", due, due, money=False)
    began = len(figures.books.outages)
    yield Tie("Outages of the log on the sheet Outages", f"=COUNT({outages.reference('Began on')})", began, began, money=False)
