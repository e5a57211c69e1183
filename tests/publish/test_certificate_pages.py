"""What the security office, directors and agencies read of certificates: what ends, what lapsed, and the keys and issuers in use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.publish import calendar_events, charts, in_force
from pipeline.publish.in_force import Share
from pipeline.publish.pages import agencies, expiry, home, inventory, rule_breaks
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Figure, Grid, Noted
from pipeline.publish.stamp import RunStamp
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, certificate, entry

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")


def known(number: int, **changes: Any) -> dict[str, Any]:
    """Certificate `number`: of app<number>, in force, known from an export alone, less what `changes` says."""
    row = certificate(entry(number), days_left=300, contact_email="ann@dot.example.gov")
    return row | {"names": row["common_name"]} | changes


def gone(number: int, **changes: Any) -> dict[str, Any]:
    """One that ran out ten days ago and left its host without a certificate."""
    return known(number, status="expired", valid_to="2026-11-13T12:00:00Z", days_left=-10, **changes)


def edition(*certificates: dict[str, Any], profile: Any = "internal", **tables: Any) -> Edition:
    made: Books = bookkeeping.books([], certificates=contracts.CERTIFICATES.frame(certificates), **tables)
    return Edition(made, SETTINGS, STAMP, profile)


def view(made: Edition, page: Any = expiry) -> dict[str, Any]:
    return next(page.pages(made)).view


def cards(shown: dict[str, Any]) -> dict[str, Figure]:
    return {figure.name: figure for figure in shown["figures"]}


def hosts(grid: Grid) -> list[Any]:
    return [row[0] for row in grid.rows]


ENDS = [known(days, days_left=days) for days in (0, 7, 8, 30, 31, 60, 61, 90, 91)]


def test_what_ends_is_counted_within_each_span_and_listed_in_the_first_that_it_falls_into() -> None:
    shown = view(edition(*ENDS))
    assert ["2", "4", "6", "8"] == [figure.value for figure in shown["figures"][:4]]
    expected = [
        ("Within 7 days", ["app0.dot.example.gov", "app7.dot.example.gov"]),
        ("In 8 to 30 days", ["app8.dot.example.gov", "app30.dot.example.gov"]),
        ("In 31 to 60 days", ["app31.dot.example.gov", "app60.dot.example.gov"]),
        ("In 61 to 90 days", ["app61.dot.example.gov", "app90.dot.example.gov"]),
    ]
    assert expected == [(group["title"], hosts(group["grid"])) for group in shown["groups"]]


def test_who_is_told_is_the_contact_else_the_agency_s_security_contact_else_the_owner_of_the_service() -> None:
    """The security contact is that of the spell that began last, whatever the order of the lines."""
    spells = [
        {"agency": "DOT", "security_contact": "new@dot.example.gov", "valid_from": dt.date(2026, 1, 1)},
        {"agency": "DOT", "security_contact": "old@dot.example.gov"},
        {"agency": "DEP"},
    ]
    made = edition(
        known(1, days_left=3),
        known(2, days_left=4, contact_email=""),
        known(3, days_left=5, contact_email="", agency="DEP"),
        known(4, days_left=6, contact_email="ann@dot.example.gov, eve@evil"),
        known(5, days_left=7, contact_email="ann@dot.example.gov, ben@dot.example.gov"),
        agencies=contracts.AGENCIES.frame(spells),
    )
    expected = [
        "ann@dot.example.gov",
        Noted("new@dot.example.gov", "no contact; the agency's security contact", "near"),
        Noted("certificates@example.gov", "no contact; the service owner", "near"),
        Noted("new@dot.example.gov", "its contact is no address; the agency's security contact", "near"),
        "ann@dot.example.gov, ben@dot.example.gov",
    ]
    shown = view(made)
    assert expected == [row[3] for row in shown["groups"][0]["grid"].rows]
    assert "2" == cards(shown)["Of these without a contact"].value


def test_who_refused_the_last_notice_is_not_named_as_told() -> None:
    security = [{"agency": "DOT", "security_contact": "security@dot.example.gov"}, {"agency": "DEP"}]
    two = "ann@dot.example.gov, ben@dot.example.gov"
    told = [
        notice(1, 7, "failed"), notice(1, 7, "sent", "security@dot.example.gov"), notice(2, 7, "failed"), notice(3, 30, "failed"),
        notice(3, 7, "due"), notice(4, 7, "failed"), notice(5, 7, "failed"), notice(5, 7, "failed", "security@dot.example.gov"),
        notice(6, 7, "failed", kind="copy"),
    ]  # fmt: skip
    made = edition(
        known(1, days_left=1), known(2, days_left=2, agency="DEP"), known(3, days_left=3), known(4, days_left=4, contact_email=two),
        known(5, days_left=5), known(6, days_left=6),
        agencies=contracts.AGENCIES.frame(security), notices=contracts.NOTICES.frame(told),
    )  # fmt: skip
    refused = "the mail server refused its contact; "
    expected = [
        Noted("security@dot.example.gov", f"{refused}the agency's security contact", "near"),
        Noted("certificates@example.gov", f"{refused}the service owner", "near"),
        "ann@dot.example.gov",  # the next notice tries it anew
        Noted("ben@dot.example.gov", "1 of its contact's 2 addresses refused by the mail server", "near"),
        Noted("certificates@example.gov", f"{refused}the service owner", "near"),
        "ann@dot.example.gov",
    ]
    assert expected == [row[3] for row in view(made)["groups"][0]["grid"].rows]
    events = calendar_events.events(made.books, SETTINGS, AS_OF, None)
    assert "security@dot.example.gov" == next(one.told for one in events if one.host == "app1.dot.example.gov")


def notice(number: int, days: int, state: str, address: str = "ann@dot.example.gov", kind: str = "notice") -> dict[str, Any]:
    told = {"certificate": known(number)["certificate"], "days_before": days, "state": state, "contact_email": address, "kind": kind}
    return told | {"ends_on": dt.date(2026, 11, 27), "agency": "DOT", "served_by": days, "doubts": 0}


def test_a_lapse_stands_on_the_expiry_page_at_home_and_on_the_page_of_its_agency() -> None:
    made = edition(gone(1), gone(2, names="app3.dot.example.gov"), known(3))
    lapse = Noted("2026-11-13", "expired 10 days ago", "missed")
    assert [["app1.dot.example.gov", lapse]] == [list(row[:2]) for row in view(made)["lapsed"].rows]
    assert ["app1.dot.example.gov"] == hosts(view(made, home)["lapsed"]["grid"])
    assert "1 certificate expired in the last 90 days and nothing took over." in view(made, home)["sentences"][1]
    page = next(page for page in agencies.pages(made) if page.view.get("code") == "DOT")
    assert ["app1.dot.example.gov"] == hosts(page.view["lapsed"])
    assert (
        "Department of Transportation has 1 certificate in force; none of them expires within 30 days. 1 certificate expired"
        in (page.view["sentence"])
    )
    index = next(agencies.pages(made)).view["index"]
    assert ["0", "1", "0"] == [row[4] for row in index.rows]


def test_a_lapse_of_an_agency_that_is_no_more_stands_with_the_one_that_took_over() -> None:
    made = edition(gone(1, agency="RMV"))
    pages = {page.view["code"]: page.view for page in agencies.pages(made) if "code" in page.view}
    assert ["app1.dot.example.gov"] == hosts(pages["DOT"]["lapsed"]) == hosts(pages["RMV"]["lapsed"])


def test_what_ends_under_an_old_code_is_counted_and_listed_with_the_agency_that_took_over() -> None:
    made = edition(known(1, days_left=40), known(2, agency="RMV", days_left=9), known(3, agency="RMV", status="expired", days_left=-400))
    pages = {page.view["code"]: page.view for page in agencies.pages(made) if "code" in page.view}
    dot, rmv = pages["DOT"], pages["RMV"]
    assert [["app2.dot.example.gov", "from RMV"], ["app1.dot.example.gov", "DOT"]] == [[row[0], row[2]] for row in dot["ending"].rows]
    card = cards(dot)["Certificates in force"]
    assert ("2", "1 from RMV among them; of 3 known (2 from RMV)") == (card.value, card.basis)
    assert ("1", "2 within 90 days, 1 from RMV") == (cards(dot)["Expire within 30 days"].value, cards(dot)["Expire within 30 days"].basis)
    assert dot["sentence"].startswith("Department of Transportation has 2 certificates in force (1 from RMV); 1 of them expires within 30")
    assert ["app2.dot.example.gov"] == hosts(rmv["ending"])
    assert "Agency" not in [head.title for head in rmv["ending"].columns]
    # each code has a row of its own in the index, so that their sum is that of all
    told = {row[0].text: (row[2], row[3]) for row in next(agencies.pages(made)).view["index"].rows}
    assert {"DEP": ("0", "0"), "DOT": (Noted("1", "2 with RMV"), Noted("0", "1 with RMV")), "RMV": ("1", "1")} == told


def test_a_retired_host_leaves_every_list_and_is_counted_where_it_left() -> None:
    said = [{"host": f"app{number}.dot.example.gov", "state": "retired", "since": dt.date(2026, 11, 1), "source": 1} for number in (1, 2)]
    made = edition(gone(1), known(2, days_left=5), known(3, days_left=6), hosts=contracts.HOSTS.frame(said))
    shown = view(made)
    assert ["0", "1"] == [cards(shown)[name].value for name in ("Expired, nothing took over", "Within 7 days")]
    assert "of 2 certificates in force" == cards(shown)["Within 7 days"].basis == cards(view(made, home))["Expire within 30 days"].basis
    assert ["app3.dot.example.gov"] == hosts(shown["groups"][0]["grid"])
    assert "1 more certificate ends too, but its hosts are retired: data/entries/hosts.csv says so." == shown["retired"]
    assert [["app3.dot.example.gov"], None] == [hosts(view(made, home)["actions"]), view(made, home)["lapsed"]]
    page = next(page.view for page in agencies.pages(made) if page.view.get("code") == "DOT")
    assert ("1", "1 within 90 days") == (cards(page)["Expire within 30 days"].value, cards(page)["Expire within 30 days"].basis)
    assert shown["retired"] == page["retired"]
    assert ["active", "host retired", "host retired"] == [row[2].text for row in page["certificates"].rows]


def test_an_agency_reads_who_is_told_of_what_ends_soonest_first_and_which_certificate_has_no_contact() -> None:
    security = [{"agency": "DOT", "security_contact": "security@dot.example.gov"}]
    made = edition(
        known(1, days_left=40, contact_email=""), known(2, days_left=3), known(4, days_left=5, agency="DEP"),
        known(3, days_left=91, contact_email="ann@dot.example.gov, ben@dot.example.gov"),
        agencies=contracts.AGENCIES.frame(security),
    )  # fmt: skip
    page = next(page.view for page in agencies.pages(made) if page.view.get("code") == "DOT")
    instead = Noted("security@dot.example.gov", "no contact; the agency's security contact", "near")
    expected = [("app2.dot.example.gov", "ann@dot.example.gov"), ("app1.dot.example.gov", instead)]
    assert "Who is told" == page["ending"].columns[2].title
    assert expected == [(row[0], row[2]) for row in page["ending"].rows]
    assert "Last safe day to ask" == page["ending"].columns[-1].title
    assert Noted("2027-10-26", "in 337 days") == page["ending"].rows[0][-1]
    told = [["Notices for 2 certificates", "ann@dot.example.gov"], ["Notices for 1 certificate", "ben@dot.example.gov"]]
    told += [["Notices for app1.dot.example.gov", instead]]
    assert told == page["contacts"].rows[-3:]


def test_of_what_ended_it_says_who_was_told_and_when_or_that_nobody_was() -> None:
    def notice(number: int, state: str, **more: Any) -> dict[str, Any]:
        of = certificate(entry(number))["certificate"]
        told = {"certificate": of, "days_before": 7, "served_by": 7, "state": state, "kind": "notice", "doubts": 0}
        days = {"due_on": dt.date(2026, 11, 6), "ends_on": dt.date(2026, 11, 13)}
        return told | days | {"contact_email": "ann@dot.example.gov"} | more

    at_night = "2026-11-07T03:30:00Z"  # of the day before in New York
    made = edition(
        gone(1), gone(2), gone(3, contact_email=""), gone(4), gone(5),
        notices=contracts.NOTICES.frame(
            [
                notice(2, "sent", contact_email="ben@dot.example.gov", addressed_as="contact", sent_at=at_night),
                notice(4, "due", addressed_as="contact", names="app4.dot.example.gov"),
                notice(5, "in-doubt", addressed_as="contact", names="app5.dot.example.gov"),
            ]
        ),
    )  # fmt: skip
    expected = [
        Noted("ann@dot.example.gov", "was not told of its end", "near"),
        Noted("ben@dot.example.gov", "told on 2026-11-06", "plain"),
        Noted("certificates@example.gov", "was not told of its end", "near"),
        Noted("ann@dot.example.gov", "to be told of its end", "near"),
        Noted("ann@dot.example.gov", "a notice may have come", "near"),
    ]
    assert expected == [row[3] for row in view(made)["lapsed"].rows] == [row[3] for row in view(made, home)["lapsed"]["grid"].rows]


def test_a_certificate_whose_common_name_is_no_host_of_it_is_shown_with_one_that_is() -> None:
    odd = {"common_name": '=HYPERLINK("x")', "subject_alternative_names": "menu.dot.example.gov"}
    made = edition(known(1, names="menu.dot.example.gov", days_left=3, **odd), known(2, common_name="APP2.dot.example.gov", days_left=4))
    cells = [Noted('=HYPERLINK("x")', "for menu.dot.example.gov"), "APP2.dot.example.gov"]
    assert cells == hosts(view(made)["groups"][0]["grid"])
    assert cells == hosts(view(made, inventory)["every"])


def test_of_many_certificates_without_a_contact_the_rest_are_counted() -> None:
    made = edition(*(known(number, contact_email="", days_left=number) for number in range(1, 28)))
    page = next(page.view for page in agencies.pages(made) if page.view.get("code") == "DOT")
    assert ["Notices for app25.dot.example.gov", "Notices for 2 more certificates"] == [row[0] for row in page["contacts"].rows[-2:]]


def test_without_a_lapse_the_pages_say_so() -> None:
    made = edition(known(1))
    assert (
        Figure("Expired, nothing took over", "0", basis="in the last 90 days", state="met", word="none")
        == (cards(view(made))["Expired, nothing took over"])
    )
    assert None is view(made, home)["lapsed"]
    assert "expired" not in view(made, home)["sentences"][1]


def test_the_public_home_page_counts_lapses_and_lists_none() -> None:
    shown = view(edition(gone(1), profile="public"), home)
    assert None is shown["lapsed"]
    assert "1 certificate expired" in shown["sentences"][1]


PROVEN = {"parse_status": "ok", "signature_algorithm": "sha256WithRSAEncryption"}
KEYS = [
    known(1, key_type="RSA", key_bits=2048, **PROVEN),
    known(2, key_type="RSA", key_bits=2048, **PROVEN),
    known(3, key_type="EC", key_bits=256, key_curve="P-256", parse_status="ok", signature_algorithm="ecdsa-with-SHA256"),
    known(4, key_type="ML-DSA-65", parse_status="ok", signature_algorithm="ML-DSA-65"),
    known(5, issuer="Larkspur"),
    known(6, key_type="RSA", key_bits=1024, status="superseded", **PROVEN),
    known(7, key_type="RSA", key_bits=4096, is_ca=True, **PROVEN),
]


def test_keys_and_algorithms_are_counted_of_servers_in_force_that_have_a_certificate_file() -> None:
    current = in_force.certificates(contracts.CERTIFICATES.frame(KEYS))
    assert [Share("RSA 2048", 2), Share("EC P-256", 1), Share("ML-DSA-65", 1)] == in_force.keys(current)
    expected = [Share("sha256WithRSAEncryption", 2), Share("ML-DSA-65", 1), Share("ecdsa-with-SHA256", 1)]
    assert expected == in_force.signatures(current)
    assert [Share("issuer not told", 4), Share("Larkspur", 1)] == in_force.issuers(current)


def test_the_inventory_says_of_how_many_the_key_is_known_and_how_many_are_ready() -> None:
    shown = view(edition(*KEYS), inventory)
    assert (
        "Of 5 certificates in force, 4 have a certificate file that tells the key; 1 is known from exports alone, so its key is not known."
        == shown["known"]
    )
    assert "Ready for quantum computers: 1 of the 4 with a certificate file has a key of a kind that NIST" in shown["post_quantum"]
    assert "Most frequent key: RSA 2048 (2 of 4 certificates)" == shown["keys"].title
    assert ["Total", "4", ""] == shown["keys"].table.total
    assert ["5", "4"] == [shown["issuers"].table.total[1], shown["keys"].table.total[1]]


def test_the_states_on_the_inventory_page_add_up_to_what_is_known() -> None:
    statuses = ("active", "active", "not-yet-valid", "superseded", "expired", "revoked", "")
    shown = view(edition(*(known(number, status=status) for number, status in enumerate(statuses))), inventory)
    names = ("In force", "Not yet valid", "Superseded", "Expired", "Revoked", "Without readable dates")
    assert ["2", "1", "1", "1", "1", "1"] == [cards(shown)[name].value for name in names]
    assert len(statuses) == len(shown["every"].rows)


def test_the_inventory_says_how_many_expired_are_called_host_retired_and_counts_no_block_as_a_certificate() -> None:
    retired = contracts.HOSTS.frame([{"host": "app1.dot.example.gov", "state": "retired", "since": dt.date(2026, 11, 1), "source": 1}])
    block = known(3, role="file", parse_status="failed", status="", agency="")
    shown = view(edition(gone(1), gone(2), block, known(4), hosts=retired), inventory)
    assert ("2", "1 of them of retired hosts") == (cards(shown)["Expired"].value, cards(shown)["Expired"].basis)
    assert "3 server certificates are known, 1 of them in force; 1 block of certificate files cannot be read." == shown["sentence"]
    assert ["0", "0"] == [cards(shown)[name].value for name in ("Without readable dates", "Without an agency")]
    assert "Certificates, and 1 block that cannot be read, most urgent first" == shown["every"].caption


def test_a_block_that_cannot_be_read_is_told_as_such_in_each_cell_so_that_filters_agree_with_the_cards() -> None:
    file = "inbox/pem/from-agencies/mixed.pem"
    block = known(3, role="file", parse_status="failed", status="", agency="", tier="", order_id="", serial="", common_name="",
                  subject_alternative_names="", valid_to=None, days_left=None)  # fmt: skip
    place = {"source": block["source"], "file": file, "row": 2, "stands_for": block["source"], "became": "certificate"}
    found = {"code": "unreadable-certificate", "severity": "error", "action": "kept", "file": file, "row": 2, "reason": "No structure."}
    inputs = {"file": file, "kind": "pem", "bytes": 1, "rows_read": 2, "rows_accepted": 2, "rows_quarantined": 0}
    told = {
        "places": contracts.PLACES.frame([place]),
        "findings": contracts.FINDINGS.frame([found]),
        "inputs": contracts.INPUTS.frame([inputs]),
    }
    shown = view(edition(known(1, status="", agency=""), block, **told), inventory)
    row = shown["every"].rows[-1]
    assert ("block 2 of inbox/pem/from-agencies/mixed.pem", "no certificate could be made of it") == (row[0].links[0].text, row[0].remark)
    assert row[0].links[0].href.startswith("trace/~file-pem.html#")
    assert ["cannot be read"] * 7 == [cell.text if isinstance(cell, Chip) else cell for cell in row[1:]]
    card = cards(shown)["Cannot be read"]
    assert ("1 block", "quality.html#error-unreadable-certificate") == (card.value, card.href)
    assert "Cannot be read" not in cards(view(edition(known(1)), inventory))


def test_one_kind_of_key_is_a_table_and_none_is_nothing() -> None:
    assert isinstance(view(edition(*KEYS[:2]), inventory)["keys"], Grid)
    assert None is view(edition(known(5)), inventory)["keys"]


def test_of_many_issuers_the_rest_is_one_grey_bar_and_the_table_has_all() -> None:
    shown = view(edition(*(known(number, issuer=f"CA {number:02}") for number in range(12))), inventory)["issuers"]
    bars = shown.drawings[0].bars
    assert 10 == len(bars)
    assert ("3 others: 3", "series-5") == (bars[-1].tip, bars[-1].style)
    assert 12 == len(shown.table.rows)


GRADES = {"rsa-under-2048": "error", "dsa-key": "error", "self-signed": "warning", "wildcard": "note"}


def breaks(*broken: tuple[int, str]) -> Any:
    """The table LINTS: certificate `number` breaks the rule."""
    return contracts.LINTS.frame(
        {"certificate": known(number)["certificate"], "lint": lint, "severity": GRADES[lint], "applies": "any", "detail": f"About {lint}."}
        for number, lint in broken
    )


BROKEN = edition(
    known(1, days_left=9),
    known(2, days_left=8, trust="private"),
    known(3, agency="DEP", days_left=7, parse_status="ok", trust="public"),
    gone(4),
    known(5, status="superseded"),
    known(6, is_ca=True),
    lints=breaks(
        (1, "rsa-under-2048"), (1, "wildcard"), (2, "self-signed"), (2, "rsa-under-2048"), (3, "dsa-key"), (4, "dsa-key"), (5, "dsa-key"),
        (6, "dsa-key"),
    ),
)  # fmt: skip


def test_rules_are_told_gravest_first_then_the_most_broken_with_what_is_in_use_soonest_expiry_first() -> None:
    """An authority's certificate counts, for clients rely on it; what is over or replaced does not."""
    shown = view(BROKEN, rule_breaks)
    expected = [
        ("dsa-key", ["app3.dot.example.gov", "app6.dot.example.gov"]),
        ("rsa-under-2048", ["app2.dot.example.gov", "app1.dot.example.gov"]),
        ("self-signed", ["app2.dot.example.gov"]),
        ("wildcard", ["app1.dot.example.gov"]),
    ]
    assert expected == [(section["rule"].id, hosts(section["grid"])) for section in shown["sections"]]
    assert [["2", "2"], ["2", "1"], ["1", "1"], ["1", "1"]] == [list(row[2:4]) for row in shown["rules"].rows]
    assert "4 certificates must be replaced now; 1 certificate must be put right at the next renewal." == shown["sentence"]


