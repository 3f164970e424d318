"""What a row of each list of labour and employment is."""

from pandera.typing import Series

from schemas.column import Day, Text, TextForm, Whole, field
from schemas.terms import (
    AMOUNT,
    DAY,
    DECISION_NUMBER,
    IDENTITY_OR_OLD_CARD,
    NAME_AS_WRITTEN,
    PLACE_COUNT,
    SEX,
    TAX_CODE,
    TRAINING_LEVEL,
    UNEMPLOYMENT_INSURED,
    YEAR,
)
from schemas.vocabulary import MaybePlaced, Person, Placed

SIX_CODES = TextForm(r"^[1-6](,[1-6])*$", "các mã từ 1 đến 6, cách nhau bằng dấu phẩy")
FIVE_DIGITS = TextForm(r"^\d{1,5}$", "1 đến 5 chữ số")


class Workers(Person):
    form_id: Series[Text] = field(
        "ma_phieu", "Mã phiếu thu thập", "Number of the form on which the person was recorded", privacy="internal", nullable=False
    )
    collection_year: Series[Whole] = YEAR.field("nam_thu_thap", "Năm thu thập", "Year of the collection")
    priority_groups: Series[Text] = field(
        "doi_tuong_uu_tien",
        "Đối tượng ưu tiên",
        "Groups of priority that the person is in: disabled, poor, near-poor, minority, relative of a person with merit, without land",
        privacy="sensitive",
        never_released=True,
        form=SIX_CODES,
        listed_in="priority_group",
    )
    schooling_level_code: Series[Whole] = field(
        "trinh_do_gdpt",
        "Trình độ giáo dục phổ thông",
        "Highest level of general education",
        privacy="internal",
        codes="schooling_level",
    )
    training_level_code: Series[Whole] = TRAINING_LEVEL.field(nullable=False)
    speciality: Series[Text] = field(
        "chuyen_nganh", "Chuyên ngành đào tạo", "Subject of the training, in free words", privacy="internal"
    )
    activity_code: Series[Whole] = field(
        "tinh_trang_hdkt",
        "Tình trạng hoạt động kinh tế",
        "Whether the person works, is unemployed, or is outside the labour force",
        privacy="public",
        codes="activity_status",
        nullable=False,
    )
    employment_position_code: Series[Whole] = field(
        "vi_the_viec_lam",
        "Vị thế việc làm",
        "Position in employment: employer, own account, family worker, employee",
        privacy="public",
        codes="employment_position",
    )
    main_job: Series[Text] = field("cong_viec_chinh", "Công việc chính", "Main work, in free words", privacy="internal")
    occupation_code: Series[Text] = field(
        "ma_nghe", "Mã nghề", "Code of the occupation", privacy="internal", form=FIVE_DIGITS, legal="QĐ 34/2020/QĐ-TTg"
    )
    workplace: Series[Text] = field("noi_lam_viec", "Nơi làm việc", "Name and place of the workplace")
    workplace_kind_code: Series[Whole] = field(
        "loai_hinh_noi_lam_viec", "Loại hình nơi làm việc", "Kind of workplace", privacy="internal", codes="workplace_kind"
    )
    industry_code: Series[Text] = field(
        "ma_nganh_kinh_te",
        "Mã ngành kinh tế",
        "Section or division of economic activity of the workplace",
        privacy="internal",
        codes="industry",
    )
    social_insurance_code: Series[Whole] = field(
        "tham_gia_bhxh",
        "Tham gia bảo hiểm xã hội",
        "Whether the person has social insurance, compulsory or voluntary",
        privacy="internal",
        codes="social_insurance",
    )
    contract_code: Series[Whole] = field(
        "hop_dong_lao_dong", "Loại hợp đồng lao động", "Kind of labour contract", privacy="internal", codes="labour_contract"
    )
    unemployed_kind_code: Series[Whole] = field(
        "that_nghiep",
        "Người thất nghiệp",
        "Whether the unemployed person ever worked",
        privacy="internal",
        codes="unemployed_kind",
    )
    unemployed_time_code: Series[Whole] = field(
        "thoi_gian_that_nghiep",
        "Thời gian thất nghiệp",
        "How long the person has been unemployed",
        privacy="internal",
        codes="unemployed_time",
    )
    inactive_reason_code: Series[Whole] = field(
        "ly_do_khong_tham_gia",
        "Lý do không tham gia hoạt động kinh tế",
        "Why the person is outside the labour force",
        privacy="sensitive",
        never_released=True,
        codes="inactive_reason",
    )
    training_need: Series[Text] = field(
        "nhu_cau_dao_tao", "Nhu cầu đào tạo", "Training that the person wishes, in free words", privacy="internal"
    )
    job_need: Series[Text] = field(
        "nhu_cau_viec_lam", "Nhu cầu việc làm", "Work that the person wishes, in free words", privacy="internal"
    )
    collected_date: Series[Day] = DAY.field(
        "ngay_thu_thap", "Ngày thu thập", "Day on which the person was asked", privacy="internal", nullable=False
    )


