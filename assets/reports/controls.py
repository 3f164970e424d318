"""Controls that two or more indicators share. One of an indicator alone stands in its file, one between several in the form's."""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from assets.reports.dimensions import ETHNICITY, Dimension
from assets.reports.indicator import Control
from assets.reports.reconcile import Counted, Finding, by_unit, has_all, has_breakdown, of, percent, total
from schemas import calendar, units
from schemas.registry import dataset_named


def parts_reach_the_whole(*dimensions: Dimension) -> Control:
    """One person may hold several kinds and stands in each: no kind exceeds the whole, and together they reach it."""

    def control(counted: Counted, code: str) -> Iterator[Finding]:
        for dimension in dimensions:
            whole, parts = total(counted.figures, code), of(counted.figures, code, dimension.name)
            if whole is None or not parts:
                continue
            if max(parts) > whole:
                told = f"có một dòng theo {dimension.name} lớn hơn tổng số {whole:f}"
                yield Finding(code, told, "failed_control")
            if sum(parts) < whole:
                told = f"các dòng theo {dimension.name} cộng lại {sum(parts):f}, nhỏ hơn tổng số {whole:f}"
                yield Finding(code, told, "failed_control")

    return control


def moved_a_lot(counted: Counted, code: str) -> Iterator[Finding]:
    """A change of more than a fifth against the month before is to be explained."""
    now = total(counted.figures, code)
    then = counted.before[code].value if code in counted.before else None
    if now is not None and then and has_all(counted.figures, code) and abs(now - then) * 5 > then:
        told = f"thay đổi {percent(now - then, then)} so với tháng trước ({then:f} → {now:f}): cần thuyết minh"
        yield Finding(code, told, "to_explain")


def list_agrees_with_the_result(counted: Counted, code: str) -> Iterator[Finding]:
    """The review's list against the signed result, unit by unit: where they differ the sender is asked; the result stands."""
    figures, signed = counted.figures, by_unit(counted.figures, code)
    listed = {unit: sum(of(figures, code, ETHNICITY.name, unit)) for unit in signed if has_breakdown(figures, code, unit)}
    differing = [
        f"{counted.unit_name(u)} ({number:f} hộ so với {signed[u]:f})" for u, number in listed.items() if number != signed[u]
    ]
    if differing:
        told = (
            f"danh sách rà soát khác kết quả được công nhận ở {len(differing)} đơn vị, cộng lại {sum(listed.values()):f} hộ "
            f"so với {sum(signed[u] for u in listed):f}: {', '.join(differing)}"
        )
        yield Finding(code, told, "for_sender")


def every_commune_is_told(name: str) -> Control:
    """A control for a dataset with one row a commune: it names by unit how many communes have no accepted row.

    Their unit counts as in, and yet its figure lacks them.
    """

    def control(counted: Counted, code: str) -> Iterator[Finding]:
        dataset = dataset_named(name)
        period = counted.parameters["month" if dataset.kind == "monthly" else "year"]
        first, last = calendar.span(period)
        query = sa.text(f"select distinct unit_code, commune_code from core.{dataset.table} where period = :of")
        rows = counted.connection.execute(query, {"of": period}).all()
        became, sent = units.became(first, last), {unit for unit, _ in rows}
        told = {became.get(commune) for _, commune in rows}
        lacking = Counter(u for commune, u in units.placing(last, last).items() if u in sent and commune not in told)
        if lacking:
            of_units = ", ".join(f"{counted.unit_name(unit)} ({number} xã)" for unit, number in sorted(lacking.items()))
            message = (
                f"{dataset.title}: chưa có dòng được nhận của {lacking.total()} xã, nên số liệu chưa gồm các xã đó: {of_units}"
            )
            yield Finding(code, message, "for_sender")

    return control