def test_a_section_says_what_to_do_by_when_and_leads_to_the_rule() -> None:
    section = view(BROKEN, rule_breaks)["sections"][1]
    assert "2 certificates break it" == section["count"]
    assert section["rule"].remedy.startswith("Make a new key")
    assert "Now: do not wait for the renewal." == section["by_when"]
    assert "reference/rules.html#rule-rsa-under-2048" == section["reference"]


def test_a_wrong_certificate_is_told_before_it_is_installed_and_what_is_over_is_not() -> None:
    over = [known(number, status=status) for number, status in ((3, "superseded"), (4, "expired"), (5, "revoked"))]
    broken = breaks(*((number, "dsa-key") for number in range(1, 6)))
    made = edition(known(1, days_left=9), known(2, status="not-yet-valid", days_left=390), *over, lints=broken)
    shown = view(made, rule_breaks)
    coming = Noted("app2.dot.example.gov", "not yet valid")
    assert ["app1.dot.example.gov", coming] == hosts(shown["sections"][0]["grid"])
    assert "2 certificates break it, 1 of them not yet valid" == shown["sections"][0]["count"]
    assert "2 certificates must be replaced now, 1 of them before it is installed." == shown["sentence"]
    assert view(made, home)["sentences"][1].endswith(" 2 certificates break a rule and must be replaced.")
    lapsed = cards(view(edition(known(1, days_left=9), gone(4)), home))["Expire within 30 days"]
    assert ("1", "besides, 1 expired and nothing took over", "missed") == (lapsed.value, lapsed.word, lapsed.state)
    page = next(page.view for page in agencies.pages(made) if page.view.get("code") == "DOT")
    assert coming == page["rule_breaks"].rows[1][0]
    assert page["rule_breaks"].rows[1][4].startswith("Before it is installed. Make a new key")