class Employers(Placed):
    tax_code: Series[Text] = TAX_CODE.field()
    name: Series[Text] = field(
        "ten_don_vi", "Tên người sử dụng lao động", "Name of the employer", privacy="internal", nullable=False
    )
    kind_code: Series[Whole] = field(
        "loai_hinh", "Loại hình", "Kind of employer", privacy="public", codes="workplace_kind", nullable=False
    )
    industry_code: Series[Text] = field(
        "ma_nganh_kinh_te",
        "Mã ngành kinh tế",
        "Section or division of economic activity of the employer",
        privacy="public",
        codes="industry",
        nullable=False,
    )
    worker_count: Series[Whole] = field(
        "so_lao_dong", "Số lao động đang sử dụng", "People who work for the employer", privacy="internal", ge=0, unit="người"
    )


class Vacancies(Placed):
    vacancy_id: Series[Text] = field(
        "ma_nhu_cau", "Mã nhu cầu tuyển dụng", "Number of the vacancy", privacy="internal", nullable=False
    )
    registered_date: Series[Day] = DAY.field(
        "ngay_dang_ky",
        "Ngày đăng ký",
        "Day on which the vacancy was registered",
        privacy="internal",
        source_type="date",
        nullable=False,
    )
    tax_code: Series[Text] = TAX_CODE.field()
    occupation_group_code: Series[Text] = field(
        "nhom_nghe", "Nhóm nghề", "Major group of occupations", privacy="public", codes="occupation_group", nullable=False
    )
    place_count: Series[Whole] = PLACE_COUNT.field()
    female_place_count: Series[Whole] = PLACE_COUNT.field(
        "so_luong_nu", "Trong đó nữ", "Of these, places for women", nullable=True
    )
    training_level_code: Series[Whole] = TRAINING_LEVEL.field(
        title="Trình độ yêu cầu", english="Level of training that is asked for"
    )


class ForeignPermits(Placed):
    permit_number: Series[Text] = field("so_giay_phep", "Số giấy phép lao động", "Number of the work permit", nullable=False)
    full_name: Series[Text] = NAME_AS_WRITTEN.field("ho_ten", "Họ và tên", "Full name of the foreign worker", nullable=False)
    passport_number: Series[Text] = field(
        "so_ho_chieu", "Số hộ chiếu", "Number of the passport", reader="compact_upper", nullable=False
    )
    country_code: Series[Text] = field("quoc_tich", "Quốc tịch", "Nationality", codes="countries", nullable=False)
    sex_code: Series[Whole] = SEX.field()
    tax_code: Series[Text] = TAX_CODE.field(
        title="Mã số thuế đơn vị sử dụng", english="Tax code of the employer who holds the permit"
    )
    position_code: Series[Whole] = field(
        "vi_tri_cong_viec",
        "Vị trí công việc",
        "Kind of position that the permit is for",
        privacy="public",
        codes="foreign_position",
        nullable=False,
    )
    valid_from: Series[Day] = DAY.field("ngay_cap", "Ngày cấp", "Day of issue of the permit", privacy="internal", nullable=False)
    valid_until: Series[Day] = DAY.field(
        "ngay_het_han", "Ngày hết hạn", "Day of expiry of the permit", privacy="internal", nullable=False
    )


