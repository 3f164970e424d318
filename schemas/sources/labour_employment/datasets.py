"""The seven lists of labour and employment: what a row is, its fields, how it comes and what is opened of it."""

from pandera.typing import Series

from schemas.dataset import Dataset, Day, Text, TextForm, Whole, field
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.employers import tax_code_check_digit
from schemas.rules.persons import identity_sex_agrees
from schemas.sources.labour_employment.rules import (
    BENEFIT_RULES,
    WORKER_RULES,
    permit_ends_after_it_begins,
    place_counts_are_possible,
    returned_after_departure,
)
from schemas.sources.labour_employment.set_rules import UNEMPLOYMENT_SETS, WORKER_SETS, one_cell_a_key
from schemas.sources.labour_employment.source import SOURCE
from schemas.vocabulary import TAX_CODE, TWELVE_DIGITS, MaybePlaced, Person, Placed

SIX_CODES = TextForm(r"^[1-6](,[1-6])*$", "các mã từ 1 đến 6, cách nhau bằng dấu phẩy")
FIVE_DIGITS = TextForm(r"^\d{1,5}$", "1 đến 5 chữ số")


class Workers(Person):
    form_id: Series[Text] = field("ma_phieu", "Mã phiếu thu thập", privacy="internal", nullable=False)
    collection_year: Series[Whole] = field(
        "nam_thu_thap", "Năm thu thập", privacy="public", source_type="smallint", nullable=False
    )
    priority_groups: Series[Text] = field("doi_tuong_uu_tien", "Đối tượng ưu tiên", privacy="sensitive", form=SIX_CODES)
    schooling_level_code: Series[Whole] = field(
        "trinh_do_gdpt", "Trình độ giáo dục phổ thông", privacy="internal", codes="schooling_level"
    )
    training_level_code: Series[Whole] = field(
        "trinh_do_cmkt", "Trình độ chuyên môn kỹ thuật", privacy="public", codes="training_level", nullable=False
    )
    speciality: Series[Text] = field("chuyen_nganh", "Chuyên ngành đào tạo", privacy="internal")
    activity_code: Series[Whole] = field(
        "tinh_trang_hdkt", "Tình trạng hoạt động kinh tế", privacy="public", codes="activity_status", nullable=False
    )
    employment_position_code: Series[Whole] = field(
        "vi_the_viec_lam", "Vị thế việc làm", privacy="public", codes="employment_position"
    )
    main_job: Series[Text] = field("cong_viec_chinh", "Công việc chính", privacy="internal")
    occupation_code: Series[Text] = field("ma_nghe", "Mã nghề", privacy="internal", form=FIVE_DIGITS)
    workplace: Series[Text] = field("noi_lam_viec", "Nơi làm việc")
    workplace_kind_code: Series[Whole] = field(
        "loai_hinh_noi_lam_viec", "Loại hình nơi làm việc", privacy="internal", codes="workplace_kind"
    )
    industry_code: Series[Text] = field("ma_nganh_kinh_te", "Mã ngành kinh tế", privacy="internal", codes="industry")
    social_insurance_code: Series[Whole] = field(
        "tham_gia_bhxh", "Tham gia bảo hiểm xã hội", privacy="internal", codes="social_insurance"
    )
    contract_code: Series[Whole] = field(
        "hop_dong_lao_dong", "Loại hợp đồng lao động", privacy="internal", codes="labour_contract"
    )
    unemployed_kind_code: Series[Whole] = field("that_nghiep", "Người thất nghiệp", privacy="internal", codes="unemployed_kind")
    unemployed_time_code: Series[Whole] = field(
        "thoi_gian_that_nghiep", "Thời gian thất nghiệp", privacy="internal", codes="unemployed_time"
    )
    inactive_reason_code: Series[Whole] = field(
        "ly_do_khong_tham_gia", "Lý do không tham gia hoạt động kinh tế", privacy="internal", codes="inactive_reason"
    )
    training_need: Series[Text] = field("nhu_cau_dao_tao", "Nhu cầu đào tạo", privacy="internal")
    job_need: Series[Text] = field("nhu_cau_viec_lam", "Nhu cầu việc làm", privacy="internal")
    collected_date: Series[Day] = field("ngay_thu_thap", "Ngày thu thập", privacy="internal", nullable=False)


