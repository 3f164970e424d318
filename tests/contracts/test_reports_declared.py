"""Every declared indicator and form keeps what the reports ask of it; nobody opts in, a new file is covered by being there."""

import dataclasses
import datetime as dt
import itertools
import pkgutil
import re
import sys
import types
from pathlib import Path

import pytest

from assets.reports import dimensions as shared
from assets.reports import forms, indicators
from assets.reports.dimensions import Dimension
from assets.reports.discovery import discover, module_of
from assets.reports.form import Form
from assets.reports.forms import FORMS, form_named
from assets.reports.indicator import Indicator
from assets.reports.indicators import catalogue, named
from assets.reports.measure import Query
from assets.reports.parameters import parameters
from schemas import codes
from schemas.registry import dataset_named
from schemas.reports.measures import MEASURES, UNIT_TITLES
from schemas.reports.regimes import KINDS, regimes
from tests.contracts.test_declarations import LEGAL, has_marks, is_composed

DAY = dt.date.fromisoformat


def files(package: types.ModuleType) -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


every_line = pytest.mark.parametrize("line", catalogue(), ids=lambda i: f"{i.code}-{i.unit}-{i.valid_from}")
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda f: f.code)
# As it was filed under these names; a measure that is added is written as it is declared.
DECIMALS = {"nguoi": 0, "ho": 0, "quyet_dinh": 0, "phan_tram": 2, "trieu_dong": 3, "dong": 0}

every_dimension = pytest.mark.parametrize("name", sorted(indicators.dimensions()))


# --- indicators -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files(indicators))
def test_a_file_of_the_indicators_declares_the_indicator_of_its_name(name: str) -> None:
    assert indicators.found().unreadable.get(name) is None
    assert {module_of(line.code) for line in indicators.found().declared[name]} == {name}


@every_line
def test_an_indicator_is_declared_rightly(line: Indicator) -> None:
    assert line.faults() == []


@every_line
def test_an_indicator_is_described_and_cites_the_law(line: Indicator) -> None:
    for text in (line.title, line.numerator, *([line.denominator] if line.denominator else [])):
        assert has_marks(text) and is_composed(text) and text[0].isupper()
    assert LEGAL.search(line.legal_basis)
    assert line.unit in UNIT_TITLES
    assert (line.unit == "phan_tram") == line.is_rate
    assert line.sum_rule == "equal" or line.sum_reason
    assert line.decimals == DECIMALS.get(line.unit, MEASURES[line.unit].decimals)
    assert not (line.split and line.dimensions), "an indicator that means nothing without its split has no other lines"


@every_line
def test_an_indicator_reads_the_datasets_that_it_names(line: Indicator) -> None:
    """What the totals are counted from is read without the register or list behind the breakdowns."""
    totals = {f"core.{dataset_named(name).table}" for name in line.datasets}
    beside = {f"core.{dataset_named(name).table}" for name in line.also_reads}
    assert (line.query.denominator is not None) == line.is_rate
    assert (line.query.breakdowns is not None) == bool(line.also_reads)
    assert read_by(line.query) == totals
    if line.query.breakdowns:
        assert beside <= read_by(line.query.breakdowns) <= totals | beside


def read_by(query: Query) -> set[str]:
    return set(re.findall(r"\bcore\.\w+", query.base))


@every_line
def test_the_sql_of_an_indicator_names_its_dimensions_and_parameters_that_there_are(line: Indicator) -> None:
    given = set(parameters(form_named("AS-T"), "2024-10"))
    for query in filter(None, (line.query, line.query.breakdowns)):
        asked = set(re.findall(r"(?<!:):([a-z]\w*)", f"{query.base} {query.numerator} {query.denominator or ''}"))
        assert asked <= given, f"{line.code}: {sorted(asked - given)} is no parameter of assets/reports/parameters.py"
        assert "%" not in query.base
    by_dimension = line.query.breakdowns or line.query
    for dimension in filter(None, (*line.dimensions, line.split)):
        assert re.search(rf"\b{dimension.name}\b", by_dimension.base), f"{line.code}: its SQL selects no {dimension.name}"


