"""The monthly forms of the communes (01-BCN) and of the rehabilitation centres (02-BCN): fields, road, key. Nothing of them is opened.

A row is a form, of a commune or of a centre: people are numbers in it, and still a number of two in a commune tells who they are. The
forms end with February 2025: rehabilitation is the police's since then, and the civil departments no longer see it. What came until then
is kept, and nothing later is owed.
"""

from typing import Any

from pandera.typing import Series

from schemas.column import Day, Text, Whole, field
from schemas.dataset import Dataset
from schemas.roads import Drop
from schemas.sources.social_evils_prevention.rules import CENTRE_RULES, COMMUNE_RULES, LAW
from schemas.sources.social_evils_prevention.set_rules import CENTRE_SETS, COMMUNE_SETS
from schemas.sources.social_evils_prevention.source import SOURCE
from schemas.terms import AMOUNT, ESTABLISHMENT_ID, ESTABLISHMENT_NAME, MONTH
from schemas.vocabulary import Placed

FIRST, LAST = "2024-01", "2025-02"
PARTS = {
    "opening": ("dau_ky", "đầu kỳ", "at the start of the month"),
    "added": ("tang", "tăng trong kỳ", "added in the month"),
    "removed": ("giam", "giảm trong kỳ", "gone in the month"),
    "closing": ("cuoi_ky", "cuối kỳ", "at the end of the month"),
    "female": ("nu", "nữ có mặt cuối kỳ", "women at the end of the month"),
}
ITEMS = {
    "cai_nghien_tu_nguyen_gia_dinh": ("Cai nghiện tự nguyện tại gia đình", "People in voluntary rehabilitation at home"),
    "cai_nghien_tu_nguyen_cong_dong": (
        "Cai nghiện tự nguyện tại cộng đồng",
        "People in voluntary rehabilitation in the community",
    ),
    "cai_nghien_bat_buoc_cong_dong": (
        "Cai nghiện bắt buộc tại cộng đồng",
        "People in compulsory rehabilitation in the community",
    ),
    "quan_ly_sau_cai": ("Quản lý sau cai nghiện", "People looked after once they are rehabilitated"),
    "ho_tro_van_de_xa_hoi": ("Hỗ trợ giải quyết các vấn đề xã hội", "People helped with social problems"),
    "tai_nghien": ("Tái nghiện", "People who relapsed"),
    "cai_nghien_bat_buoc": ("Cai nghiện bắt buộc tại cơ sở", "People in compulsory rehabilitation in the centre"),
    "cai_nghien_tu_nguyen": ("Cai nghiện tự nguyện tại cơ sở", "People in voluntary rehabilitation in the centre"),
}


def _people(item: str, part: str) -> Any:
    (column, words, when), (title, who) = PARTS[part], ITEMS[item]
    return field(
        f"{item}_{column}",
        f"{title}: {words}",
        f"{who}: {when}",
        privacy="sensitive",
        never_released=True,
        ge=0,
        unit="người",
    )


