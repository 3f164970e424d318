"""The figures of children and of social evils over a real warehouse: who counts, on which day, and whose number is told to nobody."""

import datetime as dt
from typing import Any

from assets.open.figures import figures as open_figures
from assets.open.figures import snapshot
from assets.reports.compute import FilledForm, inputs_fingerprint
from assets.reports.forms import form_named
from resources.inbox.intake import register
from resources.raw_store import KeptFile, RawFile
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import New
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.registry import dataset_named
from schemas.release import TOTAL
from tests.fixtures.deliveries import commune_of
from tests.fixtures.forms import compute
from tests.integration.report_hub import DISTRICTS, SmallHub, at

CHILDREN = "children.profiles"
COMMUNES, CENTRES = "social_evils_prevention.commune_forms", "social_evils_prevention.centre_forms"
NOW = at("2024-11-20 02:00")  # the first of the month is 1 November
AFTER = at("2025-01-20 02:00")  # of 2024 all is over, and due


def filled(hub: SmallHub, form: str, period: str, when: dt.datetime = NOW) -> FilledForm:
    with hub.engine.connect() as connection:
        return compute(connection, form_named(form), period, when)


def lines(form: FilledForm, code: str, measure: str) -> dict[tuple[str, ...], tuple[str | None, str]]:
    """The values of a line's breakdown, the unit first -> its figure and how it stands."""
    mine = [f.line() for f in form.figures if (f.code, f.unit_of_measure) == (code, measure)]
    return {tuple(line["phan_to"].values()): (line["gia_tri"], line["trang_thai"]) for line in mine}


def held(hub: SmallHub, unit: str, *rows: dict[str, Any], when: dt.datetime = NOW) -> None:
    for each in DISTRICTS:
        hub.load(CHILDREN, "now", each, rows if each == unit else (), when)
    hub.read(when)


def sent(hub: SmallHub, sender: str, when: dt.datetime, content: str) -> None:
    """A file of a sender that was loaded on the night on which it came."""
    new = New(
        dataset_named(CHILDREN), sender, "whole", ("now",), KeptFile(content, content), RawFile(f"{content}.parquet", content, 1)
    )
    with hub.engine.begin() as connection:
        delivery, is_new = register(connection, new, when)
        if is_new:
            deliveries.mark_loaded(connection, delivery.id, f"run-{delivery.id}", when, {})


def child(**more: Any) -> dict[str, Any]:
    born = more.pop("born", dt.date(2016, 5, 4))
    return {"birth_date": born, "birth_year": born.year, "birth_precision": "ngay", **more}


def year_alone(year: int) -> dict[str, Any]:
    return {"birth_date": None, "birth_year": year, "birth_precision": "nam"}


def test_a_child_counts_until_the_sixteenth_birthday_and_once(hub: SmallHub) -> None:
    held(
        hub,
        "412",
        child(born=dt.date(2008, 12, 1)),  # sixteen on the first of December
        child(born=dt.date(2008, 12, 2)),
        child(born=dt.date(2024, 12, 2)),  # not born yet on the first
        child(born=dt.date(2024, 12, 1), sex_code=2),
        child(identity_number="040216999901"),
        child(identity_number="040216999901"),  # the same child, another record
        child(status_code=4),
        child(status_code=3, is_dead=True, death_date=dt.date(2024, 12, 1), death_cause_code=4),
        child(status_code=3, is_dead=True, death_date=dt.date(2024, 12, 2), death_cause_code=4),
        year_alone(2008),  # may be fifteen until the year's end
        year_alone(2007),
        year_alone(2024),
        year_alone(2025),  # not born yet
        child(born=dt.date(2008, 12, 1), birth_precision="thang"),  # may be fifteen until the month's end
        child(born=dt.date(2008, 11, 1), birth_precision="thang"),
        child(born=dt.date(2008, 1, 1), birth_precision="nam"),
        *(
            child(born=dt.date(2024 - age, 12, day)) for age in (6, 11) for day in (1, 2)
        ),  # reaches it on the first, on the next day
    )
    found = lines(filled(hub, "TE-N", "2024"), "TE01", "tre")
    assert found[PROVINCE,] == ("12", "co_so_lieu") == found["412",]
    assert [found[PROVINCE, sex][0] for sex in ("1", "2")] == ["11", "1"]
    assert [found[PROVINCE, age][0] for age in ("0-5", "6-10", "11-15")] == ["3", "4", "5"]
    # In open data, of the month in which the register was read; who died is out at once.
    dataset = dataset_named(CHILDREN)
    with snapshot(hub.engine) as connection:
        shown = open_figures(connection, dataset, dataset.open_tables[0], "2024-12", dict.fromkeys(DISTRICTS, NOW))
    assert {place: figure.value for place, figure in shown.items() if place[1] == TOTAL} == {
        ("412", TOTAL): 12,
        (PROVINCE, TOTAL): 12,
    }


