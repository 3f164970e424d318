"""What establishments, enrolments and graduates must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import core, key_rules, set_aside
from schemas.sources.vocational_education.rules import LAW

INSTITUTIONS = core("vocational_education.institutions")
ENROLMENTS = core("vocational_education.enrolments")
GRADUATES = core("vocational_education.graduates")
TEACHING_LAW = "Luật Giáo dục nghề nghiệp 74/2014/QH13, Điều 5, Điều 19"

enrolment_never_falls = SetRule(
    name="enrolment_never_falls",
    message="Số tuyển sinh lũy kế thấp hơn số lũy kế của một tháng trước trong cùng năm học. Kiểm tra lại số lũy kế của hai tháng (TT "
    "05/2021/TT-BLĐTBXH, Điều 20).",
    column="cumulative_count",
    legal=LAW,
    ref="G-01",
    sql=f"""
        with earlier as (
            select institution_id, occupation_code, level_code, school_year, max(cumulative_count) as reached
            from {ENROLMENTS} where period < :period group by 1, 2, 3, 4)
        select n.unit_code, n.row_key
        from {ENROLMENTS} n join earlier e using (institution_id, occupation_code, level_code, school_year)
        where n.period = :period and n.cumulative_count < e.reached""",
    across_periods=True,
)


def _level_fits_the_institution(table: str) -> SetRule:
    return SetRule(
        name="level_fits_the_institution",
        message="Trình độ đào tạo không thuộc loại hình của cơ sở: trung tâm không đào tạo trung cấp, cao đẳng, trường trung cấp không "
        "đào tạo cao đẳng. Kiểm tra lại trình độ và loại hình cơ sở (Luật Giáo dục nghề nghiệp 74/2014/QH13, Điều 5, Điều 19).",
        column="level_code",
        legal=TEACHING_LAW,
        ref="G-04",
        # An establishment that stands twice is fine where it may teach the level by one of its lines.
        sql=f"""
            with taught as (
                select i.institution_id, l.level_code from {INSTITUTIONS} i
                left join ref.vocational_education_levels_by_type l on l.institution_type_code = i.institution_type_code
                    and cast(:last_day as date) between l.valid_from and l.valid_to)
            select r.unit_code, r.row_key from {table} r
            where r.period = :period and exists (select from taught t where t.institution_id = r.institution_id)
                and not exists (
                    select from taught t where t.institution_id = r.institution_id and t.level_code = r.level_code)""",
        needs=(INSTITUTIONS,),
    )


def _institution_is_registered(table: str) -> SetRule:
    return SetRule(
        name="institution_is_registered",
        message="Mã cơ sở không có trong danh sách cơ sở giáo dục nghề nghiệp, nên không biết cơ sở được đào tạo trình độ nào. Kiểm tra "
        "lại mã hoặc bổ sung cơ sở (Luật Giáo dục nghề nghiệp 74/2014/QH13, Điều 5, Điều 19).",
        column="institution_id",
        legal=TEACHING_LAW,
        ref="G-04",
        # What quarantine holds was received, so nobody has to add it.
        sql=f"""
            with known as (
                select institution_id from {INSTITUTIONS}
                union all
                {set_aside("vocational_education.institutions", "institution_id")})
            select r.unit_code, r.row_key from {table} r
            where r.period = :period and not exists (select from known k where k.institution_id = r.institution_id)""",
        needs=(INSTITUTIONS,),
    )


def _of_institutions(table: str) -> tuple[SetRule, SetRule]:
    return _level_fits_the_institution(table), _institution_is_registered(table)


INSTITUTION_SETS = key_rules(INSTITUTIONS, "institution_id", LAW, key_holds_period=False)
ENROLMENT_SETS: tuple[SetRule, ...] = (
    *key_rules(ENROLMENTS, "institution_id", LAW, key_holds_period=True),
    enrolment_never_falls,
    *_of_institutions(ENROLMENTS),
)
GRADUATE_SETS: tuple[SetRule, ...] = (
    *key_rules(GRADUATES, "institution_id", LAW, key_holds_period=True),
    *_of_institutions(GRADUATES),
)
