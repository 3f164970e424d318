"""The seven lists of the employment service centre: what a row is, its fields, how it comes and what is opened of it."""

from pandera.typing import Series

from schemas.column import Day, Text, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.persons import PERSON_RULES, identity_sex_agrees
from schemas.sources.job_service.rules import FAIR_RULES, LAW, VACANCY_RULES
from schemas.sources.job_service.set_rules import CONSULTATION_SETS, REFERRAL_SETS, SEEKER_SETS, one_cell_a_key
from schemas.sources.job_service.source import SOURCE
from schemas.terms import AMOUNT, DAY, IDENTITY_OR_OLD_CARD, PLACE_COUNT, TAX_CODE, TRAINING_LEVEL, UNEMPLOYMENT_INSURED
from schemas.vocabulary import MaybePlaced, Person, Placed

CLAIM_LAW = "Luật Việc làm 38/2013/QH13, Điều 46; NĐ 28/2015/NĐ-CP"


class Seekers(Person):
    seeker_id: Series[Text] = field(
        "ma_nguoi_tim_viec",
        "Mã người tìm việc",
        "Number of the job seeker at the employment service centre",
        privacy="internal",
        nullable=False,
    )
    registered_date: Series[Day] = DAY.field(
        "ngay_dang_ky", "Ngày đăng ký tìm việc", "Day of registration as a job seeker", privacy="internal", nullable=False
    )
    training_level_code: Series[Whole] = TRAINING_LEVEL.field()
    wanted_job: Series[Text] = field(
        "cong_viec_mong_muon", "Công việc mong muốn", "Work that is looked for, in free words", privacy="internal"
    )
    wanted_wage_vnd: Series[Whole] = AMOUNT.field("muc_luong_mong_muon", "Mức lương mong muốn", "Monthly wage that is looked for")
    wanted_place: Series[Text] = field(
        "noi_lam_viec_mong_muon", "Nơi làm việc mong muốn", "Place of work that is looked for, in free words", privacy="internal"
    )


class Vacancies(Placed):
    vacancy_id: Series[Text] = field(
        "ma_viec", "Mã việc", "Number of the vacancy at the employment service centre", privacy="internal", nullable=False
    )
    registered_date: Series[Day] = DAY.field(
        "ngay_dang_ky",
        "Ngày đăng ký",
        "Day on which the vacancy was registered",
        privacy="internal",
        source_type="date",
        nullable=False,
    )
    deadline_date: Series[Day] = DAY.field("han_tuyen", "Hạn tuyển", "Last day for applications", privacy="internal")
    tax_code: Series[Text] = TAX_CODE.field()
    job_title: Series[Text] = field(
        "cong_viec", "Công việc", "Work that is offered, in free words", privacy="internal", nullable=False
    )
    training_level_code: Series[Whole] = TRAINING_LEVEL.field(
        title="Trình độ yêu cầu", english="Level of training that is asked for"
    )
    place_count: Series[Whole] = PLACE_COUNT.field(ge=0)
    wage_from_vnd: Series[Whole] = AMOUNT.field(
        "luong_tu", "Mức lương từ", "Lowest monthly wage that is offered", privacy="internal"
    )
    wage_to_vnd: Series[Whole] = AMOUNT.field(
        "luong_den", "Mức lương đến", "Highest monthly wage that is offered", privacy="internal"
    )


class Referrals(MaybePlaced):
    referral_id: Series[Text] = field(
        "ma_luot", "Mã lượt giới thiệu", "Number of the referral", privacy="internal", nullable=False
    )
    seeker_id: Series[Text] = field(
        "ma_nguoi_tim_viec", "Mã người tìm việc", "Number of the job seeker who was referred", privacy="internal", nullable=False
    )
    vacancy_id: Series[Text] = field(
        "ma_viec", "Mã việc", "Number of the vacancy that the job seeker was referred to", privacy="internal", nullable=False
    )
    referred_date: Series[Day] = DAY.field(
        "ngay_gioi_thieu", "Ngày giới thiệu", "Day of the referral", privacy="internal", source_type="date", nullable=False
    )
    result_code: Series[Whole] = field(
        "ket_qua", "Kết quả giới thiệu", "What came of the referral", privacy="public", codes="referral_result", nullable=False
    )