def test_a_child_that_died_is_not_among_the_living_whatever_the_record_is_called(hub: SmallHub) -> None:
    """The record of a death may have been left active: its fields contradict each other, which is a warning."""
    in_all = {"special_groups": "04.1", "entered_date": dt.date(2020, 3, 1), "risk_groups": "1"}
    held(
        hub,
        "412",
        child(**in_all),
        child(**in_all, is_dead=True, death_date=dt.date(2024, 12, 2), death_cause_code=4),  # lived on the first
        child(**in_all, is_dead=True, death_date=dt.date(2024, 12, 1), death_cause_code=1),
        child(**in_all, death_date=dt.date(2024, 3, 1)),
        child(**in_all, is_dead=True),
        child(**in_all, status_code=3),
    )
    year = filled(hub, "TE-N", "2024")
    assert [lines(year, code, "tre")[PROVINCE,][0] for code in ("TE01", "TE02", "TE03")] == ["2", "2", "2"]


def test_a_group_of_children_is_told_of_the_province_alone_and_never_a_handful(hub: SmallHub) -> None:
    of_old = {"entered_date": dt.date(2020, 3, 1), "support_code": 1}
    held(
        hub,
        "415",
        *(child(special_groups="04.1, 13.2", **of_old) for _ in range(5)),
        *(
            child(special_groups="04.1, 13.2", identity_number="040216999901", **of_old) for _ in range(2)
        ),  # one child, two records
        *(child(special_groups="05.1", **of_old) for _ in range(4)),
        child(special_groups="01.1", entered_date=dt.date(2020, 3, 1)),
        child(special_groups="11.1", entered_date=dt.date(2020, 3, 1), left_date=dt.date(2024, 6, 1)),  # left on that day
        child(special_groups="11.1", entered_date=dt.date(2024, 6, 2)),  # enters after it
        child(special_groups="11.1", entered_date=dt.date(2024, 6, 1)),  # enters on it
        child(special_groups="12.1", entered_date=dt.date(2020, 3, 1), left_date=dt.date(2024, 6, 2)),  # leaves after it
        child(special_groups="12.1"),  # of whom nobody says since when
        *(child(risk_groups="1,3", identity_number="040216999902") for _ in range(2)),
        child(risk_groups="1", born=dt.date(2008, 6, 1), special_groups="05.1", **of_old),  # sixteen on that day
    )
    form = filled(hub, "TE-H", "2024-H1")
    number, part = lines(form, "TE02", "tre"), lines(form, "TE02", "phan_tram")
    assert number[PROVINCE,] == ("14", "co_so_lieu") == number["415",]  # each child once, whatever the groups
    assert part["415",] == ("82.35", "co_so_lieu")  # 14 of 17 children
    groups = {key[1]: found for key, found in number.items() if key[0] == PROVINCE and len(key) == 2}
    assert groups.keys() == {f"{n:02d}" for n in range(1, 15)}
    assert {group for group, found in groups.items() if found == ("6", "co_so_lieu")} == {"04", "13"}
    # Four, one, and none at all stand alike.
    assert {found for group, found in groups.items() if group not in ("04", "13")} == {(None, "bi_an")}
    assert {found for key, found in number.items() if key[0] != PROVINCE and len(key) == 2} == {(None, "bi_an")}
    year = filled(hub, "TE-N", "2024")
    assert lines(year, "TE03", "tre")["415",] == ("1", "co_so_lieu")
    # 10 of 14: one of them entered since, one left.
    assert lines(year, "TE04", "phan_tram")[PROVINCE,] == ("71.43", "co_so_lieu")


