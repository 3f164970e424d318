"""What dossiers, the steps of their handling and the papers that came of them must keep together."""

from schemas.dataset import SetRule
from schemas.rules.sets import core, key_rules, set_aside
from schemas.sources.administrative_procedures.rules import LAW, PAPER_LAW
from schemas.sources.administrative_procedures.states import RETURNED, waited

DOSSIERS = core("administrative_procedures.dossiers")
PROGRESS = core("administrative_procedures.progress")
PAPERS = core("administrative_procedures.result_papers")

finished_in_time = SetRule(
    name="finished_in_time",
    message="Hồ sơ xử lý xong sau thời điểm hẹn trả, đã trừ thời gian chờ người nộp bổ sung hồ sơ hoặc thực hiện nghĩa vụ tài chính. "
    "Kiểm tra lại các thời điểm; nếu đúng là quá hạn thì có văn bản xin lỗi và hẹn lại (NĐ 61/2018/NĐ-CP).",
    column="finished_at",
    legal=LAW,
    ref="H-02",
    weight="note",
    sql=f"""
        with late as materialized (
            select unit_code, row_key, dossier_id, finished_at, finished_at - appointed_at as by from {DOSSIERS}
            where period = :period and finished_at > appointed_at),
        pauses as ({waited(PROGRESS, "select dossier_id, finished_at from late")})
        select l.unit_code, l.row_key from late l left join pauses p using (dossier_id)
        where l.by > coalesce(p.waited, interval '0')""",
    needs=(PROGRESS,),
)

returned_with_a_paper = SetRule(
    name="returned_with_a_paper",
    message="Hồ sơ ghi đã trả kết quả nhưng không có giấy tờ kết quả hay văn bản từ chối nào. Gửi giấy tờ kết quả lên hệ thống, hoặc "
    "sửa lại trạng thái hồ sơ (NĐ 61/2018/NĐ-CP).",
    column="status_code",
    legal=LAW,
    ref="H-03",
    # A paper in quarantine was received: its own finding says what is wrong with it.
    sql=f"""
        with known as materialized (
            select dossier_id from {PAPERS}
            union all
            {set_aside("administrative_procedures.result_papers", "dossier_id")})
        select d.unit_code, d.row_key from {DOSSIERS} d
        where d.period = :period and d.status_code = {RETURNED}
            and not exists (select from known k where k.dossier_id = d.dossier_id)""",
    needs=(PAPERS,),
)

# The steps of dossiers that have one in the period, each with the step before it, in whatever period that stands.
_STEPS = f"""
    with moved as materialized (select distinct dossier_id from {PROGRESS} where period = :period),
    steps as (
        select unit_code, row_key, period, status_code, processed_at, step_number - lag(step_number) over before as further,
            lag(status_code) over before as from_code, lag(processed_at) over before as since
        from {PROGRESS} where dossier_id in (select dossier_id from moved)
        window before as (partition by dossier_id order by step_number))"""

state_may_follow = SetRule(
    name="state_may_follow",
    message="Trạng thái của bước không thể theo sau trạng thái của bước trước, chẳng hạn đã trả kết quả rồi lại đang xử lý. Kiểm tra lại "
    "tiến độ của hồ sơ (NĐ 61/2018/NĐ-CP).",
    column="status_code",
    legal=LAW,
    ref="H-04",
    # After a step that did not come, or was set aside, nobody can say what it followed.
    sql=f"""{_STEPS}
        select s.unit_code, s.row_key from steps s
        where s.period = :period and s.further = 1 and not exists (
            select from ref.administrative_procedures_transitions t
            where t.from_code = s.from_code and t.to_code = s.status_code
                and cast(s.processed_at at time zone 'Asia/Ho_Chi_Minh' as date) between t.valid_from and t.valid_to)""",
    across_periods=True,
)

steps_follow_in_time = SetRule(
    name="steps_follow_in_time",
    message="Bước sau của hồ sơ có thời điểm trước bước liền trước, nên không tính được thời gian chờ. Kiểm tra lại thứ tự và thời "
    "điểm của hai bước (NĐ 61/2018/NĐ-CP).",
    column="processed_at",
    legal=LAW,
    ref="H-04",
    sql=f"""{_STEPS}
        select unit_code, row_key from steps where period = :period and processed_at < since""",
    across_periods=True,
)

DOSSIER_SETS = (
    *key_rules(DOSSIERS, "dossier_id", LAW, key_holds_period=False),
    finished_in_time,
    returned_with_a_paper,
)
PROGRESS_SETS = (
    *key_rules(PROGRESS, "dossier_id", LAW, key_holds_period=False),
    state_may_follow,
    steps_follow_in_time,
)
PAPER_SETS = key_rules(PAPERS, "paper_id", PAPER_LAW, key_holds_period=False)
