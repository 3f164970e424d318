"""Fields used by two or more source systems, declared once.

A field enters this file when a second source uses it; until then it lives in its source's file. Titles are the words
officers read; source columns are the names that the sector's systems use.
"""

from pandera.typing import Series

from schemas.dataset import Day, Flag, Instant, Table, Text, TextForm, Whole, field
from schemas.release import Condition

# Which rows an open table counts. Both systems count by them.
ENTITLED = Condition(
    "entitled_on_first_day", "entitled_from <= :first_day and (entitled_until is null or entitled_until > :first_day)"
)
RECEIVED = Condition("received", "is_received")

TWELVE_DIGITS = TextForm(r"^\d{12}$", "12 chữ số")
TAX_CODE = TextForm(r"^\d{10}(-?\d{3})?$", "10 chữ số, đơn vị phụ thuộc thêm 3 chữ số")


class Placed(Table):
    """A row that names its commune, with the code and the name as received."""

    commune_code: Series[Text] = field("ma_xa_goc", "Mã xã", reader="commune_code", privacy="public", nullable=False)
    commune_name: Series[Text] = field("ten_xa", "Tên xã", reader="commune_name", privacy="public")


class MaybePlaced(Table):
    """A row of a province-wide list: its commune gives the breakdown by unit, and may be missing."""

    commune_code: Series[Text] = field("ma_xa_goc", "Mã xã thường trú", reader="commune_code", privacy="public")
    sex_code: Series[Whole] = field("gioi_tinh", "Giới tính", reader="sex", privacy="public", codes="sex", nullable=False)


class Person(Placed):
    """The columns common to all person records (Luật Căn cước 26/2023/QH15; NĐ 137/2015/NĐ-CP on the personal number)."""

    identity_number: Series[Text] = field("so_dinh_danh", "Số định danh cá nhân", reader="identity_number", form=TWELVE_DIGITS)
    old_identity_number: Series[Text] = field("so_cmnd_cu", "Số chứng minh nhân dân cũ", reader="old_identity_number")
    full_name: Series[Text] = field("ho_ten", "Họ và tên", reader="person_name", nullable=False)
    birth_date: Series[Day] = field("ngay_sinh", "Ngày sinh", reader="birth_date")
    birth_year: Series[Whole] = field("nam_sinh", "Năm sinh", privacy="internal", nullable=False)
    birth_precision: Series[Text] = field(
        "do_chinh_xac_ngay_sinh", "Độ chính xác ngày sinh", privacy="internal", codes="birth_precision"
    )
    sex_code: Series[Whole] = field("gioi_tinh", "Giới tính", reader="sex", privacy="public", codes="sex", nullable=False)
    ethnicity_code: Series[Text] = field("ma_dan_toc", "Mã dân tộc", privacy="sensitive", codes="ethnicity")
    hamlet: Series[Text] = field("thon_xom", "Thôn, xóm, khối")
    phone_number: Series[Text] = field("so_dien_thoai", "Số điện thoại", reader="phone_number")
    updated_at: Series[Instant] = field(
        "ngay_cap_nhat_nguon", "Thời điểm cập nhật tại nguồn", privacy="internal", source_type="timestamptz"
    )


class HealthInsured(Table):
    """The health-insurance card as printed (QĐ 1351/QĐ-BHXH 2015: 15 characters; since 4/2021 the 10-digit number)."""

    health_insurance_card: Series[Text] = field("so_the_bhyt", "Số thẻ bảo hiểm y tế", reader="compact_upper")


class Banked(Table):
    """An account through which money is paid."""

    account_number: Series[Text] = field("so_tai_khoan", "Số tài khoản", reader="account_number", privacy="sensitive")
    bank_code: Series[Text] = field("ma_ngan_hang", "Mã ngân hàng", privacy="sensitive", codes="banks")
    account_holder: Series[Text] = field("ten_chu_tai_khoan", "Tên chủ tài khoản", reader="text", privacy="sensitive")


class Decided(Table):
    """Entitled by a decision."""

    decision_number: Series[Text] = field("so_quyet_dinh", "Số quyết định", privacy="internal")
    decision_date: Series[Day] = field("ngay_quyet_dinh", "Ngày quyết định", privacy="internal")
    entitled_from: Series[Day] = field("ngay_huong", "Hưởng từ ngày", privacy="internal", nullable=False)
    entitled_until: Series[Day] = field("ngay_thoi_huong", "Thôi hưởng từ ngày", privacy="internal")
    end_reason_code: Series[Whole] = field("ly_do_thoi_huong", "Lý do thôi hưởng", privacy="internal", codes="end_reason")
    status_code: Series[Whole] = field("trang_thai", "Trạng thái", privacy="internal", codes="record_status", nullable=False)


class MonthlyPayment(Table):
    """One line of a monthly payment list, with what the payer reported back (NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP)."""

    month: Series[Day] = field("thang", "Tháng chi trả", privacy="public", source_type="date", nullable=False)
    commune_code: Series[Text] = field("ma_xa_chi_tra", "Mã xã chi trả", reader="commune_code", privacy="public", nullable=False)
    amount_vnd: Series[Whole] = field(
        "so_tien", "Số tiền", reader="amount_vnd", privacy="internal", nullable=False, ge=0, unit="đồng"
    )
    arrears_vnd: Series[Whole] = field("truy_linh", "Truy lĩnh", reader="amount_vnd", privacy="internal", ge=0, unit="đồng")
    is_received: Series[Flag] = field("da_nhan", "Đã nhận tiền", privacy="internal", source_type="boolean", nullable=False)
    received_date: Series[Day] = field("ngay_nhan", "Ngày nhận", privacy="internal", source_type="date")
    payment_way_code: Series[Whole] = field(
        "hinh_thuc_chi_tra", "Hình thức chi trả", privacy="public", codes="payment_way", source_type="smallint", nullable=False
    )
    payer: Series[Text] = field("don_vi_chi_tra", "Đơn vị chi trả", privacy="internal")