def test_harm_done_to_children_has_no_line_of_a_unit_and_no_small_number(hub: SmallHub) -> None:
    window = (dt.date(2024, 6, 15), dt.date(2024, 9, 14))  # of the third quarter
    harmed = [child(special_groups=g, entered_date=window[n % 2]) for n, g in enumerate(("09.1", "10.2", "11.1,04.2", "12.1"))]
    around = [child(special_groups="11.1", entered_date=day) for day in (dt.date(2024, 6, 14), dt.date(2024, 9, 15))]
    around.append(child(special_groups="11.1", born=window[0].replace(year=2008), entered_date=window[0]))  # sixteen on that day
    held(hub, "417", *harmed, *around, child(special_groups="01.1", entered_date=window[0]))
    form = filled(hub, "TE-Q", "2024-Q3")
    assert form_named("TE-Q").window("2024-Q3") == window
    assert lines(form, "TE05", "tre") == {(PROVINCE,): (None, "bi_an")}
    fifth = {"special_groups": "04.1, 09.1", "born": dt.date(2008, 6, 16), "identity_number": "040208999901"}
    twice = [child(**fifth, entered_date=day) for day in window]  # one child, two records
    held(hub, "417", *harmed, *around, *twice)
    assert lines(filled(hub, "TE-Q", "2024-Q3"), "TE05", "tre") == {(PROVINCE,): ("5", "co_so_lieu")}


QUARTERS = {
    "2024-Q1": dt.date(2024, 2, 1),
    "2024-Q2": dt.date(2024, 5, 1),
    "2024-Q3": dt.date(2024, 8, 1),
    "2024-Q4": dt.date(2024, 11, 1),
}


def harm(hub: SmallHub, *of_quarters: int, hour: int = 9) -> tuple[list[tuple[str | None, str]], tuple[str | None, str]]:
    """What TE-Q of each quarter, and TE-N of the year, tell where so many children were harmed in each."""
    rows = [
        child(special_groups="11.1", entered_date=day)
        for day, children in zip(QUARTERS.values(), of_quarters, strict=True)
        for _ in range(children)
    ]
    held(hub, "417", *rows, when=at(f"2025-01-10 {hour:02d}:00"))
    for unit in DISTRICTS:
        sent(hub, unit, at(f"2025-01-10 {hour:02d}:00"), f"{hour} of {unit}")
    hub.read(AFTER)
    quarters = [lines(filled(hub, "TE-Q", p, AFTER), "TE05", "tre")[PROVINCE,] for p in QUARTERS]
    return quarters, lines(filled(hub, "TE-N", "2024", AFTER), "TE05", "tre")[PROVINCE,]


def test_the_year_does_not_give_away_a_quarter_that_is_hidden(hub: SmallHub) -> None:
    hidden = (None, "bi_an")
    assert harm(hub, 6, 7, 5, 8) == ([(str(n), "co_so_lieu") for n in (6, 7, 5, 8)], ("26", "co_so_lieu"))
    # Corrected: the year is hidden as soon as one of its quarters is, and told again with the last of them.
    assert harm(hub, 6, 7, 3, 8, hour=10)[1] == hidden
    assert harm(hub, 6, 7, 0, 8, hour=11) == ([("6", "co_so_lieu"), ("7", "co_so_lieu"), hidden, ("8", "co_so_lieu")], hidden)
    assert harm(hub, 4, 4, 6, 8, hour=12)[1] == hidden, "two of four each, of eight together"
    assert harm(hub, 6, 7, 6, 8, hour=13)[1] == ("27", "co_so_lieu")


def test_a_quarter_that_is_small_for_a_unit_that_is_not_in_hides_the_year_too(hub: SmallHub) -> None:
    """Of the quarter three were told without the unit, and six are held with it: the year without it would give the three away."""

    def of(children: int) -> list[dict[str, Any]]:
        return [child(special_groups="11.1", entered_date=day) for day in QUARTERS.values() for _ in range(children)]

    for unit in DISTRICTS:
        when = NOW if unit == "415" else at("2025-01-10 09:00")  # of the days after NOW it has said nothing
        hub.load(CHILDREN, "now", unit, of(3) if unit in ("415", "417") else [], when)
        sent(hub, unit, when, f"first of {unit}")
    hub.read(AFTER)
    form = filled(hub, "TE-N", "2024", AFTER)
    assert lines(form, "TE05", "tre")[PROVINCE,] == (None, "bi_an")


