"""Poor and near-poor households: the signed result, and the list of the review.

Numbers of households and their rates come from the signed result, which alone knows all households and is what the province
answers for. The review's list gives what the result does not tell: breakdowns, changes, deficits. Where the two differ, the
sender is asked; the result stands.
"""

from assets.reports.dimensions import ETHNICITY, UNCLEAR
from assets.reports.indicator import Gap
from assets.reports.measure import Query
from assets.reports.populations.areas import AREA

RESULTS = f"""
    select unit_code as unit, {AREA} as khu_vuc, household_count, poor_count, near_poor_count
    from core.poverty_review_results where period = :year"""

HOUSEHOLDS = f"""
    select unit_code as unit, area_code::text as khu_vuc, coalesce(head_ethnicity_code, '{UNCLEAR}') as dan_toc,
        case is_without_labour when true then 'khong' when false then 'co' else '{UNCLEAR}' end as kha_nang_lao_dong, class_code
    from core.poverty_households where period = :year"""


def of_class(result: str, class_code: int) -> Query:
    """Households of a class: as many as the result says, broken down by the list."""
    listed = Query(HOUSEHOLDS, f"count(*) filter (where class_code = {class_code})")
    return Query(RESULTS, f"sum({result})", breakdowns=listed)


def rate(results: str) -> Query:
    """The share of households that the result counts so, of all households."""
    return Query(RESULTS, f"sum({results})", "sum(household_count)")


# The result knows all households, and of none the ethnicity.
NO_RATE_BY_ETHNICITY = Gap(ETHNICITY, "Nguồn không có tổng số hộ dân theo dân tộc nên không tính được tỷ lệ theo dân tộc")
