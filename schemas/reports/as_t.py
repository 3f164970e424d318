"""AS-T: the monthly form, sent on the first working day after the payment lists are due."""

from schemas.reports.form import Form

FORM = Form(
    code="AS-T",
    title="Báo cáo tháng: chi trả ưu đãi, trợ giúp xã hội và việc làm",
    kind="monthly",
    regime_code="ND09.T",
    indicator_codes=("NCC01", "NCC02", "NCC05", "BTX01", "BTX02", "BTX07", "LD05", "LD06", "LD07", "LD08"),
    legal_basis="NĐ 09/2019/NĐ-CP, Điều 12; TT 01/2018/TT-BLĐTBXH",
)
