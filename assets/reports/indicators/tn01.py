"""TN01: people in rehabilitation, by its form. The province only, and no number that is a handful of people."""

import datetime as dt

from assets.reports.controls import every_commune_is_told
from assets.reports.dimensions import LEAST_TOLD
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.rehabilitation import (
    FORM_OF_REHABILITATION,
    IN_REHABILITATION,
    LAW,
    OF_CENTRES,
    OF_COMMUNES,
    every_form_tells,
)

COMMUNES, CENTRES = "social_evils_prevention.commune_forms", "social_evils_prevention.centre_forms"

INDICATOR = Indicator(
    code="TN01",
    unit="nguoi",
    title="Số người đang cai nghiện theo hình thức",
    measure="as_of",
    placed_by="period",
    counts="rows",
    numerator="Tổng số người cuối kỳ trong biểu 01-BCN của xã và 02-BCN của cơ sở cai nghiện, tháng cuối của kỳ báo cáo",
    datasets=(COMMUNES, CENTRES),
    query=Query(IN_REHABILITATION, "sum(people)"),
    split=FORM_OF_REHABILITATION,
    sum_rule="none",
    sum_reason="Chỉ có số toàn tỉnh",
    province_only=True,
    least=LEAST_TOLD,
    bounds=(
        Bound(
            upper=10_000,
            upper_of_unit=5_000,
            reason="Tỉnh có khoảng 3.700 người nghiện có hồ sơ; quá 10.000 người đang cai là gần gấp ba",
            confidence="proposal",
            valid_from=dt.date(2011, 1, 1),
        ),
    ),
    controls=(
        every_commune_is_told(COMMUNES),
        every_form_tells({COMMUNES: tuple(OF_COMMUNES), CENTRES: tuple(OF_CENTRES)}),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2011, 1, 1),
    confidence="proposal",
)