class Employers(Placed):
    tax_code: Series[Text] = field("ma_so_thue", "Mã số thuế", privacy="internal", reader="digits", nullable=False, form=TAX_CODE)
    name: Series[Text] = field("ten_don_vi", "Tên người sử dụng lao động", privacy="internal", nullable=False)
    kind_code: Series[Whole] = field("loai_hinh", "Loại hình", privacy="public", codes="workplace_kind", nullable=False)
    industry_code: Series[Text] = field(
        "ma_nganh_kinh_te", "Mã ngành kinh tế", privacy="public", codes="industry", nullable=False
    )
    worker_count: Series[Whole] = field("so_lao_dong", "Số lao động đang sử dụng", privacy="internal", ge=0, unit="người")


class Vacancies(Placed):
    vacancy_id: Series[Text] = field("ma_nhu_cau", "Mã nhu cầu tuyển dụng", privacy="internal", nullable=False)
    registered_date: Series[Day] = field("ngay_dang_ky", "Ngày đăng ký", privacy="internal", source_type="date", nullable=False)
    tax_code: Series[Text] = field("ma_so_thue", "Mã số thuế", privacy="internal", reader="digits", nullable=False, form=TAX_CODE)
    occupation_group_code: Series[Text] = field(
        "nhom_nghe", "Nhóm nghề", privacy="public", codes="occupation_group", nullable=False
    )
    place_count: Series[Whole] = field("so_luong", "Số chỗ cần tuyển", privacy="internal", nullable=False, unit="chỗ")
    female_place_count: Series[Whole] = field("so_luong_nu", "Trong đó nữ", privacy="internal", unit="chỗ")
    training_level_code: Series[Whole] = field("trinh_do_cmkt", "Trình độ yêu cầu", privacy="public", codes="training_level")


class ForeignPermits(Placed):
    permit_number: Series[Text] = field("so_giay_phep", "Số giấy phép lao động", nullable=False)
    full_name: Series[Text] = field("ho_ten", "Họ và tên", reader="text", nullable=False)
    passport_number: Series[Text] = field("so_ho_chieu", "Số hộ chiếu", reader="compact_upper", nullable=False)
    country_code: Series[Text] = field("quoc_tich", "Quốc tịch", codes="countries", nullable=False)
    sex_code: Series[Whole] = field("gioi_tinh", "Giới tính", reader="sex", privacy="public", codes="sex", nullable=False)
    tax_code: Series[Text] = field(
        "ma_so_thue",
        "Mã số thuế đơn vị sử dụng",
        privacy="internal",
        reader="digits",
        nullable=False,
        form=TAX_CODE,
    )
    position_code: Series[Whole] = field(
        "vi_tri_cong_viec", "Vị trí công việc", privacy="public", codes="foreign_position", nullable=False
    )
    valid_from: Series[Day] = field("ngay_cap", "Ngày cấp", privacy="internal", nullable=False)
    valid_until: Series[Day] = field("ngay_het_han", "Ngày hết hạn", privacy="internal", nullable=False)


class OverseasWorkers(MaybePlaced):
    departure_id: Series[Text] = field("ma_luot", "Mã lượt xuất cảnh", privacy="internal", nullable=False)
    identity_number: Series[Text] = field("so_dinh_danh", "Số định danh cá nhân", reader="identity_number", form=TWELVE_DIGITS)
    passport_number: Series[Text] = field("so_ho_chieu", "Số hộ chiếu", reader="compact_upper", nullable=False)
    country_code: Series[Text] = field("nuoc_den", "Nước đến", privacy="public", codes="countries", nullable=False)
    trade: Series[Text] = field("nganh_nghe", "Ngành nghề", privacy="internal")
    sending_company: Series[Text] = field("doanh_nghiep_phai_cu", "Doanh nghiệp phái cử", privacy="internal")
    departed_date: Series[Day] = field("ngay_xuat_canh", "Ngày xuất cảnh", privacy="internal", source_type="date", nullable=False)
    contract_months: Series[Whole] = field(
        "thoi_han_hop_dong", "Thời hạn hợp đồng", privacy="internal", ge=1, le=120, unit="tháng"
    )
    returned_date: Series[Day] = field("ngay_ve_nuoc", "Ngày về nước", privacy="internal")


