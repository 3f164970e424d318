"""The register of children: what a row is, its fields, how it comes, what is opened.

One living list, not one a year: a child stays in it from birth to the sixteenth birthday, enters a group on a day and leaves it on one,
and each figure is asked for as of a day or between two. A list a year would send a million unchanged rows every year, and the children
who were harmed in a quarter would be known when the year is over.
"""

from pandera.typing import Series

from schemas.column import Day, Flag, Text, TextForm, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Condition, Count, OpenTable, Persons
from schemas.roads import Drop
from schemas.sources.children.rules import DEATH_LAW, GROUP_LAW, PROFILE_RULES, SUBGROUPS
from schemas.sources.children.set_rules import PROFILE_SETS
from schemas.sources.children.source import SOURCE
from schemas.terms import DAY, HEALTH_INSURED, HOUSEHOLD_ID, IDENTITY_OR_OLD_CARD, PERSON_NAME, RECORD_STATUS
from schemas.vocabulary import Person

SPECIAL = TextForm(f"^{SUBGROUPS.pattern}$", "các mã nhóm dạng 01.2, cách nhau bằng dấu phẩy")
RISKS = TextForm(r"^\d(, ?\d)*$", "các mã một chữ số, cách nhau bằng dấu phẩy")
# Who died or moved away is in no open figure; who turned sixteen is out by the age alone, whatever the record says.
CHILDREN = Condition("children_on_first_day", "status_code in (1, 2, 5)", younger_than=16)


class Profiles(Person):
    child_id: Series[Text] = field("ma_tre_em", "Mã trẻ em", "Number of the child in the ministry's software", nullable=False)
    birth_certificate: Series[Text] = field(
        "so_giay_khai_sinh",
        "Số giấy khai sinh",
        "Number of the birth certificate",
        reader="text",
        legal="Luật Hộ tịch 60/2014/QH13",
    )
    father_name: Series[Text] = PERSON_NAME.field("ho_ten_cha", "Họ và tên cha", "Full name of the father")
    mother_name: Series[Text] = PERSON_NAME.field("ho_ten_me", "Họ và tên mẹ", "Full name of the mother")
    father_identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field(
        "so_dinh_danh_cha", "Số định danh của cha", "Personal identity number of the father"
    )
    mother_identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field(
        "so_dinh_danh_me", "Số định danh của mẹ", "Personal identity number of the mother"
    )
    caregiver_name: Series[Text] = PERSON_NAME.field(
        "nguoi_cham_soc", "Người chăm sóc", "Full name of the person who looks after the child"
    )
    household_id: Series[Text] = HOUSEHOLD_ID.field()
    has_birth_certificate: Series[Flag] = field(
        "co_khai_sinh", "Có khai sinh", "Whether the birth is registered", privacy="internal"
    )
    has_health_insurance: Series[Flag] = HEALTH_INSURED.field()
    schooling_code: Series[Whole] = field(
        "tinh_trang_hoc", "Tình trạng học", "Which school the child attends, if any", privacy="internal", codes="child_schooling"
    )
    # Abuse, trafficking, HIV, disability stand in it as codes.
    special_groups: Series[Text] = field(
        "nhom_hcdb",
        "Nhóm trẻ em có hoàn cảnh đặc biệt",
        "Groups of children in special circumstances that the child is in",
        privacy="sensitive",
        never_released=True,
        form=SPECIAL,
        listed_in="special_child_subgroup",
    )
    entered_date: Series[Day] = DAY.field(
        "ngay_vao_nhom", "Ngày vào nhóm", "Day on which the child entered the group", privacy="sensitive", never_released=True
    )
    left_date: Series[Day] = DAY.field(
        "ngay_ra_nhom", "Ngày ra nhóm", "Day on which the child left the group", privacy="sensitive", never_released=True
    )
    risk_groups: Series[Text] = field(
        "nhom_nguy_co",
        "Nhóm nguy cơ",
        "Groups of children at risk that the child is in",
        privacy="sensitive",
        never_released=True,
        form=RISKS,
        listed_in="child_risk",
    )
    support_code: Series[Whole] = field(
        "hinh_thuc_tro_giup",
        "Hình thức trợ giúp",
        "Kind of support that the child is given",
        privacy="sensitive",
        never_released=True,
        codes="child_support",
    )
    is_dead: Series[Flag] = field("tu_vong", "Đã tử vong", "Whether the child has died", privacy="personal", legal=DEATH_LAW)
    death_date: Series[Day] = DAY.field("ngay_tu_vong", "Ngày tử vong", "Day of death", privacy="personal", legal=DEATH_LAW)
    death_cause_code: Series[Whole] = field(
        "nguyen_nhan_tu_vong",
        "Nguyên nhân tử vong",
        "Cause of death",
        privacy="sensitive",
        never_released=True,
        codes="child_death_cause",
    )
    status_code: Series[Whole] = RECORD_STATUS.field()


PROFILES = Dataset(
    source=SOURCE,
    name="profiles",
    title="Sổ trẻ em",
    model=Profiles,
    road=Drop("te_tre_em"),
    each_row_is="một trẻ em có hồ sơ trong phần mềm",
    english="one child with a record in the ministry's software",
    key=("child_id",),
    kind="register",
    legal=GROUP_LAW,
    commune_name="commune_name",
    person_key="identity_number",
    rules=PROFILE_RULES,
    set_rules=PROFILE_SETS,
    open_tables=(
        OpenTable(
            name="children",
            title="Số trẻ em dưới 16 tuổi",
            measure=Count(unit="trẻ", persons=Persons("identity_number")),
            where=CHILDREN,
            decision=OPEN_DATA_CATALOGUE,
            note="Trẻ em chưa đủ 16 tuổi vào ngày 01 của tháng, theo danh sách đọc trong tháng đó; tháng đã qua không tính lại.",
        ),
    ),
)

DATASETS = (PROFILES,)
