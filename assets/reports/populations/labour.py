"""Workers of the yearly labour survey, and the labour force among them."""

from assets.reports.dimensions import UNCLEAR
from assets.reports.populations.areas import AREA

WORKERS = f"""
    select unit_code as unit, sex_code::text as gioi_tinh, {AREA} as khu_vuc,
        coalesce(employment_position_code::text, '{UNCLEAR}') as vi_the, activity_code, training_level_code
    from core.labour_employment_workers where period = :year"""

FORCE = "count(*) filter (where activity_code in (1, 2))"
