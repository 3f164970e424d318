"""The kinds of fields that source systems share, declared once: an identity number is read and written in one way, whoever's it is.

A kind enters this file when a second source uses it; until then it lives in its source's file. Titles are the words officers read; source
columns are the names that the sector's systems use. Who uses what is printed in docs/dictionary/vocabulary.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as _attribute
from typing import Any

from schemas.column import Day, Flag, Instant, Privacy, Text, TextForm, Whole, field

TWELVE_DIGITS = TextForm(r"^\d{12}$", "12 chữ số")
TWELVE_OR_NINE_DIGITS = TextForm(r"^(\d{12}|\d{9})$", "12 chữ số, hoặc 9 chữ số của chứng minh nhân dân cũ")
TEN_DIGITS = TextForm(r"^\d{10}(-?\d{3})?$", "10 chữ số, đơn vị phụ thuộc thêm 3 chữ số")

IDENTITY_LAW = "NĐ 137/2015/NĐ-CP; Luật Căn cước 26/2023/QH15"
UNITS_LAW = "QĐ 124/2004/QĐ-TTg; NQ 1243/NQ-UBTVQH15; NQ 1678/NQ-UBTVQH15"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A kind of field that systems share: its type, how it is read and written, and the law by which it is kept.

    `source_column`, `title` and `english` are what a field of it is called where nothing else is said, `privacy` and `facts` what holds
    of it then.
    """

    name: str
    title: str
    english: str
    type: Any
    source_column: str | None = None
    reader: str | None = None
    form: TextForm | None = None
    codes: str | None = None
    unit: str | None = None
    legal: str | None = None
    privacy: Privacy = "personal"
    facts: Mapping[str, Any] = _attribute(default_factory=dict)

    def field(
        self, source_column: str | None = None, title: str | None = None, english: str | None = None, **particular: Any
    ) -> Any:
        """Declare a field of this kind, with what is particular to it. Raises TypeError where that would make it of another kind."""
        column = source_column or self.source_column
        if column is None:
            raise TypeError(f"a field of the kind {self.name} names its source column: the term has none")
        facts: dict[str, Any] = {"legal": self.legal, "privacy": self.privacy, **self.facts, **particular}
        return field(
            column,
            title or self.title,
            english or self.english,
            term=self.name,
            reader=self.reader,
            form=self.form,
            codes=self.codes,
            unit=self.unit,
            **facts,
        )


# --- a person --------------------------------------------------------------------------------------------------------------

IDENTITY_NUMBER = Term(
    name="identity_number",
    title="Số định danh cá nhân",
    english="Personal identity number, which is the number of the citizen's card too",
    type=Text,
    source_column="so_dinh_danh",
    reader="identity_number",
    form=TWELVE_DIGITS,
    legal=IDENTITY_LAW,
)
# Of whom a row holds no other number: a parent, the head of a household. In the field of another person's old card it would be taken for
# that person's.
IDENTITY_OR_OLD_CARD = replace(
    IDENTITY_NUMBER,
    name="identity_or_old_card",
    english="Personal identity number; the number of the old card where that was given instead",
    reader="identity_or_old_card",
    form=TWELVE_OR_NINE_DIGITS,
)
PERSON_NAME = Term(
    name="full_name",
    title="Họ và tên",
    english="Full name of the person",
    type=Text,
    source_column="ho_ten",
    reader="person_name",
)
# Whom an account or a permit names may be a firm or a foreigner: letters that no Vietnamese name has are no fault there.
NAME_AS_WRITTEN = Term(
    name="name_as_written",
    title="Tên như giấy tờ ghi",
    english="Name as the paper writes it, of a person of any country or of an organisation",
    type=Text,
    reader="text",
)
SEX = Term(
    name="sex_code",
    title="Giới tính",
    english="Sex",
    type=Whole,
    source_column="gioi_tinh",
    reader="sex",
    codes="sex",
    privacy="public",
    facts={"nullable": False},
)
ETHNICITY = Term(
    name="ethnicity_code",
    title="Mã dân tộc",
    english="Ethnicity",
    type=Text,
    source_column="ma_dan_toc",
    codes="ethnicity",
    privacy="sensitive",
)
TRAINING_LEVEL = Term(
    name="training_level_code",
    title="Trình độ chuyên môn kỹ thuật",
    english="Highest level of vocational or professional training",
    type=Whole,
    source_column="trinh_do_cmkt",
    codes="training_level",
    privacy="public",
)
HEALTH_INSURED = Term(
    name="has_health_insurance",
    title="Có bảo hiểm y tế",
    english="Whether the person has health insurance",
    type=Flag,
    source_column="co_bhyt",
    privacy="internal",
)
UNEMPLOYMENT_INSURED = Term(
    name="paid_months",
    title="Số tháng đóng bảo hiểm thất nghiệp",
    english="Months for which unemployment insurance was paid",
    type=Whole,
    source_column="so_thang_dong",
    unit="tháng",
    privacy="internal",
    facts={"expected": "money", "ge": 0},
)
RECORD_STATUS = Term(
    name="status_code",
    title="Trạng thái",
    english="Whether the record is active, stopped, suspended, or its person dead or moved away",
    type=Whole,
    source_column="trang_thai",
    codes="record_status",
    privacy="internal",
    facts={"nullable": False},
)