class CommuneForms(Placed):
    month: Series[Day] = MONTH.field()
    family_opening: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "opening")
    family_added: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "added")
    family_removed: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "removed")
    family_closing: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "closing")
    family_female: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "female")
    community_opening: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "opening")
    community_added: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "added")
    community_removed: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "removed")
    community_closing: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "closing")
    community_female: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "female")
    ordered_opening: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "opening")
    ordered_added: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "added")
    ordered_removed: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "removed")
    ordered_closing: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "closing")
    ordered_female: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "female")
    aftercare_opening: Series[Whole] = _people("quan_ly_sau_cai", "opening")
    aftercare_added: Series[Whole] = _people("quan_ly_sau_cai", "added")
    aftercare_removed: Series[Whole] = _people("quan_ly_sau_cai", "removed")
    aftercare_closing: Series[Whole] = _people("quan_ly_sau_cai", "closing")
    aftercare_female: Series[Whole] = _people("quan_ly_sau_cai", "female")
    helped_opening: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "opening")
    helped_added: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "added")
    helped_removed: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "removed")
    helped_closing: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "closing")
    helped_female: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "female")
    relapsed_opening: Series[Whole] = _people("tai_nghien", "opening")
    relapsed_added: Series[Whole] = _people("tai_nghien", "added")
    relapsed_removed: Series[Whole] = _people("tai_nghien", "removed")
    relapsed_closing: Series[Whole] = _people("tai_nghien", "closing")
    relapsed_female: Series[Whole] = _people("tai_nghien", "female")
    staff_count: Series[Whole] = field(
        "can_bo",
        "Cán bộ làm công tác phòng, chống tệ nạn",
        "Officials who work against social evils; told in December",
        privacy="internal",
        ge=0,
        unit="người",
    )
    budget_vnd: Series[Whole] = AMOUNT.field(
        "kinh_phi", "Kinh phí trong năm", "Money spent in the year; told in December", privacy="internal"
    )


class CentreForms(Placed):
    month: Series[Day] = MONTH.field()
    centre_id: Series[Text] = ESTABLISHMENT_ID.field(title="Mã cơ sở cai nghiện", english="Number of the rehabilitation centre")
    centre_name: Series[Text] = ESTABLISHMENT_NAME.field(
        title="Tên cơ sở cai nghiện", english="Name of the rehabilitation centre", nullable=True
    )
    centre_ordered_opening: Series[Whole] = _people("cai_nghien_bat_buoc", "opening")
    centre_ordered_added: Series[Whole] = _people("cai_nghien_bat_buoc", "added")
    centre_ordered_removed: Series[Whole] = _people("cai_nghien_bat_buoc", "removed")
    centre_ordered_closing: Series[Whole] = _people("cai_nghien_bat_buoc", "closing")
    centre_ordered_female: Series[Whole] = _people("cai_nghien_bat_buoc", "female")
    centre_voluntary_opening: Series[Whole] = _people("cai_nghien_tu_nguyen", "opening")
    centre_voluntary_added: Series[Whole] = _people("cai_nghien_tu_nguyen", "added")
    centre_voluntary_removed: Series[Whole] = _people("cai_nghien_tu_nguyen", "removed")
    centre_voluntary_closing: Series[Whole] = _people("cai_nghien_tu_nguyen", "closing")
    centre_voluntary_female: Series[Whole] = _people("cai_nghien_tu_nguyen", "female")


COMMUNE_FORMS = Dataset(
    source=SOURCE,
    name="commune_forms",
    title="Biểu 01-BCN của xã, phường, thị trấn",
    model=CommuneForms,
    road=Drop("tnxh_bieu_01_bcn"),
    each_row_is="một biểu 01-BCN của một xã trong một tháng",
    english="one form 01-BCN of one commune in one month",
    key=("commune_code", "month"),
    kind="monthly",
    legal=LAW,
    first_period=FIRST,
    last_period=LAST,
    placed_by="month",
    commune_name="commune_name",
    rules=COMMUNE_RULES,
    set_rules=COMMUNE_SETS,
)

CENTRE_FORMS = Dataset(
    source=SOURCE,
    name="centre_forms",
    title="Biểu 02-BCN của cơ sở cai nghiện",
    model=CentreForms,
    road=Drop("tnxh_bieu_02_bcn"),
    each_row_is="một biểu 02-BCN của một cơ sở cai nghiện trong một tháng",
    english="one form 02-BCN of one rehabilitation centre in one month",
    key=("centre_id", "month"),
    kind="monthly",
    legal=LAW,
    first_period=FIRST,
    last_period=LAST,
    placed_by="month",
    commune_name="commune_name",
    by_province=True,
    rules=CENTRE_RULES,
    set_rules=CENTRE_SETS,
)

DATASETS = (COMMUNE_FORMS, CENTRE_FORMS)