@every_line
def test_an_indicator_has_a_bound_on_every_day_that_it_is_counted(line: Indicator) -> None:
    line.bound(line.valid_from)
    line.bound(line.valid_to or DAY("2030-12-31"))
    mine = sorted(line.bounds, key=lambda b: b.valid_from)
    for one, two in itertools.pairwise(mine):
        assert one.valid_to is not None and two.valid_from - one.valid_to == dt.timedelta(days=1)
    for bound in mine:
        assert bound.lower < bound.upper_of_unit <= bound.upper and bound.reason
        assert not line.is_rate or (bound.lower, bound.upper) == (0, 100)


def test_a_day_without_a_bound_is_loud() -> None:
    (line,) = named("NCC02")
    with pytest.raises(LookupError, match=r"NCC02.*assets/reports/indicators/ncc02\.py"):
        line.bound(DAY("2000-01-01"))


def test_dated_lines_of_an_indicator_do_not_overlap() -> None:
    by_line: dict[tuple[str, str], list[Indicator]] = {}
    for indicator in catalogue():
        by_line.setdefault((indicator.code, indicator.unit), []).append(indicator)
    for lines in by_line.values():
        for one, two in itertools.pairwise(lines):
            assert one.valid_to is not None and two.valid_from - one.valid_to == dt.timedelta(days=1)
    assert named("LD05", DAY("2026-03-14"))[0].legal_basis.endswith("74/2025/QH15")


# --- dimensions -------------------------------------------------------------------------------------------------------------


@every_dimension
def test_a_dimension_is_declared_once_and_has_values(name: str) -> None:
    holders = [line for line in catalogue() if name in {d.name for d in line.shown_by}]
    (declared,) = {d for line in holders for d in line.shown_by if d.name == name}
    assert declared.faults() == []
    assert has_marks(declared.title) and all(has_marks(title) for title in declared.values.values())
    if len({line.code for line in holders}) > 1:
        assert declared in vars(shared).values(), f"{name} is shared by indicators: it belongs to assets/reports/dimensions.py"


PROTECTED = {"nhom", "nhom_hcdb", "nguyen_nhan_tu_vong", "hinh_thuc_cai_nghien"}


def test_what_tells_a_protected_fact_is_protected_wherever_it_is_a_breakdown() -> None:
    """Groups of assistance and of children imply HIV, a disability or abuse; the forms of rehabilitation an addiction."""
    assert all(d.protected == (d.name in PROTECTED) for i in catalogue() for d in i.shown_by)
    assert all(d.protected for i in catalogue() for d in i.shown_by if codes.facts_of(d.code_list).tells == "never_released")


@every_line
def test_of_a_restricted_system_no_unit_has_a_line_by_anything_but_age_and_sex(line: Indicator) -> None:
    """And of whom it would harm to be counted there is no line of a unit at all."""
    if any(d.source.restricted for d in line.reads):
        shown = {d.name for d in line.shown_by if not (d.protected or line.province_only)}
        assert shown <= {"do_tuoi", "gioi_tinh"}
        assert line.province_only or not line.least


# --- forms ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", files(forms))
def test_a_file_of_the_forms_declares_the_form_of_its_name(name: str) -> None:
    assert forms.UNREADABLE.get(name) is None
    assert [module_of(form.code) for form in FORMS].count(name) == 1


@every_form
def test_a_form_is_declared_rightly(form: Form) -> None:
    assert form.faults == ()
    assert has_marks(form.title) and LEGAL.search(form.legal_basis)
    assert form.kind in KINDS
    assert len(set(form.indicator_codes)) == len(form.indicator_codes)
    assert form.regime is regimes()[form.regime_code]