def test_one_that_is_not_yet_valid_and_alone_is_called_so() -> None:
    shown = view(edition(known(1, status="not-yet-valid"), lints=breaks((1, "wildcard"))), rule_breaks)
    assert "1 certificate breaks it, not yet valid" == shown["sections"][0]["count"]


def test_who_was_not_judged_is_counted_among_servers_in_force() -> None:
    shown = view(BROKEN, rule_breaks)
    assert (1, 1, 2) == (shown["unjudged"].private, shown["unjudged"].untold, shown["unjudged"].without_file)
    assert 3 == shown["current"]


def test_an_agency_reads_its_own_rule_breaks_and_what_to_do() -> None:
    page = next(page.view for page in agencies.pages(BROKEN) if page.view.get("code") == "DEP")
    expected = ["app3.dot.example.gov", "error", "About dsa-key.", "../rule-breaks.html#dsa-key"]
    row = page["rule_breaks"].rows[0]
    assert expected == [row[0], row[1].text, row[3].text, row[3].href]
    assert row[4].startswith("Now: do not wait for the renewal. Make a new key")
    assert "1 certificate must be replaced now" == cards(page)["Certificates in force"].word
    index = next(agencies.pages(BROKEN)).view["index"]
    assert ["1", "3", "0"] == [row[5] for row in index.rows]