def of_groups(hub: SmallHub, in_both: int = 0, **groups: int) -> dict[str, str | None]:
    """What TE-H tells of the province: the total under `all`, and each group that is told. `in_both`: in the first two at once."""
    of_old = {"entered_date": dt.date(2020, 3, 1)}
    first, second = list(groups)[:2]
    rows = [child(special_groups=f"{g[1:]}.1", **of_old) for g, children in groups.items() for _ in range(children)]
    held(hub, "415", *rows, *(child(special_groups=f"{first[1:]}.1, {second[1:]}.1", **of_old) for _ in range(in_both)))
    found = {k: v[0] for k, v in lines(filled(hub, "TE-H", "2024-H1"), "TE02", "tre").items() if k[0] == PROVINCE}
    return {key[1] if len(key) == 2 else "all": value for key, value in found.items() if value is not None}


def test_the_total_does_not_give_away_the_group_that_is_hidden(hub: SmallHub) -> None:
    all_told = {f"g{n:02d}": 5 + n for n in range(1, 15)}
    assert of_groups(hub, **all_told).keys() == {"all", *(f"{n:02d}" for n in range(1, 15))}
    # One alone is hidden: the total less the others is it. The smallest of the others is hidden with it.
    assert of_groups(hub, **all_told | {"g09": 4}).keys() == {"all", *(f"{n:02d}" for n in range(2, 15) if n != 9)}
    # Who stands in two groups leaves less than nothing: the hidden one is not told by it.
    assert "01" in of_groups(hub, in_both=6, **all_told | {"g09": 4})
    # Of two that hold eight together each holds four; of two that hold four nobody knows which.
    assert "01" not in of_groups(hub, **all_told | {"g09": 4, "g10": 4})
    assert "01" in of_groups(hub, **all_told | {"g09": 4, "g10": 0})


def test_a_file_that_was_refused_says_nothing_of_the_days_since(hub: SmallHub) -> None:
    held(hub, "417", *(child(special_groups="09.1", entered_date=dt.date(2024, 10, 3)) for _ in range(6)))
    for unit in DISTRICTS:
        sent(hub, unit, NOW, f"first of {unit}")
    for unit in DISTRICTS:
        when = at("2024-12-17 09:00")
        sent(hub, unit, when, f"second of {unit}")
        hub.load(CHILDREN, "now", unit, [{}] * 6, when, "refused")
    hub.read(AFTER)
    form = filled(hub, "TE-Q", "2024-Q4", AFTER)
    assert lines(form, "TE05", "tre") == {(PROVINCE,): (None, "chua_bao_cao")}
    assert "bản nộp bị từ chối" in str(form.figures[0].note)


