"""The register of children: what a row is, its fields, how it comes, what is opened.

One living list, not one a year: a child stays in it from birth to the sixteenth birthday, enters a group on a day and leaves it on one,
and each figure is asked for as of a day or between two. A list a year would send a million unchanged rows every year, and the children
who were harmed in a quarter would be known when the year is over.
"""

from pandera.typing import Series

from schemas.dataset import Dataset, Day, Flag, Text, TextForm, Whole, field
from schemas.release import OPEN_DATA_CATALOGUE, Condition, Count, OpenTable, Persons
from schemas.roads import Drop
from schemas.sources.children.rules import GROUP_LAW, PROFILE_RULES, SUBGROUPS
from schemas.sources.children.set_rules import PROFILE_SETS
from schemas.sources.children.source import SOURCE
from schemas.vocabulary import TWELVE_DIGITS, Person

SPECIAL = TextForm(f"^{SUBGROUPS.pattern}$", "các mã nhóm dạng 01.2, cách nhau bằng dấu phẩy")
RISKS = TextForm(r"^\d(, ?\d)*$", "các mã một chữ số, cách nhau bằng dấu phẩy")
# Who died or moved away is in no open figure; who turned sixteen is out by the age alone, whatever the record says.
CHILDREN = Condition("children_on_first_day", "status_code in (1, 2, 5)", younger_than=16)


class Profiles(Person):
    child_id: Series[Text] = field("ma_tre_em", "Mã trẻ em", nullable=False)
    birth_certificate: Series[Text] = field("so_giay_khai_sinh", "Số giấy khai sinh", reader="text")
    father_name: Series[Text] = field("ho_ten_cha", "Họ và tên cha", reader="person_name")
    mother_name: Series[Text] = field("ho_ten_me", "Họ và tên mẹ", reader="person_name")
    father_identity_number: Series[Text] = field(
        "so_dinh_danh_cha", "Số định danh của cha", reader="identity_number", form=TWELVE_DIGITS
    )
    mother_identity_number: Series[Text] = field(
        "so_dinh_danh_me", "Số định danh của mẹ", reader="identity_number", form=TWELVE_DIGITS
    )
    caregiver_name: Series[Text] = field("nguoi_cham_soc", "Người chăm sóc", reader="person_name")
    household_id: Series[Text] = field("ma_ho", "Mã hộ")
    has_birth_certificate: Series[Flag] = field("co_khai_sinh", "Có khai sinh", privacy="internal")
    has_health_insurance: Series[Flag] = field("co_bhyt", "Có bảo hiểm y tế", privacy="internal")
    schooling_code: Series[Whole] = field("tinh_trang_hoc", "Tình trạng học", privacy="internal", codes="child_schooling")
    # Abuse, trafficking, HIV, disability stand in it as codes.
    special_groups: Series[Text] = field(
        "nhom_hcdb",
        "Nhóm trẻ em có hoàn cảnh đặc biệt",
        privacy="sensitive",
        never_released=True,
        form=SPECIAL,
    )
    entered_date: Series[Day] = field("ngay_vao_nhom", "Ngày vào nhóm", privacy="sensitive", never_released=True)
    left_date: Series[Day] = field("ngay_ra_nhom", "Ngày ra nhóm", privacy="sensitive", never_released=True)
    risk_groups: Series[Text] = field(
        "nhom_nguy_co",
        "Nhóm nguy cơ",
        privacy="sensitive",
        never_released=True,
        form=RISKS,
    )
    support_code: Series[Whole] = field(
        "hinh_thuc_tro_giup", "Hình thức trợ giúp", privacy="sensitive", never_released=True, codes="child_support"
    )
    is_dead: Series[Flag] = field("tu_vong", "Đã tử vong", privacy="personal")
    death_date: Series[Day] = field("ngay_tu_vong", "Ngày tử vong", privacy="personal")
    death_cause_code: Series[Whole] = field(
        "nguyen_nhan_tu_vong", "Nguyên nhân tử vong", privacy="sensitive", never_released=True, codes="child_death_cause"
    )
    status_code: Series[Whole] = field("trang_thai", "Trạng thái", privacy="internal", codes="record_status", nullable=False)


PROFILES = Dataset(
    source=SOURCE,
    name="profiles",
    title="Sổ trẻ em",
    model=Profiles,
    road=Drop("te_tre_em"),
    each_row_is="một trẻ em có hồ sơ trong phần mềm",
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
