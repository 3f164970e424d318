"""AS-N: how each figure of the yearly form is counted.

Numbers of households and their rates come from the signed result, which alone knows all households and is what the province
answers for. The review's list gives what the result does not tell: breakdowns, changes, deficits. Where the two differ, the
sender is asked; the result stands.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assets.reports.figures import UNIT, Figure
from assets.reports.measure import UNCLEAR, Query
from assets.reports.reconcile import Finding, by_unit, has_breakdown, of, total
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.reports import as_n
from schemas.reports.registry import Form

FORM: Form = as_n.FORM

HOUSEHOLDS = f"""
    select unit_code as unit, area_code::text as khu_vuc, coalesce(head_ethnicity_code, '{UNCLEAR}') as dan_toc, class_code
    from core.poverty_households where period = :year"""

# The signed result has no column for the area: it follows from the kind of commune (phường and thị trấn are urban).
_AREA = """case when commune_code = any(:urban) then '1' when commune_code = any(:rural) then '2' else 'khong_ro' end"""

RESULTS = f"""
    select unit_code as unit, {_AREA} as khu_vuc, household_count, poor_count, near_poor_count
    from core.poverty_review_results where period = :year"""

# Left poverty: poor last year and not now. The two others by the reason of the change. The yearly review only.
CHANGES = """
    select unit_code as unit, 'thoat_ngheo' as bien_dong from core.poverty_households
        where period = :year and previous_class_code = 1 and class_code <> 1
    union all
    select unit_code, 'tai_ngheo' from core.poverty_households where period = :year and change_reason_code = 1
    union all
    select unit_code, 'phat_sinh' from core.poverty_households where period = :year and change_reason_code = 2"""

DEFICITS = f"""
    select unit_code as unit, lpad(lack.number::text, 2, '0') as chi_so, lack.lacks
    from core.poverty_households,
        unnest(array[{", ".join(f"lacks_{n:02d}" for n in range(1, 13))}]) with ordinality as lack (lacks, number)
    where period = :year and class_code in (1, 2)"""

WORKERS = f"""
    select unit_code as unit, sex_code::text as gioi_tinh, {_AREA} as khu_vuc,
        coalesce(employment_position_code::text, '{UNCLEAR}') as vi_the, activity_code, training_level_code
    from core.labour_employment_workers where period = :year"""
EMPLOYED = f"select * from ({WORKERS}) workers where activity_code = 1"

FORCE = "count(*) filter (where activity_code in (1, 2))"

QUERIES: dict[tuple[str, str], Query] = {
    ("HN01", "ho"): Query(RESULTS, "sum(poor_count)", breakdowns=Query(HOUSEHOLDS, "count(*) filter (where class_code = 1)")),
    ("HN02", "phan_tram"): Query(RESULTS, "sum(poor_count)", "sum(household_count)"),
    ("HN03", "ho"): Query(
        RESULTS, "sum(near_poor_count)", breakdowns=Query(HOUSEHOLDS, "count(*) filter (where class_code = 2)")
    ),
    ("HN04", "phan_tram"): Query(RESULTS, "sum(near_poor_count)", "sum(household_count)"),
    ("HN05", "phan_tram"): Query(RESULTS, "sum(poor_count + near_poor_count)", "sum(household_count)"),
    ("HN06", "ho"): Query(CHANGES, "count(*)"),
    ("HN07", "phan_tram"): Query(DEFICITS, "count(*) filter (where lacks)", "count(*)"),
    ("LD01", "nguoi"): Query(WORKERS, FORCE),
    ("LD02", "nguoi"): Query(EMPLOYED, "count(*)"),
    ("LD03", "phan_tram"): Query(WORKERS, "count(*) filter (where activity_code = 2)", FORCE),
    ("LD04", "phan_tram"): Query(
        WORKERS, "count(*) filter (where activity_code in (1, 2) and training_level_code between 4 and 8)", FORCE
    ),
}


def parameters(period: str) -> dict[str, Any]:
    year = calendar.period_of("yearly", FORM.window(period)[1])
    first, last = calendar.span(year)
    # A code may be of the set in force at the year's end or, collected earlier, of the one before it.
    kinds = {c.code: c.kind for c in units.communes_on(first).values()} | {
        c.code: c.kind for c in units.communes_on(last).values()
    }
    return {
        "year": year,
        "urban": [code for code, kind in kinds.items() if kind != "xã"],
        "rural": [code for code, kind in kinds.items() if kind == "xã"],
    }


def structural_gaps() -> list[Figure]:
    """What these sources cannot feed, said aloud."""
    return [
        Figure(
            code,
            "phan_tram",
            ((UNIT, PROVINCE), ("dan_toc", "tat_ca")),
            None,
            "chua_bao_cao",
            True,
            "Nguồn không có tổng số hộ dân theo dân tộc nên không tính được tỷ lệ theo dân tộc",
        )
        for code in ("HN02", "HN04")
    ]


def controls(_: sa.Connection, period: str, figures: Sequence[Figure], before: Mapping[str, Figure]) -> list[Finding]:
    """What the figures must keep among themselves."""
    found = []
    force, employed = by_unit(figures, "LD01"), by_unit(figures, "LD02")
    for unit, number in employed.items():
        if unit in force and number > force[unit]:
            told = f"{_name(unit, period)}: {number:f} người có việc làm, lớn hơn lực lượng lao động {force[unit]:f}"
            found.append(Finding("LD02", told, "failed_control"))
    poor, near, both = (total(figures, code) for code in ("HN02", "HN04", "HN05"))
    # Each is rounded by itself: two hundredths at most may lie between the sum and its parts.
    if poor is not None and near is not None and both is not None and abs(poor + near - both) > ROUNDING:
        found.append(Finding("HN05", f"{both:f} % khác tổng HN02 + HN04 = {poor + near:f} %", "failed_control"))
    for code in ("HN01", "HN03"):
        signed = by_unit(figures, code)
        listed = {unit: sum(of(figures, code, "dan_toc", unit)) for unit in signed if has_breakdown(figures, code, unit)}
        differing = [
            f"{_name(u, period)} ({number:f} hộ so với {signed[u]:f})" for u, number in listed.items() if number != signed[u]
        ]
        if differing:
            told = (
                f"danh sách rà soát khác kết quả được công nhận ở {len(differing)} đơn vị, cộng lại {sum(listed.values()):f} hộ "
                f"so với {sum(signed[u] for u in listed):f}: {', '.join(differing)}"
            )
            found.append(Finding(code, told, "for_sender"))
    return found


def _name(unit: str, period: str) -> str:
    return units.unit_name(unit, FORM.window(period)[1]) or unit


ROUNDING = Decimal("0.02")