def test_a_register_of_files_speaks_until_its_senders_last_sent_them(hub: SmallHub) -> None:
    """The hub looks for files every night; who has sent none since the days that count has said nothing of them."""
    harmed = [child(special_groups="09.1", entered_date=dt.date(2024, 10, 3)) for _ in range(6)]
    held(hub, "417", *harmed)
    for unit in DISTRICTS:
        sent(hub, unit, NOW, f"first of {unit}")
    hub.read(AFTER)
    asked = filled(hub, "TE-Q", "2024-Q4", AFTER)
    assert lines(asked, "TE05", "tre") == {(PROVINCE,): (None, "chua_bao_cao")}
    assert "bản nhận ngày 20/11/2024 chưa gồm hết các ngày của kỳ báo cáo" in str(asked.figures[0].note)
    year = filled(hub, "TE-N", "2024", AFTER)
    (total,) = (f for f in year.figures if f.code == "TE01" and f.breakdown == (("don_vi", "417"),))
    assert (total.value, total.is_final) == (6, False) and "dùng bản nhận ngày 20/11/2024" in str(total.note)
    # The third quarter was over when they sent: it is settled.
    assert lines(filled(hub, "TE-Q", "2024-Q3", AFTER), "TE05", "tre") == {(PROVINCE,): (None, "bi_an")}
    assert all(c.is_settled for s in filled(hub, "TE-Q", "2024-Q3", AFTER).inputs for c in s.cells.values())

    # The same file once more moves no row, and says that they are all.
    before = inputs_fingerprint(filled(hub, "TE-Q", "2024-Q4", AFTER).inputs)
    for unit in DISTRICTS:
        sent(hub, unit, at("2024-12-17 09:00"), f"first of {unit}")
    said = filled(hub, "TE-Q", "2024-Q4", AFTER)
    assert lines(said, "TE05", "tre") == {(PROVINCE,): ("6", "co_so_lieu")}
    assert said.figures[0].is_final and inputs_fingerprint(said.inputs) != before

    # Of a district's communes the one that sent a file of its own answers for itself, until the district sends its file again.
    for unit in DISTRICTS:
        sent(hub, unit, at("2025-04-01 09:00"), f"first of {unit}")
    sent(hub, commune_of("417"), at("2025-01-02 09:00"), "of a commune")
    assert _current(hub)["417"] is False
    sent(hub, "417", at("2025-04-02 09:00"), "first of 417")
    assert _current(hub)["417"] and all(_current(hub).values())


def _current(hub: SmallHub) -> dict[str, bool]:
    """Unit -> whether it has said its register since the first quarter of 2025 was over."""
    later = at("2025-05-20 02:00")
    hub.read(later)
    return {u: c.is_current for s in filled(hub, "TE-Q", "2025-Q1", later).inputs for u, c in s.cells.items()}


def test_deaths_are_told_by_cause_of_the_province_alone(hub: SmallHub) -> None:
    dead = {"status_code": 3, "is_dead": True}
    days = [dt.date(2023, 12, 14), dt.date(2023, 12, 15), dt.date(2024, 12, 14), dt.date(2024, 12, 15)]
    held(
        hub,
        "417",
        *(child(**dead, death_date=day, death_cause_code=1) for day in days),
        *(child(**dead, death_date=days[1], death_cause_code=2, identity_number="040216999901") for _ in range(2)),
        *(child(**dead, death_date=days[1], death_cause_code=code) for code in (3, 4, None)),
        child(
            **dead, born=dt.date(2007, 12, 15), death_date=days[1], death_cause_code=1
        ),  # sixteen on that day: no child any more
        when=AFTER,
    )
    found = lines(filled(hub, "TE-N", "2024", AFTER), "TE06", "tre")
    assert found == {
        (PROVINCE,): ("3", "co_so_lieu"),
        (PROVINCE, "1"): ("2", "co_so_lieu"),
        (PROVINCE, "2"): ("1", "co_so_lieu"),
    }