class JobsCreated(MaybePlaced):
    job_id: Series[Text] = field("ma_luot", "Mã lượt giải quyết việc làm", privacy="internal", nullable=False)
    identity_number: Series[Text] = field("so_dinh_danh", "Số định danh cá nhân", reader="identity_number", form=TWELVE_DIGITS)
    channel_code: Series[Whole] = field("kenh", "Kênh giải quyết việc làm", privacy="public", codes="job_channel", nullable=False)
    started_date: Series[Day] = field(
        "ngay_bat_dau", "Ngày bắt đầu làm việc", privacy="internal", source_type="date", nullable=False
    )


class UnemploymentDecisions(MaybePlaced):
    decision_number: Series[Text] = field("so_quyet_dinh", "Số quyết định", privacy="internal", nullable=False)
    decision_date: Series[Day] = field(
        "ngay_quyet_dinh", "Ngày quyết định", privacy="internal", source_type="date", nullable=False
    )
    identity_number: Series[Text] = field("so_dinh_danh", "Số định danh cá nhân", reader="identity_number", form=TWELVE_DIGITS)
    applied_date: Series[Day] = field("ngay_nop", "Ngày nộp hồ sơ", privacy="internal")
    paid_months: Series[Whole] = field(
        "so_thang_dong", "Số tháng đóng bảo hiểm thất nghiệp", privacy="internal", nullable=False, ge=0, unit="tháng"
    )
    average_wage_vnd: Series[Whole] = field(
        "luong_binh_quan",
        "Lương bình quân 6 tháng cuối",
        reader="amount_vnd",
        privacy="personal",
        nullable=False,
        ge=0,
        unit="đồng",
    )
    benefit_vnd: Series[Whole] = field(
        "muc_huong", "Mức hưởng hằng tháng", reader="amount_vnd", privacy="personal", nullable=False, ge=0, unit="đồng"
    )
    benefit_months: Series[Whole] = field(
        "so_thang_huong", "Số tháng hưởng", privacy="internal", nullable=False, ge=0, unit="tháng"
    )
    entitled_from: Series[Day] = field("ngay_huong", "Hưởng từ ngày", privacy="internal")
    status_code: Series[Whole] = field("trang_thai", "Trạng thái", privacy="internal", codes="benefit_status", nullable=False)