# --- a household, a place, an establishment ----------------------------------------------------------------------------------

HOUSEHOLD_ID = Term(
    name="household_id",
    title="Mã hộ",
    english="Number of the household in the register of poor and near-poor households",
    type=Text,
    source_column="ma_ho",
)
COMMUNE_CODE = Term(
    name="commune_code",
    title="Mã xã",
    english="Code of the commune, of the set of communes in force on the day",
    type=Text,
    source_column="ma_xa_goc",
    reader="commune_code",
    legal=UNITS_LAW,
    privacy="public",
)
COMMUNE_NAME = Term(
    name="commune_name",
    title="Tên xã",
    english="Name of the commune",
    type=Text,
    source_column="ten_xa",
    reader="commune_name",
    legal=UNITS_LAW,
    privacy="public",
)
HAMLET = Term(
    name="hamlet",
    title="Thôn, xóm, khối",
    english="Hamlet, village or block, in free words",
    type=Text,
    source_column="thon_xom",
)
ESTABLISHMENT_ID = Term(
    name="establishment_id",
    title="Mã cơ sở",
    english="Number of the establishment in the register of its own system",
    type=Text,
    source_column="ma_co_so",
    privacy="internal",
    facts={"nullable": False},
)
ESTABLISHMENT_NAME = Term(
    name="establishment_name",
    title="Tên cơ sở",
    english="Name of the establishment",
    type=Text,
    source_column="ten_co_so",
    privacy="internal",
    facts={"nullable": False},
)
TAX_CODE = Term(
    name="tax_code",
    title="Mã số thuế",
    english="Tax code of the employer, with three digits more for a dependent unit",
    type=Text,
    source_column="ma_so_thue",
    reader="digits",
    form=TEN_DIGITS,
    legal="TT 105/2020/TT-BTC, Điều 5",
    privacy="internal",
    facts={"nullable": False},
)
PLACE_COUNT = Term(
    name="place_count",
    title="Số chỗ cần tuyển",
    english="Number of places to be filled",
    type=Whole,
    source_column="so_luong",
    unit="chỗ",
    privacy="internal",
    facts={"nullable": False},
)

# --- a period, a date --------------------------------------------------------------------------------------------------------

MONTH = Term(
    name="month",
    title="Tháng báo cáo",
    english="Month that the row is about, as a day of it",
    type=Day,
    source_column="thang",
    privacy="public",
    facts={"nullable": False, "source_type": "date"},
)
YEAR = Term(
    name="year",
    title="Năm",
    english="Year that the row is about",
    type=Whole,
    privacy="public",
    facts={"nullable": False, "source_type": "smallint"},
)
DAY = Term(name="day", title="Ngày", english="A day, in any of the ways in which people write one", type=Day)
INSTANT = Term(name="instant", title="Thời điểm", english="A moment, with its time zone", type=Instant)
# As the services of the platform write them.
COMPACT_DAY = Term(
    name="compact_day",
    title="Ngày viết liền",
    english="A day, written as eight digits without anything between",
    type=Day,
    reader="compact_day",
)
COMPACT_INSTANT = Term(
    name="compact_instant",
    title="Thời điểm viết liền",
    english="A moment of Vietnamese time, written as fourteen digits without anything between",
    type=Instant,
    reader="compact_instant",
)

# --- an amount, a decision, a payment ------------------------------------------------------------------------------------------

AMOUNT = Term(
    name="amount",
    title="Số tiền",
    english="Amount of money",
    type=Whole,
    reader="amount_vnd",
    unit="đồng",
    facts={"ge": 0},
)
DECISION_NUMBER = Term(
    name="decision_number",
    title="Số quyết định",
    english="Number of the decision",
    type=Text,
    source_column="so_quyet_dinh",
    privacy="internal",
)
PAYMENT_WAY = Term(
    name="payment_way_code",
    title="Hình thức chi trả",
    english="Way of payment: cash, bank account or electronic wallet",
    type=Whole,
    source_column="hinh_thuc_chi_tra",
    codes="payment_way",
    privacy="public",
    facts={"source_type": "smallint"},
)

TERMS: tuple[Term, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Term))
