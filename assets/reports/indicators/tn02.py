"""TN02: communes of which no form tells of anybody in rehabilitation, after it, or relapsed."""

import datetime as dt

from assets.reports.controls import every_commune_is_told
from assets.reports.indicator import Bound, Indicator
from assets.reports.measure import Query
from assets.reports.populations.rehabilitation import COMMUNES, LAW, OF_EVIL, every_form_tells

FORMS = "social_evils_prevention.commune_forms"

INDICATOR = Indicator(
    code="TN02",
    unit="xa",
    title="Số xã không có tệ nạn ma túy",
    measure="as_of",
    placed_by="period",
    counts="rows",
    numerator="Số xã, phường, thị trấn mà biểu 01-BCN tháng cuối kỳ ghi không có người cai nghiện, quản lý sau cai, tái nghiện",
    datasets=(FORMS,),
    query=Query(COMMUNES, "count(*) filter (where is_free)"),
    bounds=(
        Bound(
            upper=460,
            upper_of_unit=60,
            reason="Tỉnh có 460 xã, phường, thị trấn trước ngày 01/12/2024; không huyện nào có quá 60",
            confidence="sure",
            valid_from=dt.date(2011, 1, 1),
        ),
    ),
    controls=(
        every_commune_is_told(FORMS),
        every_form_tells({FORMS: OF_EVIL}),
    ),
    legal_basis=LAW,
    valid_from=dt.date(2011, 1, 1),
    confidence="proposal",
)
