"""The houses of gratitude and the contributions of a month: fields, road, key, open table."""

from pandera.typing import Series

from schemas.column import Day, Text, TextForm, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.sources.gratitude_fund.rules import CONTRIBUTION_RULES, HOUSE_RULES
from schemas.sources.gratitude_fund.set_rules import CONTRIBUTION_SETS, HOUSE_SETS
from schemas.sources.gratitude_fund.source import SOURCE
from schemas.terms import AMOUNT, DAY, DECISION_NUMBER
from schemas.vocabulary import Placed

HOUSE_NUMBER = TextForm(r"^NTN-\d{4}$", "NTN- và 4 chữ số")


class Houses(Placed):
    house_id: Series[Text] = field(
        "ma_nha", "Mã nhà tình nghĩa", "House of gratitude", privacy="internal", nullable=False, form=HOUSE_NUMBER
    )
    kind_code: Series[Whole] = field(
        "loai_nha",
        "Loại công trình",
        "Whether the house is new or repaired",
        privacy="public",
        codes="house_kind",
        nullable=False,
    )
    finished_date: Series[Day] = DAY.field(
        "ngay_hoan_thanh", "Ngày hoàn thành", "Day on which the house was finished", privacy="internal", nullable=False
    )
    cost_vnd: Series[Whole] = AMOUNT.field("kinh_phi", "Kinh phí", "Cost of the house", privacy="internal", nullable=False)


class Contributions(Placed):
    contribution_id: Series[Text] = field(
        "ma_dong_gop", "Mã đóng góp", "Number of the contribution", privacy="internal", nullable=False
    )
    given_date: Series[Day] = DAY.field(
        "ngay_dong_gop", "Ngày đóng góp", "Day of the contribution", privacy="internal", source_type="date", nullable=False
    )
    giver_kind_code: Series[Whole] = field(
        "doi_tuong_dong_gop", "Đối tượng đóng góp", "Kind of giver", privacy="public", codes="giver_kind", nullable=False
    )
    house_id: Series[Text] = field("ma_nha", "Mã nhà tình nghĩa", "House of gratitude", privacy="internal", form=HOUSE_NUMBER)
    amount_vnd: Series[Whole] = AMOUNT.field("so_tien", "Số tiền", "Amount given", privacy="internal", nullable=False, ge=None)
    decision_number: Series[Text] = DECISION_NUMBER.field(
        title="Số quyết định phân bổ", english="Number of the decision that gives the money to a house"
    )


HOUSES = Dataset(
    source=SOURCE,
    name="houses",
    title="Nhà tình nghĩa",
    model=Houses,
    road=Sql("qd_nha", BY_ROW_VERSION),
    each_row_is="một nhà tình nghĩa đã xây hoặc đã sửa",
    english="one house of gratitude",
    key=("house_id",),
    kind="register",
    legal="NĐ 131/2021/NĐ-CP, Điều 155",
    commune_name="commune_name",
    rules=HOUSE_RULES,
    set_rules=HOUSE_SETS,
)

CONTRIBUTIONS = Dataset(
    source=SOURCE,
    name="contributions",
    title="Đóng góp vào Quỹ trong tháng",
    model=Contributions,
    road=Sql("qd_dong_gop", BY_ROW_VERSION),
    each_row_is="một khoản đóng góp",
    english="one contribution",
    key=("contribution_id",),
    kind="monthly",
    legal="NĐ 131/2021/NĐ-CP, Điều 155",
    first_period="2024-08",
    placed_by="given_date",
    commune_name="commune_name",
    rules=CONTRIBUTION_RULES,
    set_rules=CONTRIBUTION_SETS,
    open_tables=(
        OpenTable(
            name="contributions_by_giver",
            title="Số khoản đóng góp vào Quỹ Đền ơn đáp nghĩa theo đối tượng đóng góp",
            measure=Count(unit="khoản"),
            by="giver_kind_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

DATASETS = (HOUSES, CONTRIBUTIONS)