class OverseasWorkers(MaybePlaced):
    departure_id: Series[Text] = field(
        "ma_luot", "Mã lượt xuất cảnh", "Number of the departure", privacy="internal", nullable=False
    )
    identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field()
    passport_number: Series[Text] = field(
        "so_ho_chieu", "Số hộ chiếu", "Number of the passport", reader="compact_upper", nullable=False
    )
    country_code: Series[Text] = field(
        "nuoc_den", "Nước đến", "Country of destination", privacy="public", codes="countries", nullable=False
    )
    trade: Series[Text] = field("nganh_nghe", "Ngành nghề", "Trade, in free words", privacy="internal")
    sending_company: Series[Text] = field(
        "doanh_nghiep_phai_cu", "Doanh nghiệp phái cử", "Company that sends the worker abroad", privacy="internal"
    )
    departed_date: Series[Day] = DAY.field(
        "ngay_xuat_canh", "Ngày xuất cảnh", "Day of departure", privacy="internal", source_type="date", nullable=False
    )
    contract_months: Series[Whole] = field(
        "thoi_han_hop_dong",
        "Thời hạn hợp đồng",
        "Length of the contract",
        privacy="internal",
        ge=1,
        plausible_le=120,
        unit="tháng",
    )
    returned_date: Series[Day] = DAY.field("ngay_ve_nuoc", "Ngày về nước", "Day of return", privacy="internal")


class JobsCreated(MaybePlaced):
    job_id: Series[Text] = field(
        "ma_luot", "Mã lượt giải quyết việc làm", "Number of the job that was found", privacy="internal", nullable=False
    )
    identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field()
    channel_code: Series[Whole] = field(
        "kenh",
        "Kênh giải quyết việc làm",
        "Way by which the job was found: in the province, in another, abroad, by a loan",
        privacy="public",
        codes="job_channel",
        nullable=False,
    )
    started_date: Series[Day] = DAY.field(
        "ngay_bat_dau", "Ngày bắt đầu làm việc", "First day of work", privacy="internal", source_type="date", nullable=False
    )


class UnemploymentDecisions(MaybePlaced):
    decision_number: Series[Text] = DECISION_NUMBER.field(nullable=False)
    decision_date: Series[Day] = DAY.field(
        "ngay_quyet_dinh", "Ngày quyết định", "Day of the decision", privacy="internal", source_type="date", nullable=False
    )
    identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field()
    applied_date: Series[Day] = DAY.field(
        "ngay_nop", "Ngày nộp hồ sơ", "Day on which the benefit was applied for", privacy="internal"
    )
    paid_months: Series[Whole] = UNEMPLOYMENT_INSURED.field()
    average_wage_vnd: Series[Whole] = AMOUNT.field(
        "luong_binh_quan",
        "Lương bình quân 6 tháng cuối",
        "Average monthly wage of the last six months of insurance",
        privacy="personal",
        expected="money",
    )
    benefit_vnd: Series[Whole] = AMOUNT.field(
        "muc_huong", "Mức hưởng hằng tháng", "Monthly benefit", privacy="personal", nullable=False
    )
    benefit_months: Series[Whole] = field(
        "so_thang_huong",
        "Số tháng hưởng",
        "Months for which the benefit is paid",
        privacy="internal",
        nullable=False,
        ge=0,
        unit="tháng",
    )
    entitled_from: Series[Day] = DAY.field("ngay_huong", "Hưởng từ ngày", "First day of entitlement", privacy="internal")
    status_code: Series[Whole] = field(
        "trang_thai", "Trạng thái", "State of the benefit", privacy="internal", codes="benefit_status", nullable=False
    )