class Consultations(MaybePlaced):
    consultation_id: Series[Text] = field(
        "ma_luot", "Mã lượt tư vấn", "Number of the consultation", privacy="internal", nullable=False
    )
    seeker_id: Series[Text] = field(
        "ma_nguoi_tim_viec", "Mã người tìm việc", "Number of the job seeker who was advised", privacy="internal", nullable=False
    )
    consulted_date: Series[Day] = DAY.field(
        "ngay_tu_van", "Ngày tư vấn", "Day of the consultation", privacy="internal", source_type="date", nullable=False
    )
    topic_code: Series[Whole] = field(
        "noi_dung_tu_van",
        "Nội dung tư vấn",
        "Subject of the consultation",
        privacy="public",
        codes="consultation_topic",
        nullable=False,
    )


class JobFairs(Placed):
    fair_id: Series[Text] = field(
        "ma_phien", "Mã phiên giao dịch việc làm", "Number of the job fair", privacy="internal", nullable=False
    )
    held_date: Series[Day] = DAY.field(
        "ngay_to_chuc", "Ngày tổ chức", "Day on which the fair was held", privacy="internal", source_type="date", nullable=False
    )
    employer_count: Series[Whole] = field(
        "so_don_vi", "Số đơn vị tham gia", "Employers who took part", privacy="internal", ge=0, unit="đơn vị"
    )
    seeker_count: Series[Whole] = field(
        "so_nguoi_tim_viec",
        "Số người đến tìm việc",
        "People who came to look for work",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="người",
    )
    referred_count: Series[Whole] = field(
        "so_duoc_gioi_thieu",
        "Số người được giới thiệu",
        "People who were referred to an employer",
        privacy="internal",
        ge=0,
        unit="người",
    )
    hired_count: Series[Whole] = field(
        "so_nhan_viec", "Số người nhận việc", "People who were hired", privacy="internal", ge=0, unit="người"
    )


class UnemploymentClaims(MaybePlaced):
    claim_id: Series[Text] = field("ma_ho_so", "Mã hồ sơ", "Number of the claim", privacy="internal", nullable=False)
    identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field()
    applied_date: Series[Day] = DAY.field(
        "ngay_nop", "Ngày nộp hồ sơ", "Day on which the claim was made", privacy="internal", source_type="date", nullable=False
    )
    paid_months: Series[Whole] = UNEMPLOYMENT_INSURED.field()


class ShortCourses(Placed):
    course_id: Series[Text] = field("ma_lop", "Mã lớp", "Number of the course", privacy="internal", nullable=False)
    opened_date: Series[Day] = DAY.field(
        "ngay_khai_giang",
        "Ngày khai giảng",
        "Day on which the course began",
        privacy="internal",
        source_type="date",
        nullable=False,
    )
    trade: Series[Text] = field(
        "nghe_dao_tao", "Nghề đào tạo", "Trade that is taught, in free words", privacy="internal", nullable=False
    )
    learner_count: Series[Whole] = field(
        "so_hoc_vien", "Số học viên", "People who attend the course", privacy="internal", nullable=False, ge=0, unit="người"
    )


SEEKERS = Dataset(
    source=SOURCE,
    name="seekers",
    title="Người tìm việc",
    model=Seekers,
    road=Sql("dvvl_nguoi_tim_viec", BY_ROW_VERSION),
    each_row_is="một người đăng ký tìm việc tại trung tâm",
    english="one person registered as a job seeker at the centre",
    key=("seeker_id",),
    kind="register",
    legal=LAW,
    commune_name="commune_name",
    person_key="identity_number",
    rules=PERSON_RULES,
    set_rules=SEEKER_SETS,
)