def test_an_agency_is_not_bothered_with_notes_but_told_how_many_there_are() -> None:
    page = next(page.view for page in agencies.pages(BROKEN) if page.view.get("code") == "DOT")
    assert ["error", "error", "error", "warning"] == [row[1].text for row in page["rule_breaks"].rows]
    assert 1 == page["notes_on_rules"]
    only_notes = edition(known(1), lints=breaks((1, "wildcard")))
    page = next(page.view for page in agencies.pages(only_notes) if page.view.get("code") == "DOT")
    assert ([], 1, "") == (page["rule_breaks"].rows, page["notes_on_rules"], cards(page)["Certificates in force"].word)
    assert "No certificate has to be replaced or put right" in view(only_notes, rule_breaks)["sentence"]


def test_a_rule_break_under_an_old_code_is_the_successor_s_to_mend_and_counted_once() -> None:
    made = edition(known(1, agency="RMV"), lints=breaks((1, "dsa-key")))
    pages = {page.view["code"]: page.view for page in agencies.pages(made) if "code" in page.view}
    assert ["app1.dot.example.gov"] == hosts(pages["DOT"]["rule_breaks"]) == hosts(pages["RMV"]["rule_breaks"])
    words = [cards(pages[code])["Certificates in force"].word for code in ("DOT", "RMV")]
    assert ["1 certificate must be replaced now, under an old code", "1 certificate must be replaced now"] == words
    assert ["0", Noted("0", "1 with RMV"), "1"] == [row[5] for row in next(agencies.pages(made)).view["index"].rows]


