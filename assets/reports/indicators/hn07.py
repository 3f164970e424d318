"""HN07: of the poor and near-poor households those that lack each of the twelve basic services, in a hundred."""

import datetime as dt

from assets.reports.dimensions import Dimension
from assets.reports.indicator import Rate
from assets.reports.measure import Query
from schemas.registry import dataset_named

NUMBERS = [f"{n:02d}" for n in range(1, 13)]
LACKS = [dataset_named("poverty.households").column(f"lacks_{number}") for number in NUMBERS]
TITLES = {number: lack.title.removeprefix("Thiếu hụt: ") for number, lack in zip(NUMBERS, LACKS, strict=True)}
INDEX = Dimension(name="chi_so", title="Chỉ số", values=TITLES, always=tuple(NUMBERS))

DEFICITS = f"""
    select unit_code as unit, lpad(lack.number::text, 2, '0') as chi_so, lack.lacks
    from core.poverty_households,
        unnest(array[{", ".join(lack.name for lack in LACKS)}]) with ordinality as lack (lacks, number)
    where period = :year and class_code in (1, 2)"""

INDICATOR = Rate(
    code="HN07",
    title="Tỷ lệ thiếu hụt theo từng chỉ số của hộ nghèo, hộ cận nghèo",
    measure="as_of",
    placed_by="period",
    numerator="Số hộ nghèo, hộ cận nghèo thiếu hụt chỉ số",
    denominator="Số hộ nghèo và hộ cận nghèo trong danh sách rà soát",
    datasets=("poverty.households",),
    query=Query(DEFICITS, "count(*) filter (where lacks)", "count(*)"),
    split=INDEX,
    legal_basis="NĐ 07/2021/NĐ-CP; TT 07/2021/TT-BLĐTBXH",
    valid_from=dt.date(2022, 1, 1),
    confidence="proposal",
)