WORKERS = Dataset(
    source=SOURCE,
    name="workers",
    title="Người lao động (cung lao động)",
    model=Workers,
    road=Sql("ld_nguoi_lao_dong", BY_ROW_VERSION),
    each_row_is="một phiếu thu thập của một người từ 15 tuổi trong một năm",
    key=("form_id",),
    kind="yearly",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 01",
    first_period="2023",
    placed_by="collection_year",
    commune_name="commune_name",
    person_key="identity_number",
    rules=WORKER_RULES,
    set_rules=WORKER_SETS,
    open_tables=(
        OpenTable(
            name="workers_by_activity",
            title="Số người từ 15 tuổi theo tình trạng hoạt động kinh tế",
            measure=Count(unit="người", persons=Persons("identity_number")),
            by="activity_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Theo phiếu thu thập thông tin cung lao động của năm.",
        ),
        OpenTable(
            name="workers_by_training_level",
            title="Số người từ 15 tuổi theo trình độ chuyên môn kỹ thuật",
            measure=Count(unit="người", persons=Persons("identity_number")),
            by="training_level_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

EMPLOYERS = Dataset(
    source=SOURCE,
    name="employers",
    title="Người sử dụng lao động",
    model=Employers,
    road=Sql("ld_nguoi_su_dung_ld", BY_ROW_VERSION),
    each_row_is="một người sử dụng lao động",
    key=("tax_code",),
    kind="register",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 02",
    commune_name="commune_name",
    rules=(tax_code_check_digit,),
    set_rules=one_cell_a_key("employers", "tax_code", "TT 01/2022/TT-BLĐTBXH, Mẫu 02"),
)

VACANCIES = Dataset(
    source=SOURCE,
    name="vacancies",
    title="Nhu cầu tuyển dụng",
    model=Vacancies,
    road=Sql("ld_nhu_cau_tuyen_dung", BY_ROW_VERSION),
    each_row_is="một nhu cầu tuyển dụng của một đơn vị cho một nhóm nghề",
    key=("vacancy_id",),
    kind="quarterly",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 02",
    first_period="2024-Q1",
    placed_by="registered_date",
    commune_name="commune_name",
    rules=(place_counts_are_possible, tax_code_check_digit),
    set_rules=one_cell_a_key("vacancies", "vacancy_id", "TT 01/2022/TT-BLĐTBXH, Mẫu 02"),
    open_tables=(
        OpenTable(
            name="vacancies_by_occupation",
            title="Số chỗ cần tuyển theo nhóm nghề",
            measure=Count(unit="chỗ", of="place_count"),
            by="occupation_group_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

FOREIGN_PERMITS = Dataset(
    source=SOURCE,
    name="foreign_permits",
    title="Giấy phép lao động nước ngoài",
    model=ForeignPermits,
    road=Sql("ld_lao_dong_nuoc_ngoai", BY_ROW_VERSION),
    each_row_is="một giấy phép lao động của một người nước ngoài",
    key=("permit_number",),
    kind="register",
    legal="NĐ 152/2020/NĐ-CP; NĐ 70/2023/NĐ-CP",
    commune_name="commune_name",
    rules=(tax_code_check_digit, permit_ends_after_it_begins),
    set_rules=one_cell_a_key("foreign_permits", "permit_number", "NĐ 152/2020/NĐ-CP"),
)

OVERSEAS_WORKERS = Dataset(
    source=SOURCE,
    name="overseas_workers",
    title="Lao động đi làm việc ở nước ngoài",
    model=OverseasWorkers,
    road=Sql("ld_xkld", BY_ROW_VERSION),
    each_row_is="một lượt xuất cảnh theo hợp đồng",
    key=("departure_id",),
    kind="monthly",
    legal="Luật 69/2020/QH14; NĐ 112/2021/NĐ-CP",
    first_period="2024-01",
    placed_by="departed_date",
    by_province=True,
    person_key="identity_number",
    rules=(identity_sex_agrees, returned_after_departure),
    set_rules=one_cell_a_key("overseas_workers", "departure_id", "Luật 69/2020/QH14"),
)

JOBS_CREATED = Dataset(
    source=SOURCE,
    name="jobs_created",
    title="Giải quyết việc làm",
    model=JobsCreated,
    road=Sql("ld_giai_quyet_viec_lam", BY_ROW_VERSION),
    each_row_is="một lượt người được giải quyết việc làm",
    key=("job_id",),
    kind="monthly",
    legal="Luật Việc làm 38/2013/QH13",
    first_period="2024-01",
    placed_by="started_date",
    by_province=True,
    person_key="identity_number",
    rules=(identity_sex_agrees,),
    set_rules=one_cell_a_key("jobs_created", "job_id", "Luật Việc làm 38/2013/QH13"),
    open_tables=(
        OpenTable(
            name="jobs_created_by_channel",
            title="Số lượt người được giải quyết việc làm theo kênh",
            measure=Count(unit="lượt người", persons=Persons("identity_number")),
            by="channel_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Theo huyện nơi thường trú của người lao động; người không ghi nơi thường trú thuộc dòng chưa xác định.",
        ),
    ),
)

UNEMPLOYMENT_DECISIONS = Dataset(
    source=SOURCE,
    name="unemployment_decisions",
    title="Quyết định hưởng trợ cấp thất nghiệp",
    model=UnemploymentDecisions,
    road=Sql("bhtn_quyet_dinh", BY_ROW_VERSION),
    each_row_is="một quyết định hưởng trợ cấp thất nghiệp",
    key=("decision_number",),
    kind="monthly",
    legal="Luật Việc làm 38/2013/QH13, Điều 50; NĐ 28/2015/NĐ-CP",
    first_period="2024-01",
    placed_by="decision_date",
    by_province=True,
    person_key="identity_number",
    rules=BENEFIT_RULES,
    set_rules=UNEMPLOYMENT_SETS,
)

DATASETS = (
    WORKERS,
    EMPLOYERS,
    VACANCIES,
    FOREIGN_PERMITS,
    OVERSEAS_WORKERS,
    JOBS_CREATED,
    UNEMPLOYMENT_DECISIONS,
)