@every_form
def test_a_form_has_a_due_day_for_every_period_that_has_begun(form: Form) -> None:
    for one, two in itertools.pairwise(sorted(form.due, key=lambda rule: rule.valid_from)):
        assert one.valid_to is not None and two.valid_from - one.valid_to == dt.timedelta(days=1)
    periods = form.started(DAY("2025-02-28"))
    assert periods
    for period in periods:
        assert form.window(period)[1] <= form.due_day(period) < form.locked_day(period)
        assert form.indicators(period), f"{form.code} {period} has no indicator in force"


# --- what is declared wrongly is named ----------------------------------------------------------------------------------------


(GOOD,) = named("HN01")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"datasets": ("poverty.castles",)}, "HN01: không có bộ dữ liệu poverty.castles"),
        ({"also_reads": ("poverty.castles",)}, "HN01: không có bộ dữ liệu poverty.castles"),
        ({"bounds": ()}, "HN01: không có khoảng hợp lý"),
        ({"bounds": (dataclasses.replace(GOOD.bounds[0], valid_to=DAY("2023-12-31")),)}, "cho ngày 01/01/2024"),
        ({"dimensions": (Dimension(name="mau_sac", title="Màu sắc"),)}, "mau_sac: chưa khai giá trị"),
        (
            {"dimensions": (Dimension(name="mau_sac", title="Màu sắc", code_list="colours"),)},
            "không có danh mục colours; thêm colours.csv",
        ),
        ({"split": Dimension(name="mau_sac", title="Màu sắc", values={"1": "Đỏ"}, always=("2",))}, "giá trị 2 không có tên"),
        ({"unit": "con"}, "không có đơn vị tính con; hiện có nguoi, ho, "),
        ({"unit": "con"}, "thêm ở schemas/reports/measures.py"),
        ({"denominator": "Tổng số hộ"}, "không cùng nói về một mẫu số"),
    ],
)
def test_an_indicator_that_is_declared_wrongly_is_named(wrong: dict, told: str) -> None:
    assert GOOD.faults() == []
    (fault,) = dataclasses.replace(GOOD, **wrong).faults()
    assert told in fault and fault.startswith("chỉ tiêu HN01: ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"indicator_codes": ("HN01", "HN99")}, "không có chỉ tiêu HN99"),
        ({"due": ()}, "chưa khai hạn gửi"),
        (
            {"due": (dataclasses.replace(form_named("AS-N").due[0], valid_to=DAY("2024-06-30")),)},
            "không có hạn gửi từ ngày 01/07/2024",
        ),
        ({"regime_code": "ND09.X"}, "không có chế độ báo cáo ND09.X; hiện có ND09.T, "),
        ({"regime_code": "ND09.X"}, "thêm ở schemas/reports/regimes.csv"),
        ({"regime_code": "ND09.T"}, "kỳ yearly khác kỳ monthly"),
    ],
)
def test_a_form_that_is_declared_wrongly_is_named_and_due_on_no_day(wrong: dict, told: str) -> None:
    good = form_named("AS-N")
    assert good.periods_due(DAY("2024-11-20")) == ["2023"]
    bad = dataclasses.replace(good, **wrong)
    assert [told in fault for fault in bad.faults] == [True]
    assert bad.periods_due(DAY("2024-11-20")) == []


def test_a_due_rule_after_a_list_that_there_is_not_is_named() -> None:
    good = form_named("AS-T")
    rule = dataclasses.replace(good.due[0], after_datasets=("poverty.castles",))
    assert "poverty.castles" in " ".join(dataclasses.replace(good, due=(rule,)).faults)


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_indicators"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "hn01.py").write_text("from assets.reports.indicators.hn01 import INDICATOR\n")
    (package / "hn02.py").write_text("from assets.reports.indicators.hn01 import INDICATOR\n")
    (package / "hn03.py").write_text("INDICATOR = Indicator(\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = discover(__import__("some_indicators"), Indicator)
    for name in [name for name in sys.modules if name.startswith("some_indicators")]:
        del sys.modules[name]
    assert list(found.declared) == ["hn01"]
    assert "HN02" in found.unreadable["hn02"] and "SyntaxError" in found.unreadable["hn03"]
