"""The profiles of persons with merit and the monthly payment list: fields, road, key, open tables."""

from pandera.typing import Series

from schemas.column import Flag, Table, Text, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons, Sum
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.sources.meritorious_persons.rules import AMOUNT_LAW, INJURY_LAW, MARTYR_LAW, PROFILE_RULES
from schemas.sources.meritorious_persons.set_rules import PAYMENT_SETS, PROFILE_SETS
from schemas.sources.meritorious_persons.source import SOURCE
from schemas.terms import AMOUNT, PAYMENT_WAY
from schemas.vocabulary import ENTITLED, RECEIVED, Banked, Decided, MonthlyPayment, Person


class HealthInsured(Table):
    """The health-insurance card as printed (QĐ 1351/QĐ-BHXH 2015: 15 characters; since 4/2021 the 10-digit number)."""

    health_insurance_card: Series[Text] = field(
        "so_the_bhyt",
        "Số thẻ bảo hiểm y tế",
        "Number of the health-insurance card, as printed",
        reader="compact_upper",
        legal="QĐ 1351/QĐ-BHXH năm 2015",
    )


class Profiles(Person, HealthInsured, Banked, Decided):
    profile_id: Series[Text] = field(
        "ma_ho_so_ncc", "Mã hồ sơ người có công", "Number of the file of a person with merit", nullable=False
    )
    category_code: Series[Text] = field(
        "loai_doi_tuong",
        "Loại đối tượng",
        "Category of merit, or of relatives of it",
        privacy="sensitive",
        codes="merit_category",
        nullable=False,
    )
    is_relative: Series[Flag] = field(
        "la_than_nhan",
        "Là thân nhân",
        "Whether the file is of a relative, not of the person with merit",
        privacy="public",
        nullable=False,
    )
    origin_profile_id: Series[Text] = field(
        "ma_ho_so_goc", "Mã hồ sơ gốc", "File of the person with merit whose relative this is"
    )
    relation_code: Series[Whole] = field(
        "quan_he", "Quan hệ với người có công", "Relation to the person with merit", privacy="internal", codes="merit_relation"
    )
    decision_authority: Series[Text] = field(
        "co_quan_quyet_dinh", "Cơ quan quyết định", "Authority that made the decision", privacy="internal"
    )
    injury_rate: Series[Whole] = field(
        "ty_le_ton_thuong",
        "Tỷ lệ tổn thương cơ thể",
        "Rate of bodily injury",
        privacy="sensitive",
        ge=0,
        le=100,
        unit="%",
        legal=INJURY_LAW,
    )
    injury_type: Series[Text] = field(
        "loai_thuong_tat", "Loại thương binh", "Kind of war invalid", privacy="sensitive", codes="injury_type"
    )
    martyr_count: Series[Whole] = field(
        "so_liet_si_than_nhan",
        "Số liệt sĩ của thân nhân",
        "Martyrs of whom this is a relative",
        privacy="internal",
        ge=1,
        plausible_le=15,
        unit="liệt sĩ",
        legal=MARTYR_LAW,
    )
    # Each rate of injury has an amount of its own: who reads the amount reads the rate.
    allowance_vnd: Series[Whole] = AMOUNT.field(
        "muc_tro_cap", "Mức trợ cấp hằng tháng", "Monthly allowance", privacy="sensitive", legal=AMOUNT_LAW
    )
    supplement_vnd: Series[Whole] = AMOUNT.field(
        "muc_phu_cap", "Mức phụ cấp hằng tháng", "Monthly supplement", privacy="sensitive", legal=AMOUNT_LAW
    )
    payment_way_code: Series[Whole] = PAYMENT_WAY.field()


class MonthlyPayments(MonthlyPayment):
    profile_id: Series[Text] = field("ma_ho_so_ncc", "Mã hồ sơ người có công", "File that is paid for", nullable=False)


PROFILES = Dataset(
    source=SOURCE,
    name="profiles",
    title="Hồ sơ người có công và thân nhân",
    model=Profiles,
    road=Sql("ncc_ho_so", BY_ROW_VERSION),
    each_row_is="một hồ sơ của một người theo một loại đối tượng",
    english="one file of one person in one category of merit",
    key=("profile_id",),
    kind="register",
    legal="Pháp lệnh 02/2020/UBTVQH14, Điều 3; NĐ 131/2021/NĐ-CP",
    commune_name="commune_name",
    person_key="identity_number",
    rules=PROFILE_RULES,
    set_rules=PROFILE_SETS,
    open_tables=(
        OpenTable(
            name="profiles_by_relative",
            title="Số hồ sơ đang hưởng trợ cấp ưu đãi hằng tháng: người có công, thân nhân",
            measure=Count(unit="hồ sơ", persons=Persons("identity_number")),
            by="is_relative",
            labels=(("false", "Người có công"), ("true", "Thân nhân")),
            where=ENTITLED,
            decision=OPEN_DATA_CATALOGUE,
            note="Hồ sơ hưởng vào ngày 01 của tháng, theo sổ đăng ký đọc trong tháng đó; tháng đã qua không tính lại.",
        ),
    ),
)

MONTHLY_PAYMENTS = Dataset(
    source=SOURCE,
    name="monthly_payments",
    title="Danh sách chi trả ưu đãi hằng tháng",
    model=MonthlyPayments,
    road=Sql("ncc_chi_tra", BY_ROW_VERSION),
    each_row_is="một khoản chi trả của một hồ sơ trong một tháng",
    english="one payment for one file in one month",
    key=("profile_id", "month"),
    kind="monthly",
    legal="NĐ 131/2021/NĐ-CP; NĐ 77/2024/NĐ-CP",
    first_period="2024-01",
    placed_by="month",
    is_payment_list=True,
    set_rules=PAYMENT_SETS,
    open_tables=(
        OpenTable(
            name="payments_by_way",
            title="Số khoản trợ cấp ưu đãi người có công đã nhận trong tháng theo hình thức chi trả",
            measure=Count(unit="khoản", persons=Persons("profile_id", register="profiles")),
            by="payment_way_code",
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
        ),
        OpenTable(
            name="amount_paid",
            title="Số tiền trợ cấp ưu đãi người có công đã nhận trong tháng",
            measure=Sum(amounts=("amount_vnd", "arrears_vnd"), persons=Persons("profile_id", register="profiles")),
            where=RECEIVED,
            decision=OPEN_DATA_CATALOGUE,
            note="Gồm cả truy lĩnh; chỉ có ở nơi có từ 10 người nhận trở lên.",
        ),
    ),
)

DATASETS = (PROFILES, MONTHLY_PAYMENTS)
