"""The monthly forms of the communes (01-BCN) and of the rehabilitation centres (02-BCN): fields, road, key. Nothing of them is opened.

A row is a form, of a commune or of a centre: people are numbers in it, and still a number of two in a commune tells who they are. The
forms end with February 2025: rehabilitation is the police's since then, and the civil departments no longer see it. What came until then
is kept, and nothing later is owed.
"""

from typing import Any

from pandera.typing import Series

from schemas.dataset import Dataset, Day, Text, Whole, field
from schemas.roads import Drop
from schemas.sources.social_evils_prevention.rules import CENTRE_RULES, COMMUNE_RULES, LAW
from schemas.sources.social_evils_prevention.set_rules import CENTRE_SETS, COMMUNE_SETS
from schemas.sources.social_evils_prevention.source import SOURCE
from schemas.vocabulary import Placed

FIRST, LAST = "2024-01", "2025-02"
PARTS = {
    "opening": ("dau_ky", "đầu kỳ"),
    "added": ("tang", "tăng trong kỳ"),
    "removed": ("giam", "giảm trong kỳ"),
    "closing": ("cuoi_ky", "cuối kỳ"),
    "female": ("nu", "nữ có mặt cuối kỳ"),
}


def _people(item: str, title: str, part: str) -> Any:
    column, words = PARTS[part]
    return field(f"{item}_{column}", f"{title}: {words}", privacy="sensitive", never_released=True, ge=0, unit="người")


class CommuneForms(Placed):
    month: Series[Day] = field("thang", "Tháng báo cáo", privacy="public", source_type="date", nullable=False)
    family_opening: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "Cai nghiện tự nguyện tại gia đình", "opening")
    family_added: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "Cai nghiện tự nguyện tại gia đình", "added")
    family_removed: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "Cai nghiện tự nguyện tại gia đình", "removed")
    family_closing: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "Cai nghiện tự nguyện tại gia đình", "closing")
    family_female: Series[Whole] = _people("cai_nghien_tu_nguyen_gia_dinh", "Cai nghiện tự nguyện tại gia đình", "female")
    community_opening: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "Cai nghiện tự nguyện tại cộng đồng", "opening")
    community_added: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "Cai nghiện tự nguyện tại cộng đồng", "added")
    community_removed: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "Cai nghiện tự nguyện tại cộng đồng", "removed")
    community_closing: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "Cai nghiện tự nguyện tại cộng đồng", "closing")
    community_female: Series[Whole] = _people("cai_nghien_tu_nguyen_cong_dong", "Cai nghiện tự nguyện tại cộng đồng", "female")
    ordered_opening: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "Cai nghiện bắt buộc tại cộng đồng", "opening")
    ordered_added: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "Cai nghiện bắt buộc tại cộng đồng", "added")
    ordered_removed: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "Cai nghiện bắt buộc tại cộng đồng", "removed")
    ordered_closing: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "Cai nghiện bắt buộc tại cộng đồng", "closing")
    ordered_female: Series[Whole] = _people("cai_nghien_bat_buoc_cong_dong", "Cai nghiện bắt buộc tại cộng đồng", "female")
    aftercare_opening: Series[Whole] = _people("quan_ly_sau_cai", "Quản lý sau cai nghiện", "opening")
    aftercare_added: Series[Whole] = _people("quan_ly_sau_cai", "Quản lý sau cai nghiện", "added")
    aftercare_removed: Series[Whole] = _people("quan_ly_sau_cai", "Quản lý sau cai nghiện", "removed")
    aftercare_closing: Series[Whole] = _people("quan_ly_sau_cai", "Quản lý sau cai nghiện", "closing")
    aftercare_female: Series[Whole] = _people("quan_ly_sau_cai", "Quản lý sau cai nghiện", "female")
    helped_opening: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "Hỗ trợ giải quyết các vấn đề xã hội", "opening")
    helped_added: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "Hỗ trợ giải quyết các vấn đề xã hội", "added")
    helped_removed: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "Hỗ trợ giải quyết các vấn đề xã hội", "removed")
    helped_closing: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "Hỗ trợ giải quyết các vấn đề xã hội", "closing")
    helped_female: Series[Whole] = _people("ho_tro_van_de_xa_hoi", "Hỗ trợ giải quyết các vấn đề xã hội", "female")
    relapsed_opening: Series[Whole] = _people("tai_nghien", "Tái nghiện", "opening")
    relapsed_added: Series[Whole] = _people("tai_nghien", "Tái nghiện", "added")
    relapsed_removed: Series[Whole] = _people("tai_nghien", "Tái nghiện", "removed")
    relapsed_closing: Series[Whole] = _people("tai_nghien", "Tái nghiện", "closing")
    relapsed_female: Series[Whole] = _people("tai_nghien", "Tái nghiện", "female")
    staff_count: Series[Whole] = field(
        "can_bo", "Cán bộ làm công tác phòng, chống tệ nạn", privacy="internal", ge=0, unit="người"
    )
    budget_vnd: Series[Whole] = field(
        "kinh_phi", "Kinh phí trong năm", reader="amount_vnd", privacy="internal", ge=0, unit="đồng"
    )


class CentreForms(Placed):
    month: Series[Day] = field("thang", "Tháng báo cáo", privacy="public", source_type="date", nullable=False)
    centre_id: Series[Text] = field("ma_co_so", "Mã cơ sở cai nghiện", privacy="internal", nullable=False)
    centre_name: Series[Text] = field("ten_co_so", "Tên cơ sở cai nghiện", privacy="internal")
    centre_ordered_opening: Series[Whole] = _people("cai_nghien_bat_buoc", "Cai nghiện bắt buộc tại cơ sở", "opening")
    centre_ordered_added: Series[Whole] = _people("cai_nghien_bat_buoc", "Cai nghiện bắt buộc tại cơ sở", "added")
    centre_ordered_removed: Series[Whole] = _people("cai_nghien_bat_buoc", "Cai nghiện bắt buộc tại cơ sở", "removed")
    centre_ordered_closing: Series[Whole] = _people("cai_nghien_bat_buoc", "Cai nghiện bắt buộc tại cơ sở", "closing")
    centre_ordered_female: Series[Whole] = _people("cai_nghien_bat_buoc", "Cai nghiện bắt buộc tại cơ sở", "female")
    centre_voluntary_opening: Series[Whole] = _people("cai_nghien_tu_nguyen", "Cai nghiện tự nguyện tại cơ sở", "opening")
    centre_voluntary_added: Series[Whole] = _people("cai_nghien_tu_nguyen", "Cai nghiện tự nguyện tại cơ sở", "added")
    centre_voluntary_removed: Series[Whole] = _people("cai_nghien_tu_nguyen", "Cai nghiện tự nguyện tại cơ sở", "removed")
    centre_voluntary_closing: Series[Whole] = _people("cai_nghien_tu_nguyen", "Cai nghiện tự nguyện tại cơ sở", "closing")
    centre_voluntary_female: Series[Whole] = _people("cai_nghien_tu_nguyen", "Cai nghiện tự nguyện tại cơ sở", "female")


COMMUNE_FORMS = Dataset(
    source=SOURCE,
    name="commune_forms",
    title="Biểu 01-BCN của xã, phường, thị trấn",
    model=CommuneForms,
    road=Drop("tnxh_bieu_01_bcn"),
    each_row_is="một biểu 01-BCN của một xã trong một tháng",
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
