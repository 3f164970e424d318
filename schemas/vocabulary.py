"""The fields that always come together, in two or more source systems: a row takes a class of them over whole.

A class enters this file when a second source uses it; until then it lives in its source's file. What a field alone shares with fields of
other names is its kind (schemas/terms.py).
"""

from pandera.typing import Series

from schemas.column import Day, Flag, Instant, Table, Text, Whole, field
from schemas.release import Condition
from schemas.terms import (
    AMOUNT,
    COMMUNE_CODE,
    COMMUNE_NAME,
    DAY,
    DECISION_NUMBER,
    ETHNICITY,
    HAMLET,
    IDENTITY_NUMBER,
    INSTANT,
    MONTH,
    NAME_AS_WRITTEN,
    PAYMENT_WAY,
    PERSON_NAME,
    RECORD_STATUS,
    SEX,
)

OLD_CARD_LAW = "Luật Căn cước 26/2023/QH15, Điều 46"
BIRTH_LAW = "Luật Căn cước 26/2023/QH15, Điều 9"
PHONE_LAW = "QĐ 798/QĐ-BTTTT ngày 31/5/2018"

# Which rows an open table counts. Both systems count by them.
ENTITLED = Condition(
    "entitled_on_first_day", "entitled_from <= :first_day and (entitled_until is null or entitled_until > :first_day)"
)
RECEIVED = Condition("received", "is_received")


class Placed(Table):
    """A row that names its commune, with the code and the name as received."""

    commune_code: Series[Text] = COMMUNE_CODE.field(nullable=False)
    commune_name: Series[Text] = COMMUNE_NAME.field()


class MaybePlaced(Table):
    """A row of a province-wide list: its commune gives the breakdown by unit, and may be missing."""

    commune_code: Series[Text] = COMMUNE_CODE.field(
        title="Mã xã thường trú", english="Code of the commune of permanent residence"
    )
    sex_code: Series[Whole] = SEX.field()


class Person(Placed):
    """The columns common to all person records (Luật Căn cước 26/2023/QH15; NĐ 137/2015/NĐ-CP on the personal number)."""

    identity_number: Series[Text] = IDENTITY_NUMBER.field()
    old_identity_number: Series[Text] = field(
        "so_cmnd_cu",
        "Số chứng minh nhân dân cũ",
        "Number of the old identity card, kept as a former key",
        reader="old_identity_number",
        legal=OLD_CARD_LAW,
    )
    full_name: Series[Text] = PERSON_NAME.field(nullable=False)
    birth_date: Series[Day] = field(
        "ngay_sinh",
        "Ngày sinh",
        "Day of birth; empty where only the month or the year is known",
        reader="birth_date",
        legal=BIRTH_LAW,
    )
    birth_year: Series[Whole] = field(
        "nam_sinh", "Năm sinh", "Year of birth", privacy="internal", nullable=False, legal=BIRTH_LAW
    )
    birth_precision: Series[Text] = field(
        "do_chinh_xac_ngay_sinh",
        "Độ chính xác ngày sinh",
        "Whether the day, the month or only the year of birth is known",
        privacy="internal",
        codes="birth_precision",
    )
    sex_code: Series[Whole] = SEX.field()
    ethnicity_code: Series[Text] = ETHNICITY.field()
    hamlet: Series[Text] = HAMLET.field()
    phone_number: Series[Text] = field(
        "so_dien_thoai", "Số điện thoại", "Telephone number", reader="phone_number", legal=PHONE_LAW
    )
    updated_at: Series[Instant] = INSTANT.field(
        "ngay_cap_nhat_nguon",
        "Thời điểm cập nhật tại nguồn",
        "Moment of the record's last change at the source",
        privacy="internal",
        source_type="timestamptz",
    )


class Banked(Table):
    """An account through which money is paid."""

    account_number: Series[Text] = field(
        "so_tai_khoan",
        "Số tài khoản",
        "Number of the account into which money is paid",
        reader="account_number",
        privacy="sensitive",
    )
    bank_code: Series[Text] = field(
        "ma_ngan_hang", "Mã ngân hàng", "Bank that holds the account", privacy="sensitive", codes="banks"
    )
    account_holder: Series[Text] = NAME_AS_WRITTEN.field(
        "ten_chu_tai_khoan", "Tên chủ tài khoản", "Name of the account's holder", privacy="sensitive"
    )


class Decided(Table):
    """Entitled by a decision."""

    decision_number: Series[Text] = DECISION_NUMBER.field()
    decision_date: Series[Day] = DAY.field("ngay_quyet_dinh", "Ngày quyết định", "Day of the decision", privacy="internal")
    entitled_from: Series[Day] = DAY.field("ngay_huong", "Hưởng từ ngày", "First day of entitlement", privacy="internal")
    entitled_until: Series[Day] = DAY.field(
        "ngay_thoi_huong", "Thôi hưởng từ ngày", "Day from which on there is no entitlement any more", privacy="internal"
    )
    end_reason_code: Series[Whole] = field(
        "ly_do_thoi_huong", "Lý do thôi hưởng", "Why the entitlement ended", privacy="sensitive", codes="end_reason"
    )
    status_code: Series[Whole] = RECORD_STATUS.field()


class MonthlyPayment(Table):
    """One line of a monthly payment list, with what the payer reported back (NĐ 20/2021/NĐ-CP; NĐ 131/2021/NĐ-CP)."""

    month: Series[Day] = MONTH.field(title="Tháng chi trả", english="Month that is paid for, as a day of it")
    commune_code: Series[Text] = COMMUNE_CODE.field(
        "ma_xa_chi_tra", "Mã xã chi trả", "Code of the commune where the money is paid", nullable=False
    )
    amount_vnd: Series[Whole] = AMOUNT.field(
        "so_tien", "Số tiền", "Amount paid for the month", privacy="internal", nullable=False
    )
    arrears_vnd: Series[Whole] = AMOUNT.field(
        "truy_linh", "Truy lĩnh", "Amount paid in arrears, for earlier months", privacy="internal"
    )
    is_received: Series[Flag] = field(
        "da_nhan",
        "Đã nhận tiền",
        "Whether the money was received",
        privacy="internal",
        source_type="boolean",
        nullable=False,
    )
    received_date: Series[Day] = DAY.field(
        "ngay_nhan", "Ngày nhận", "Day on which the money was received", privacy="internal", source_type="date"
    )
    payment_way_code: Series[Whole] = PAYMENT_WAY.field(expected="money")
    payer: Series[Text] = field("don_vi_chi_tra", "Đơn vị chi trả", "Organisation that pays the money out", privacy="internal")
