"""TE04: of the children in special circumstances, the part that is supported."""

import datetime as dt

from assets.reports.indicator import Rate
from assets.reports.measure import Query
from assets.reports.populations.children import LAW, SPECIAL
from assets.reports.populations.persons import DISTINCT

INDICATOR = Rate(
    code="TE04",
    title="Tỷ lệ trẻ em có hoàn cảnh đặc biệt được trợ giúp",
    measure="as_of",
    placed_by="first_of_month",
    numerator="Số trẻ khác nhau có hoàn cảnh đặc biệt được ghi hình thức trợ giúp vào ngày đầu của tháng báo cáo",
    denominator="Số trẻ khác nhau đang thuộc ít nhất một nhóm có hoàn cảnh đặc biệt vào ngày đầu của tháng báo cáo",
    datasets=("children.profiles",),
    query=Query(SPECIAL, f"{DISTINCT} filter (where is_supported)", DISTINCT),
    legal_basis=LAW,
    valid_from=dt.date(2017, 6, 1),
    confidence="proposal",
)