VACANCIES = Dataset(
    source=SOURCE,
    name="vacancies",
    title="Việc tìm người",
    model=Vacancies,
    road=Sql("dvvl_viec_tim_nguoi", BY_ROW_VERSION),
    each_row_is="một công việc mà một đơn vị nhờ trung tâm tuyển người",
    english="one kind of work for which an employer asks the centre to find people",
    key=("vacancy_id",),
    kind="quarterly",
    legal=LAW,
    first_period="2023-Q4",
    placed_by="registered_date",
    commune_name="commune_name",
    by_province=True,
    rules=VACANCY_RULES,
    set_rules=one_cell_a_key("vacancies", "vacancy_id"),
    open_tables=(
        OpenTable(
            name="vacancies_by_training_level",
            title="Số chỗ việc làm nhờ trung tâm tuyển, theo trình độ yêu cầu",
            measure=Count(unit="chỗ", of="place_count"),
            by="training_level_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

REFERRALS = Dataset(
    source=SOURCE,
    name="referrals",
    title="Lượt giới thiệu việc làm",
    model=Referrals,
    road=Sql("dvvl_gioi_thieu", BY_ROW_VERSION),
    each_row_is="một lượt giới thiệu một người tìm việc đến một công việc",
    english="one referral of a job seeker to a vacancy",
    key=("referral_id",),
    kind="quarterly",
    legal=LAW,
    first_period="2023-Q4",
    placed_by="referred_date",
    by_province=True,
    set_rules=REFERRAL_SETS,
)

CONSULTATIONS = Dataset(
    source=SOURCE,
    name="consultations",
    title="Lượt tư vấn",
    model=Consultations,
    road=Sql("dvvl_tu_van", BY_ROW_VERSION),
    each_row_is="một lượt tư vấn cho một người tìm việc",
    english="one consultation of a job seeker",
    key=("consultation_id",),
    kind="quarterly",
    legal=LAW,
    first_period="2023-Q4",
    placed_by="consulted_date",
    by_province=True,
    set_rules=CONSULTATION_SETS,
    open_tables=(
        OpenTable(
            name="consultations_by_topic",
            title="Số lượt người được tư vấn theo nội dung",
            measure=Count(unit="lượt người", persons=Persons("seeker_id", register="seekers")),
            by="topic_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Đếm lượt: một người được tư vấn nhiều lần trong quý được tính nhiều lần.",
        ),
    ),
)

JOB_FAIRS = Dataset(
    source=SOURCE,
    name="job_fairs",
    title="Phiên giao dịch việc làm",
    model=JobFairs,
    road=Sql("dvvl_phien_gdvl", BY_ROW_VERSION),
    each_row_is="một phiên giao dịch việc làm",
    english="one job fair",
    key=("fair_id",),
    kind="quarterly",
    legal=LAW,
    first_period="2023-Q4",
    placed_by="held_date",
    commune_name="commune_name",
    by_province=True,
    rules=FAIR_RULES,
    set_rules=one_cell_a_key("job_fairs", "fair_id"),
)

UNEMPLOYMENT_CLAIMS = Dataset(
    source=SOURCE,
    name="unemployment_claims",
    title="Hồ sơ đề nghị hưởng trợ cấp thất nghiệp được tiếp nhận",
    model=UnemploymentClaims,
    road=Sql("dvvl_bhtn_tiep_nhan", BY_ROW_VERSION),
    each_row_is="một hồ sơ đề nghị hưởng trợ cấp thất nghiệp mà trung tâm đã tiếp nhận",
    english="one claim for unemployment benefit that the centre received",
    key=("claim_id",),
    kind="monthly",
    legal=CLAIM_LAW,
    first_period="2024-01",
    placed_by="applied_date",
    by_province=True,
    person_key="identity_number",
    rules=(identity_sex_agrees,),
    set_rules=one_cell_a_key("unemployment_claims", "claim_id"),
)

SHORT_COURSES = Dataset(
    source=SOURCE,
    name="short_courses",
    title="Lớp dạy nghề ngắn hạn",
    model=ShortCourses,
    road=Sql("dvvl_lop_day_nghe", BY_ROW_VERSION),
    each_row_is="một lớp dạy nghề ngắn hạn của trung tâm",
    english="one short vocational course of the centre",
    key=("course_id",),
    kind="quarterly",
    legal=LAW,
    first_period="2023-Q4",
    placed_by="opened_date",
    commune_name="commune_name",
    by_province=True,
    set_rules=one_cell_a_key("short_courses", "course_id"),
)

DATASETS = (SEEKERS, VACANCIES, REFERRALS, CONSULTATIONS, JOB_FAIRS, UNEMPLOYMENT_CLAIMS, SHORT_COURSES)