def test_home_says_how_many_must_be_replaced_and_the_public_one_names_none() -> None:
    shown = view(BROKEN, home)
    assert shown["sentences"][1].endswith(" 4 certificates break a rule and must be replaced.")
    row = shown["actions"].rows[0]
    assert ("4 certificates to be replaced", "rule-breaks.html#grade-error") == (row[0].text, row[0].href)
    public = view(Edition(BROKEN.books, SETTINGS, STAMP, "public"), home)
    assert public["sentences"][1].endswith(" 4 certificates break a rule and must be replaced.")
    assert None is public["actions"]


def test_nothing_broken_says_so() -> None:
    made = edition(known(1))
    shown = view(made, rule_breaks)
    assert ("No certificate in use or not yet valid breaks a rule.", []) == (shown["sentence"], shown["sections"])
    assert "No certificate in use or not yet valid breaks a rule." == shown["rules"].empty
    assert "" == cards(view(made, home))["Expire within 30 days"].word


@pytest.mark.parametrize("drawing", [0, 1])
def test_lying_bars_are_as_long_as_their_values_and_nothing_leaves_the_sheet(drawing: int) -> None:
    rows = [charts.Ranked("N" * 90, 1000), charts.Ranked("short", 250), charts.Ranked("tiny", 1)]
    drawn = charts.ranking("n", "t", "d", rows, lambda value: f"{value:,.0f}").drawings[drawing]
    assert drawn.bars[0].width / 4 == pytest.approx(drawn.bars[1].width, abs=0.1)
    assert drawn.bars[2].width >= 1
    assert all(letter.x + 8.4 * len(letter.text) <= drawn.frame.width for letter in drawn.letters)
    assert drawn.bars[-1].y + drawn.bars[-1].height <= drawn.frame.height
    assert drawn.names[0].text.endswith("N…")
    assert 8 * len(drawn.names[0].text) <= (drawn.names[0].x if drawing == 0 else drawn.frame.width)
