"""Which row is in force for each accepted row: nothing that was told is without a row that stands for it."""

from __future__ import annotations

from tests.sources.offices import Office, certificate, certificates

TABLES = ("export_rows", "request_rows", "request_events", "pause_rows", "lot_rows", "outage_rows")


def standing(office: Office) -> list[tuple[str, int, str]]:
    """File and row of each place that stands not for itself, and the row that does, `file:row`."""
    places = office.read().places
    at = {place.source: f"{place.file}:{place.row}" for place in places.itertuples()}
    others = places[places["stands_for"].isna() | (places["stands_for"] != places["source"])]
    return [(place.file, place.row, at.get(place.stands_for, "")) for place in others.itertuples()]


def test_a_row_that_a_newer_file_tells_again_points_to_it(office: Office) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(), certificate(serial_number="02")))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(serial_number="03"), certificate(status="revoked")))
    assert [("inbox/exports/2026-09.csv", 2, "inbox/exports/2026-10.csv:3")] == standing(office)


def test_a_row_that_stands_twice_points_to_the_first(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(serial_number="02"), certificate()))
    assert [("inbox/exports/x.csv", 4, "inbox/exports/x.csv:2")] == standing(office)


def test_a_newer_row_that_tells_more_stands_for_the_older_one(office: Office) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(issuer="")))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(sha256_fingerprint="ab" * 32)))
    assert [("inbox/exports/2026-09.csv", 2, "inbox/exports/2026-10.csv:2")] == standing(office)


def test_a_row_that_stands_twice_in_an_older_file_points_to_the_newer_one(office: Office) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(), certificate()))
    office.put("inbox/exports/2026-10.csv", certificates(certificate()))
    newer = "inbox/exports/2026-10.csv:2"
    assert [("inbox/exports/2026-09.csv", 2, newer), ("inbox/exports/2026-09.csv", 3, newer)] == standing(office)


def test_requests_and_pauses_point_to_the_newest_log_whatever_its_layout(office: Office) -> None:
    header = "request_id,kind,agency,submitted_at,completed_at,status\n"
    office.put("inbox/requests/2026-09.csv", header + "R-1,new,DLH,2026-09-01T09:00:00,,open\n")
    office.put("inbox/requests/2026-10.csv", header + "R-1,new,DLH,2026-09-01T09:00:00,2026-09-02T09:00:00,completed\n")
    assert [("inbox/requests/2026-09.csv", 2, "inbox/requests/2026-10.csv:2")] == standing(office)


def test_every_row_in_force_stands_for_itself_and_every_other_for_one_of_them(office: Office) -> None:
    office.put(
        "inbox/exports/2026-09.csv",
        certificates(certificate(), certificate(), certificate(serial_number="02"), certificate(serial_number="", valid_to="")),
    )
    office.put("inbox/exports/2026-10.csv", certificates(certificate(), certificate(serial_number="05"), certificate(serial_number="05")))
    read = office.read()
    in_force = {source for name in TABLES for source in getattr(read, name)["source"]}
    assert in_force == set(read.places["stands_for"])
    assert in_force == set(read.places.loc[read.places["stands_for"] == read.places["source"], "source"])
