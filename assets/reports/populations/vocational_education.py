"""Who enters vocational education and who leaves it with a certificate.

Enrolments are counted by what each list says is new in its month, so months add up to half-years and school years. Graduates go by
the day on which they were recognised.
"""

from assets.reports.populations.flows import flow, monthly

LAW = "TT 05/2021/TT-BLĐTBXH, Điều 20"

_LISTS = monthly("vocational_education_enrolments", "f.level_code::text as trinh_do, f.new_count, f.female_count")
# Where a line does not tell the women, or tells more women than people, the sex of its people is unknown.
ENROLLED = f"""
    select e.unit, e.trinh_do, s.gioi_tinh, s.people from ({_LISTS}) e cross join lateral (
        select '2' as gioi_tinh, e.female_count as people where e.female_count <= e.new_count
        union all select '1', e.new_count - e.female_count where e.female_count <= e.new_count
        union all select 'khong_ro', e.new_count where (e.female_count <= e.new_count) is not true) s"""

GRADUATES = flow(
    "vocational_education_graduates", "graduated_date", "f.level_code::text as trinh_do, f.graduate_count, f.employed_count"
)
