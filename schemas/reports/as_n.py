"""AS-N: the yearly form, sent on 15 January of the next year."""

from schemas.reports.form import Form

FORM = Form(
    code="AS-N",
    title="Báo cáo năm: hộ nghèo, hộ cận nghèo và lao động",
    kind="yearly",
    regime_code="ND09.N",
    indicator_codes=("HN01", "HN02", "HN03", "HN04", "HN05", "HN06", "HN07", "LD01", "LD02", "LD03", "LD04"),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; TT 01/2018/TT-BLĐTBXH; TT 01/2022/TT-BLĐTBXH, Điều 18",
)