def test_rehabilitation_is_told_by_its_form_of_the_province_alone(hub: SmallHub) -> None:
    nobody = dict.fromkeys((f"{item}_closing" for item in ("family", "community", "ordered", "aftercare", "relapsed")), 0)
    when = at("2024-07-03 02:00")
    for unit in DISTRICTS:
        rows = [
            {"commune_code": "16681"} | nobody | {"family_closing": 9, "ordered_closing": 3},
            {"commune_code": "16663"} | nobody,
            *(
                {"commune_code": code} | nobody | {f"{item}_closing": 1}
                for code, item in (("16669", "community"), ("16670", "ordered"), ("16672", "aftercare"))
            ),
        ]
        untold = {"commune_code": "16666"} | nobody | {"relapsed_closing": None}
        everybody = [
            {"commune_code": c.code} | nobody for c in units.communes_on(when.date()).values() if c.district_code == "416"
        ]
        hub.load(COMMUNES, "2024-06", unit, {"412": [*rows, untold], "416": everybody}.get(unit, []), when)
    hub.load(CENTRES, "2024-06", PROVINCE, [{"centre_ordered_closing": 310, "district": "412"}], when)
    # What was told of the month before is no part of it, nor is what was left blank then.
    of_may = [{"commune_code": code, "family_closing": 7} for code in ("16673", "16675")]
    hub.load(COMMUNES, "2024-05", "412", of_may, at("2024-06-03 02:00"))
    hub.load(CENTRES, "2024-05", PROVINCE, [{"centre_ordered_closing": 5, "district": "412"}], at("2024-06-03 02:00"))
    hub.read(when)
    form = filled(hub, "TN-H", "2024-H1", when)
    assert lines(form, "TN01", "nguoi") == {
        (PROVINCE, "1"): ("9", "co_so_lieu"),
        (PROVINCE, "2"): (None, "bi_an"),
        (PROVINCE, "3"): (None, "bi_an"),
        (PROVINCE, "4"): (None, "bi_an"),
        (PROVINCE, "5"): ("310", "co_so_lieu"),
    }
    free = lines(form, "TN02", "xa")
    assert free["412",] == ("1", "co_so_lieu")  # of whom an item is not told nothing is known
    assert free["416",] == ("12", "co_so_lieu") and free[PROVINCE,] == ("13", "co_so_lieu")
    assert free["415",] == ("0", "khong_phat_sinh")
    # Whoever sent nothing said that there is nothing; of 412 six of 25 communes did. TN01 does not add up the item that is not told,
    # and the centre tells one of two.
    lacking = "Biểu 01-BCN của xã, phường, thị trấn: chưa có dòng được nhận của 19 xã, nên số liệu chưa gồm các xã đó: Thành phố Vinh (19 xã)"
    assert [(f.code, f.kind, f.message.partition(";")[0]) for f in form.findings] == [
        ("TN01", "for_sender", lacking),
        ("TN01", "for_sender", "Biểu 02-BCN của cơ sở cai nghiện: 1 biểu để trống số cuối kỳ"),
        ("TN02", "for_sender", lacking),
        ("TN02", "for_sender", "Biểu 01-BCN của xã, phường, thị trấn: 1 biểu để trống số cuối kỳ"),
    ]
    assert form.is_final, "it is a figure of what was told, and the senders are asked"


def test_an_item_that_is_left_blank_is_told_whichever_it_is(hub: SmallHub) -> None:
    """One form lacks it alone, one lacks all: each form is told once, by the indicators that read the item."""
    of_communes, of_centres = ("family", "community", "ordered", "aftercare", "relapsed"), ("centre_voluntary", "centre_ordered")
    when = at("2024-07-03 02:00")

    def forms(items: tuple[str, ...]) -> list[dict[str, Any]]:
        whole = {f"{item}_closing": 5 for item in items}
        return [whole, *(whole | {f"{item}_closing": None} for item in items), dict.fromkeys(whole)]

    codes = [{"commune_code": c.code} for c in units.communes_on(when.date()).values() if c.district_code == "412"]
    of_vinh = [code | form for code, form in zip(codes, forms(of_communes), strict=False)]
    for unit in DISTRICTS:
        hub.load(COMMUNES, "2024-06", unit, of_vinh if unit == "412" else [], when)
    hub.load(CENTRES, "2024-06", PROVINCE, [form | {"district": "412"} for form in forms(of_centres)], when)
    hub.read(when)
    form = filled(hub, "TN-H", "2024-H1", when)
    blank = [(f.code, f.message.partition(": ")[2]) for f in form.findings if "để trống" in f.message]
    assert [(code, said.partition(" ")[0]) for code, said in blank] == [("TN01", "4"), ("TN01", "3"), ("TN02", "6")]
    # Told by five of the seven forms of communes, and by two of the four of the centres.
    figures = {key[1]: found[0] for key, found in lines(form, "TN01", "nguoi").items()}
    assert figures == {"1": "25", "2": "25", "3": "25", "4": "10", "5": "10"}
    assert lines(form, "TN02", "xa")["412",] == ("0", "khong_phat_sinh"), "five are there, or nobody knows"


def test_the_forms_of_social_evils_end_with_their_source() -> None:
    """The half-year that the source was closed in is never due, and no later one."""
    form, later = form_named("TN-H"), dt.date(2026, 11, 20)
    assert form.periods_due(later) == ["2024-H1", "2024-H2"]
    assert form.due_day("2024-H2") == dt.date(2025, 1, 3)  # the forms of December are due on the second
    assert calendar.started(dataset_named(COMMUNES), later)[-1] == "2025-02"
